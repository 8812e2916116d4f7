/** Seal one part of a file: read it once, see that it has not changed, only then encrypt. Runs in a worker. */
import { FRAME_LENGTH, FRAME_OVERHEAD, refuse, same, sealedSize } from './envelope.js';
import { PIECE_LENGTH, readPiece, sha256 } from './digest.js';
import { sealFrames } from './envelope-seal.js';

/**
 * @param {PartOrder} order
 * @returns {Promise<SealedPart>} or EnvelopeError file_changed, before any frame of the changed piece is encrypted
 */
export async function sealPart({ file, size, frameKey, messageId, pieces, part, framesPerPart }) {
  const start = (part - 1) * framesPerPart * FRAME_LENGTH;
  const end = Math.min(start + framesPerPart * FRAME_LENGTH, size);
  const last = end === size;
  const frames = Math.ceil((end - start) / FRAME_LENGTH);
  const out = new Uint8Array(last ? sealedSize(end - start) : end - start + FRAME_OVERHEAD * frames);
  for (let at = start, filled = 0; at < end || filled === 0; ) {
    const piece = Math.floor(at / PIECE_LENGTH);
    const bytes = await readPiece(file, size, piece);
    if (!same(await sha256(bytes), pieces[piece])) refuse('file_changed');
    const stop = Math.min(end, (piece + 1) * PIECE_LENGTH);
    const clear = bytes.subarray(at - piece * PIECE_LENGTH, stop - piece * PIECE_LENGTH);
    const final = last && stop === end;
    const room = final ? sealedSize(clear.length) : clear.length + FRAME_OVERHEAD * (clear.length / FRAME_LENGTH);
    const place = { index: at / FRAME_LENGTH, last: final, out: out.subarray(filled, filled + room) };
    await sealFrames(frameKey, messageId, clear, place);
    at = stop;
    filled += room;
  }
  return { sealed: out.buffer, sha256: await sha256(out) };
}

/**
 * @param {PieceOrder} order
 * @returns {Promise<Bytes>} SHA-256 of that piece
 */
export async function digestPiece({ file, size, piece }) {
  return sha256(await readPiece(file, size, piece));
}
