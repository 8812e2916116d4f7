/** Time sealing, bare AES-GCM and the encrypted content encoding over the same Blob. */
import { Crew } from '/chalicelib/static/js/crew.js';
import { digestPiece, sealPart } from '/chalicelib/static/js/sealing.js';
import { encode } from './ece.js';

const MIB = 1024 * 1024;
const PART = 8 * MIB;
const FRAMES = 128;
const ROUNDS = 3;

/** @param {number} mebibytes */
async function material(mebibytes) {
  const chunk = crypto.getRandomValues(new Uint8Array(65536));
  const file = new Blob(Array.from({ length: mebibytes * 16 }, () => chunk));
  const frameKey = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const size = file.size;
  const pieces = [];
  for (let piece = 0; piece * PART < size; piece++) pieces.push(await digestPiece({ file, size, piece }));
  return { file, size, frameKey, pieces, messageId: crypto.getRandomValues(new Uint8Array(32)) };
}

/** @param {number} mebibytes @param {() => Promise<void>} work */
async function best(mebibytes, work) {
  let rate = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    await work();
    rate = Math.max(rate, mebibytes / ((performance.now() - begun) / 1000));
  }
  return rate;
}

/** @param {number} mebibytes */
async function measure(mebibytes) {
  const given = await material(mebibytes);
  const orders = given.pieces.map((_, index) => ({ ...given, part: index + 1, framesPerPart: FRAMES }));
  const crew = new Crew();
  return {
    plain: await best(mebibytes, async () => {
      for (let at = 0, block = 0; at < given.size; at += MIB, block++) {
        const clear = await given.file.slice(at, at + MIB).arrayBuffer();
        const iv = new Uint8Array(12);
        new DataView(iv.buffer).setUint32(8, block);
        await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, given.frameKey, clear);
      }
    }),
    ece: await best(mebibytes, async () => {
      if ((await encode(given.file)) < given.size) throw new Error('not all of it');
    }),
    seal: await best(mebibytes, async () => {
      for (const order of orders) await sealPart(order);
    }),
    crew: await best(mebibytes, async () => {
      await Promise.all(orders.map((order) => crew.sealPart(order)));
    }),
  };
}

Object.assign(window, { measure });
