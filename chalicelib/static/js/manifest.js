/**
 * The manifest: the names, sizes and digests of a transfer's files, and the sender's words. Strict both ways:
 * EnvelopeError manifest_malformed, manifest_version, manifest_count, manifest_size or manifest_message_id.
 */
import { FRAME_LENGTH, refuse } from './envelope.js';
import { fromBase64, toBase64 } from './bytes.js';

const LONGEST = { message: 20_000, name: 255, path: 4096, type: 255 }; // UTF-16 units
const LARGEST = 0xfffffffe * FRAME_LENGTH; // bytes: the frame counter has 32 bits

/**
 * @param {Manifest} manifest
 * @returns {Bytes} UTF-8 JSON
 */
export function encodeManifest({ message, files }) {
  const plain = files.map((file) => ({
    name: file.name, path: file.path, type: file.type, size: file.size,
    digest: toBase64(file.digest), message_id: toBase64(file.message_id),
  }));
  const bytes = new TextEncoder().encode(JSON.stringify({ version: 1, message, files: plain }));
  decodeManifest(bytes, files.length);
  return bytes;
}

/**
 * @param {Bytes} bytes
 * @param {number} count files the server speaks of
 * @returns {Manifest}
 */
export function decodeManifest(bytes, count) {
  let value;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return refuse('manifest_malformed');
  }
  fields(value, ['version', 'message', 'files']);
  if (value.version !== 1) refuse('manifest_version');
  text(value.message, LONGEST.message);
  if (!Array.isArray(value.files)) refuse('manifest_malformed');
  const files = value.files.map(decodeFile);
  if (files.length !== count) refuse('manifest_count');
  const ids = new Set(value.files.map((/** @type {{message_id: string}} */ file) => file.message_id));
  if (ids.size !== count) refuse('manifest_message_id');
  return { message: value.message, files };
}

/**
 * @param {any} file
 * @returns {ManifestFile}
 */
function decodeFile(file) {
  fields(file, ['name', 'path', 'type', 'size', 'digest', 'message_id']);
  if (text(file.name, LONGEST.name) === '') refuse('manifest_malformed');
  text(file.path, LONGEST.path);
  text(file.type, LONGEST.type);
  if (!Number.isInteger(file.size) || file.size < 0 || file.size > LARGEST) refuse('manifest_size');
  return { ...file, digest: bytes32(file.digest), message_id: bytes32(file.message_id) };
}

/**
 * @param {unknown} value
 * @param {string[]} names
 */
function fields(value, names) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('manifest_malformed');
  const found = Object.keys(value);
  if (found.length !== names.length || !names.every((name) => found.includes(name))) refuse('manifest_malformed');
}

/**
 * @param {unknown} value
 * @param {number} longest
 */
function text(value, longest) {
  if (typeof value !== 'string' || value.length > longest) refuse('manifest_malformed');
  return value;
}

/**
 * @param {unknown} value
 * @returns {Bytes}
 */
function bytes32(value) {
  try {
    const bytes = fromBase64(/** @type {string} */ (value));
    if (bytes.length === 32) return bytes;
  } catch {
    // refused below
  }
  return refuse('manifest_malformed');
}
