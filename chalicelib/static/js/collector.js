/**
 * Collect the files of one transfer.
 *
 *     import { Collecting, readLink } from './collector.js';
 *     const link = readLink(location.hash);                   // {transfer, recipient, secret} or null
 *     await api.call('POST', '/api/collect/codes', link);     // the page asks for the code
 *     await api.call('POST', '/api/collect/sessions', { code });
 *     const collecting = new Collecting({ api, transfer: link?.transfer });
 *     const contents = await collecting.open();               // types.d.ts
 *     await collecting.collect(0, { save, signal, onprogress });
 *     const told = await collecting.tell(0);                  // the sender, once it is where it belongs
 *
 * `save(name, size, path)` gives the Saving (types.d.ts, ways.js) that takes the file piece by piece, each verified, under a safe name.
 * `onprogress({receivedBytes, totalBytes, bytesPerSecond, secondsLeft})`, about ten times a second.
 * `told` is false when the server could not be told; the file is whole all the same.
 * The others throw Refusal or Offline (api.js), EnvelopeError (envelope.js: this is not what the sender sealed),
 * BucketError (bucket.js), each with a `code`, what the Saving threw, or the signal's reason.
 */
import { EnvelopeError, importDataKey, refuse, requireCrypto, sealedSize } from './envelope.js';
import { openHeader, openMessage } from './envelope-open.js';
import { safeName, safePath } from './names.js';
import { BucketError } from './bucket.js';
import { Pace } from './pace.js';
import { decodeManifest } from './manifest.js';
import { fromBase64 } from './bytes.js';

/** @typedef {CollectContents} Contents */
/** @typedef {CollectProgress} Progress */

/**
 * @param {string} fragment of the share link, with or without its '#'
 * @returns {{transfer: string, recipient: string, secret: string} | null}
 */
export function readLink(fragment) {
  const [, transfer, recipient, secret] = /^#?([a-z2-7]{26})\.([a-z2-7]{26})\.([\w-]+)$/.exec(fragment) ?? [];
  return secret ? { transfer, recipient, secret } : null;
}

/**
 * Whether this browser's session is a lasting one of the very transfer, and person, a link speaks of.
 * @param {{transfer: string, recipient: string, remembered: boolean} | null} session
 * @param {{transfer: string, recipient: string} | null} link
 */
export function remembered(session, link) {
  return session?.remembered === true && session.transfer === link?.transfer && session.recipient === link.recipient;
}

export class Collecting {
  #dataKey = /** @type {CryptoKey | null} */ (null);
  #headers = /** @type {string[]} */ ([]);
  #context = /** @type {Context} */ ({});
  #files = /** @type {ManifestFile[]} */ ([]);

  /**
   * @param {{api: ApiPort, transfer?: string, openFile?: (expected: FileExpected, means: OpenMeans) => Promise<void>}} parts
   *   transfer: the one the link speaks of; openFile: replaced in tests
   */
  constructor({ api, transfer, openFile = openInWorker }) {
    this.api = api;
    this.transfer = transfer;
    this.openFile = openFile;
  }

  /**
   * Ask for the transfer and open its manifest.
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<Contents>}
   */
  async open({ signal } = {}) {
    requireCrypto();
    const answer = await this.api.call('GET', '/api/collect', undefined, { signal });
    const { clinic, transfer } = answer.context;
    if (transfer !== (this.transfer ?? answer.transfer)) refuse('header_context');
    this.#context = { clinic, transfer };
    this.#dataKey = await importDataKey(bytes(answer.data_key, 'data_key'));
    delete answer.data_key;
    const message = bytes(answer.manifest, 'header_malformed');
    const manifest = decodeManifest(await openMessage(this.#dataKey, message, { context: this.#context }), answer.files.length);
    if (answer.headers.length !== manifest.files.length) refuse('manifest_count');
    this.#headers = answer.headers;
    this.#files = manifest.files;
    const files = manifest.files.map(({ name, path, type, size }, file) => {
      const { sealed_size: sealed, collected_at } = answer.files[file];
      if (sealed !== sealedSize(size)) refuse('manifest_size');
      return { file, name: safeName(name), path: safePath(path), type, size, collected_at };
    });
    const { sender, sealed_at, expires_at } = answer;
    return { transfer, sender, sealed_at, expires_at, message: manifest.message, files };
  }

  /**
   * Receive, verify and save one file.
   * @param {number} n from 0, after open()
   * @param {{save: Save, signal?: AbortSignal, onprogress?: (progress: Progress) => void}} options
   * @returns {Promise<void>}
   */
  async collect(n, { save, signal, onprogress = () => {} }) {
    const { name, size, path: folders } = this.#files[n];
    const path = `/api/collect/files/${n}`;
    const pace = new Pace();
    pace.start(0);
    const told = (/** @type {number} */ received) =>
      onprogress({ receivedBytes: received, totalBytes: size, ...pace.measure(received, size) });
    const saving = await save(safeName(name), size, safePath(folders));
    try {
      const url = async () => (await this.api.call('POST', path, {}, { signal, repeatable: true })).url;
      const received = (/** @type {number} */ sealed) => {
        saving.awake?.();
        told(Math.min(sealed, size));
      };
      await this.openFile(await this.#expected(n), { url, onprogress: received, keep: (piece) => saving.write(piece), signal });
      await saving.close();
    } catch (error) {
      await saving.abort().catch(() => {}); // why it failed is told
      throw error;
    }
    told(size);
  }

  /**
   * Tell the sender that a file was saved, whole.
   * @param {number} n
   * @returns {Promise<boolean>} whether that could be done
   */
  tell(n) {
    return this.api.call('POST', `/api/collect/files/${n}/receipt`, {}, { repeatable: true }).then(() => true, () => false);
  }

  /**
   * @param {number} n
   * @returns {Promise<FileExpected>}
   */
  async #expected(n) {
    const { message_id: messageId, size, digest } = this.#files[n];
    const header = bytes(this.#headers[n], 'header_malformed');
    const expected = { context: this.#context, messageId, detached: true };
    const { frameKey } = await openHeader(/** @type {CryptoKey} */ (this.#dataKey), header, expected);
    return { frameKey, messageId, size, digest };
  }
}

/**
 * @param {FileExpected} expected
 * @param {OpenMeans} means
 * @returns {Promise<void>}
 */
function openInWorker(expected, { url, onprogress, keep, signal }) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./opening-worker.js', import.meta.url), { type: 'module' });
    const end = (/** @type {() => void} */ settle) => {
      worker.terminate();
      signal?.removeEventListener('abort', abort);
      settle();
    };
    const abort = () => end(() => reject(signal?.reason));
    const fail = (/** @type {unknown} */ error) => end(() => reject(error));
    worker.onerror = () => fail(new EnvelopeError('worker_failed'));
    worker.onmessage = ({ data }) => {
      if (data.need) url().then((fresh) => worker.postMessage({ url: fresh }), fail);
      else if (data.piece) keep(data.piece).then(() => worker.postMessage({ more: true }), fail);
      else if (data.done) end(resolve);
      else if (data.error) fail(data.bucket ? new BucketError(data.error) : new EnvelopeError(data.error));
      else onprogress(data.received);
    };
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    else worker.postMessage(expected);
  });
}

/**
 * @param {string} text base64
 * @param {string} code of the error when it is not
 */
function bytes(text, code) {
  try {
    return fromBase64(text);
  } catch {
    return refuse(code);
  }
}
