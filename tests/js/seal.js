/**
 * Seal files as a browser does, part by part, for the stock SDK to open: `node seal.js FOLDER < order.json`.
 * The order: {data_key, wrapped_key, key_arn, context, frames_per_part, sizes}; one message per size is written.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { concat, importDataKey } from '../../chalicelib/static/js/envelope.js';
import { digestPiece, sealPart } from '../../chalicelib/static/js/sealing.js';
import { newMessageId, sealHeader } from '../../chalicelib/static/js/envelope-seal.js';
import { pattern, unbase64 } from './vectors.js';
import { pieceCount } from '../../chalicelib/static/js/digest.js';

const order = JSON.parse(readFileSync(0, 'utf8'));
const dataKey = await importDataKey(unbase64(order.data_key));
const [keyArn, wrappedKey, framesPerPart] = [order.key_arn, unbase64(order.wrapped_key), order.frames_per_part];

for (const size of order.sizes) {
  const file = new Blob([pattern(size)]);
  const messageId = newMessageId();
  const { header, frameKey } = await sealHeader(dataKey, { messageId, context: order.context, keyArn, wrappedKey });
  const pieces = [];
  for (let piece = 0; piece < pieceCount(size); piece += 1) pieces.push(await digestPiece({ file, size, piece }));
  const parts = [];
  for (let part = 1; part === 1 || (part - 1) * framesPerPart * 65536 < size; part += 1) {
    const { sealed } = await sealPart({ file, size, frameKey, messageId, pieces, part, framesPerPart });
    parts.push(new Uint8Array(sealed));
  }
  writeFileSync(`${process.argv[2]}/${size}`, concat(header, ...parts));
}
