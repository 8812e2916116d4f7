/** The sealing side of the envelope. */
import {
  FINAL, FRAME_LENGTH, FRAME_OVERHEAD, SUITE, concat, derive, encodeContext, field, frameAad, frameCount, nonce, sealedSize,
  u16, u32, utf8,
} from './envelope.js';

const IN_FLIGHT = 16; // frames a call gives WebCrypto at once

/** @returns {Bytes} 32 bytes that were never used before */
export const newMessageId = () => crypto.getRandomValues(new Uint8Array(32));

/**
 * Make the header of one message, and the key of its frames (non-extractable AES-GCM).
 * @param {CryptoKey} dataKey
 * @param {HeaderFields} fields
 * @returns {Promise<{header: Bytes, frameKey: CryptoKey}>}
 */
export async function sealHeader(dataKey, { messageId, context, keyArn, wrappedKey }) {
  const { frameKey, commitment } = await derive(dataKey, messageId);
  const wrap = [utf8('aws-kms'), utf8(keyArn), wrappedKey].map(field);
  const body = concat(
    Uint8Array.of(2), u16(SUITE), messageId, field(encodeContext(context)), u16(1), ...wrap,
    Uint8Array.of(2), u32(FRAME_LENGTH), commitment,
  );
  const gcm = { name: 'AES-GCM', iv: nonce(0), additionalData: body };
  const tag = await crypto.subtle.encrypt(gcm, frameKey, new Uint8Array(0));
  return { header: concat(body, new Uint8Array(tag)), frameKey };
}

/**
 * Seal consecutive frames into `out`. A frame key and an index must never meet two clear texts: the caller sees to it.
 * @param {CryptoKey} frameKey
 * @param {Bytes} messageId
 * @param {Bytes} clear whole frames, except at the end of the message
 * @param {{index: number, last: boolean, out: Bytes}} place index of the first frame, from 0; whether the last one ends
 *   the message; the exact room for them
 */
export async function sealFrames(frameKey, messageId, clear, { index, last, out }) {
  const count = frameCount(clear.length);
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const i = next;
      next += 1;
      const frame = clear.subarray(i * FRAME_LENGTH, (i + 1) * FRAME_LENGTH);
      const final = last && i === count - 1;
      const iv = nonce(index + i + 1);
      const gcm = { name: 'AES-GCM', iv, additionalData: frameAad(messageId, final, index + i + 1, frame.length) };
      const sealed = await crypto.subtle.encrypt(gcm, frameKey, frame);
      const head = concat(iv.subarray(8), iv);
      const start = i * (FRAME_LENGTH + FRAME_OVERHEAD);
      out.set(final ? concat(u32(FINAL), head, u32(frame.length)) : head, start);
      out.set(new Uint8Array(sealed), start + (final ? 24 : 16));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

/**
 * Seal a whole message in memory: header and frames.
 * @param {CryptoKey} dataKey
 * @param {HeaderFields} fields
 * @param {Bytes} clear
 * @returns {Promise<Bytes>}
 */
export async function sealMessage(dataKey, fields, clear) {
  const { header, frameKey } = await sealHeader(dataKey, fields);
  const out = new Uint8Array(sealedSize(clear.length));
  await sealFrames(frameKey, fields.messageId, clear, { index: 0, last: true, out });
  return concat(header, out);
}
