/** The digest of a file: SHA-256 of its 8 MiB pieces, and of those digests when there is more than one piece. */
import { refuse } from './envelope.js';

export const PIECE_LENGTH = 8 * 1024 * 1024; // bytes

/** @param {number} size */
export const pieceCount = (size) => Math.max(1, Math.ceil(size / PIECE_LENGTH));

/**
 * @param {BufferSource} bytes
 * @returns {Promise<Bytes>} 32 bytes
 */
export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/**
 * @param {Source} file
 * @param {number} size bytes
 * @param {number} piece from 0
 * @returns {Promise<Bytes>}
 */
export async function readPiece(file, size, piece) {
  const start = piece * PIECE_LENGTH;
  const end = Math.min(start + PIECE_LENGTH, size);
  let bytes;
  try {
    bytes = new Uint8Array(await file.slice(start, end).arrayBuffer());
  } catch {
    return refuse('file_unreadable'); // moved, taken away, or changed since it was chosen
  }
  if (bytes.length !== end - start) refuse('file_changed');
  return bytes;
}

/**
 * @param {Bytes[]} pieces the digest of each piece, in order
 * @returns {Promise<Bytes>} the digest of the file
 */
export async function fileDigest(pieces) {
  return pieces.length === 1 ? pieces[0] : sha256(await new Blob(pieces).arrayBuffer());
}
