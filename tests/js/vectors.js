/** The shared vectors (tests/vectors/README.md) as JavaScript reads them. */
import { readFileSync } from 'node:fs';

export const read = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));
export const unbase64 = (text) => new Uint8Array(Buffer.from(text, 'base64'));
export const base64 = (bytes) => Buffer.from(bytes).toString('base64');

/** Clear text number i is (i ^ i >> 8 ^ i >> 16) & 255. */
export function pattern(size) {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i += 1) bytes[i] = i ^ (i >> 8) ^ (i >> 16);
  return bytes;
}

/** Bytes from any source, in chunks of awkward sizes. */
export async function* inChunks(bytes, sizes = [1, 7, 65567, 3, 200_000, 16]) {
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const end = at + sizes[n % sizes.length];
    yield bytes.slice(at, end);
    at = end;
  }
}

/** The code of what a promise rejects with; a TypeError and its kind are defects. */
export async function codeOf(promise) {
  try {
    await promise;
  } catch (error) {
    if (!error.code) throw error;
    return error.code;
  }
  return null;
}
