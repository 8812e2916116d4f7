/** Bytes as base64. */

/**
 * @param {string} text standard base64 with padding
 * @returns {Bytes}
 * @throws {TypeError} when it is anything else
 */
export function fromBase64(text) {
  const bytes = Uint8Array.from(globalThis.atob(text), (character) => character.charCodeAt(0));
  if (toBase64(bytes) !== text) throw new TypeError('not base64');
  return bytes;
}

/**
 * @param {Uint8Array | ArrayBuffer} source
 * @returns {string}
 */
export function toBase64(source) {
  const bytes = new Uint8Array(source);
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return globalThis.btoa(text);
}
