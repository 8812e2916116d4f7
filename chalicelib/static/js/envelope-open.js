/** The opening side of the envelope: every check fails with an EnvelopeError. Their order: tests/vectors/README.md. */
import { FINAL, FRAME_LENGTH, SUITE, concat, derive, encodeContext, frameAad, frameCount, nonce, refuse, same, utf8 } from './envelope.js';

const TAG = 16; // bytes

/**
 * Check the header at the start of `bytes`.
 * @param {CryptoKey} dataKey
 * @param {Bytes} bytes
 * @param {HeaderExpected} expected
 * @returns {Promise<{frameKey: CryptoKey, messageId: Bytes, length: number}>} length of the header, bytes
 */
export async function openHeader(dataKey, bytes, expected) {
  let at = 0;
  const take = (/** @type {number} */ count) => {
    if (at + count > bytes.length) refuse('header_malformed');
    return bytes.subarray(at, (at += count));
  };
  const number = (/** @type {number} */ count) => take(count).reduce((sum, byte) => sum * 256 + byte, 0);
  if (number(1) !== 2) refuse('header_malformed');
  if (number(2) !== SUITE) refuse('header_suite');
  const messageId = take(32).slice();
  if (!same(take(number(2)), encodeContext(expected.context))) refuse('header_context');
  if (number(2) !== 1) refuse('header_wrapped_keys');
  const [provider, arn, wrapped] = [take(number(2)), take(number(2)), take(number(2))];
  if (!same(provider, utf8('aws-kms')) || !arn.length || !wrapped.length) refuse('header_wrapped_keys');
  if (number(1) !== 2) refuse('header_malformed');
  if (number(4) !== FRAME_LENGTH) refuse('header_frame_length');
  const stated = take(32);
  const aad = bytes.slice(0, at);
  const tag = take(TAG);
  const { frameKey, commitment } = await derive(dataKey, messageId);
  if (!same(stated, commitment)) refuse('header_commitment');
  await decrypt(frameKey, nonce(0), aad, tag, 'header_tag');
  if (expected.messageId && !same(messageId, expected.messageId)) refuse('message_id');
  if (expected.detached && at !== bytes.length) refuse('trailing_bytes');
  return { frameKey, messageId, length: at };
}

/**
 * Open the frame at the start of `bytes`.
 * @param {CryptoKey} frameKey
 * @param {Bytes} messageId
 * @param {Bytes} bytes at least one frame, unless the message was cut
 * @param {number} index from 0
 * @param {number} [size] bytes of the whole clear text, when it is known
 * @returns {Promise<{clear: Bytes, final: boolean, length: number}>} length of the sealed frame, bytes
 */
export async function openFrame(frameKey, messageId, bytes, index, size) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 4) refuse('truncated');
  const final = view.getUint32(0) === FINAL;
  const at = final ? 24 : 16;
  if (bytes.length < at) refuse('truncated');
  const iv = nonce(index + 1);
  const head = bytes.subarray(final ? 4 : 0, final ? 20 : 16);
  if (!same(head, concat(iv.subarray(8), iv))) refuse('frame_order');
  if (size !== undefined && final !== (index === frameCount(size) - 1)) refuse('final_frame');
  const count = final ? view.getUint32(20) : FRAME_LENGTH;
  const known = size === undefined ? count : Math.min(FRAME_LENGTH, size - index * FRAME_LENGTH);
  if (count !== known || count > FRAME_LENGTH) refuse('frame_length');
  const length = at + count + TAG;
  if (bytes.length < length) refuse('truncated');
  if (final && bytes.length > length) refuse('trailing_bytes');
  const aad = frameAad(messageId, final, index + 1, count);
  const clear = await decrypt(frameKey, iv, aad, bytes.subarray(at, length), 'frame_tag');
  return { clear: new Uint8Array(clear), final, length };
}

/**
 * Open a whole message in memory; also takes the empty last frame that stock SDKs write after full ones.
 * @param {CryptoKey} dataKey
 * @param {Bytes} bytes
 * @param {HeaderExpected} expected
 * @returns {Promise<Bytes>} the clear text
 */
export async function openMessage(dataKey, bytes, expected) {
  let { frameKey, messageId, length: at } = await openHeader(dataKey, bytes, expected);
  const clear = [];
  for (let index = 0, final = false; !final; index += 1) {
    const frame = await openFrame(frameKey, messageId, bytes.subarray(at), index);
    clear.push(frame.clear);
    ({ final } = frame);
    at += frame.length;
  }
  return concat(...clear);
}

/**
 * @param {CryptoKey} key
 * @param {Bytes} iv
 * @param {Bytes} additionalData
 * @param {Bytes} sealed
 * @param {string} code
 */
async function decrypt(key, iv, additionalData, sealed, code) {
  try {
    return await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, sealed);
  } catch {
    return refuse(code);
  }
}
