/**
 * The envelope: AWS Encryption SDK message format 2, suite 0x0478, frames of 65,536 bytes, one "aws-kms" wrapped key.
 * What both sides share; envelope-seal.js and envelope-open.js are the two sides. Touches neither DOM nor network.
 */

export const FRAME_LENGTH = 65536; // bytes of clear text
export const FRAME_OVERHEAD = 32; // sequence, iv, tag; 8 more in the final frame
export const FINAL = 0xffffffff; // marks the final frame
export const SUITE = 0x0478;
const LABELS = ['AWSKMSEncryptionClient Frame', 'AWSKMSEncryptionClient Final Frame'].map(utf8);

/** What is sealed, or was to be, is not what it should be: `code` says how, and nothing else is told. */
export class EnvelopeError extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.name = 'EnvelopeError';
    this.code = code;
  }
}

/**
 * @param {string} code
 * @returns {never}
 */
export function refuse(code) {
  throw new EnvelopeError(code);
}

/** Refuse to go on where there is no real cryptography: an old browser, or a page without TLS. */
export function requireCrypto() {
  const here = globalThis.crypto;
  if (typeof here?.subtle?.encrypt !== 'function' || typeof here.getRandomValues !== 'function') refuse('no_crypto');
}

/** @param {number} size bytes of clear text */
export const frameCount = (size) => Math.max(1, Math.ceil(size / FRAME_LENGTH));

/** @param {number} size bytes of clear text; gives the bytes of its frames */
export const sealedSize = (size) => size + FRAME_OVERHEAD * frameCount(size) + 8;

/**
 * Import a data key so that no script can read it again; the bytes given are erased.
 * @param {Bytes} bytes 32 of them
 * @returns {Promise<CryptoKey>}
 */
export async function importDataKey(bytes) {
  if (bytes.length !== 32) refuse('data_key');
  const key = await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey', 'deriveBits']);
  bytes.fill(0);
  return key;
}

/**
 * @param {CryptoKey} dataKey
 * @param {Bytes} messageId
 */
export async function derive(dataKey, messageId) {
  const kdf = { name: 'HKDF', hash: 'SHA-512', salt: messageId };
  const info = concat(u16(SUITE), utf8('DERIVEKEY'));
  const aes = { name: 'AES-GCM', length: 256 };
  const frameKey = await crypto.subtle.deriveKey({ ...kdf, info }, dataKey, aes, false, ['encrypt', 'decrypt']);
  const commitment = await crypto.subtle.deriveBits({ ...kdf, info: utf8('COMMITKEY') }, dataKey, 256);
  return { frameKey, commitment: new Uint8Array(commitment) };
}

/** @param {Context} context */
export function encodeContext(context) {
  const pairs = Object.entries(context).map((pair) => pair.map(utf8));
  pairs.sort(([a], [b]) => {
    const at = a.findIndex((byte, i) => byte !== b[i]);
    return at < 0 ? a.length - b.length : a[at] - (b[at] ?? -1);
  });
  return concat(u16(pairs.length), ...pairs.flat().map(field));
}

/**
 * @param {Bytes} messageId
 * @param {boolean} final
 * @param {number} sequence from 1
 * @param {number} length bytes of clear text
 */
export function frameAad(messageId, final, sequence, length) {
  return concat(messageId, LABELS[final ? 1 : 0], u32(sequence), u32(0), u32(length));
}

/** @param {number} sequence 0 for the header */
export const nonce = (sequence) => concat(new Uint8Array(8), u32(sequence));

/** @param {string} text */
export function utf8(text) {
  return new TextEncoder().encode(text);
}

/** @param {number} value */
export const u16 = (value) => Uint8Array.of(value >>> 8, value);

/** @param {number} value */
export const u32 = (value) => concat(u16(value >>> 16), u16(value));

/** @param {Bytes} bytes; gives them after their length */
export const field = (bytes) => concat(u16(bytes.length), bytes);

/**
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 */
export function same(a, b) {
  return a.length === b.length && a.reduce((difference, byte, at) => difference | (byte ^ b[at]), 0) === 0;
}

/** @param {Uint8Array[]} pieces */
export function concat(...pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  pieces.reduce((at, piece) => (whole.set(piece, at), at + piece.length), 0);
  return whole;
}
