/** The one module that talks to S3: put one part under a presigned URL, read one object from an offset. */
import { backoff, sleep } from './patience.js';

const TRIES = 8;
const SILENCE = 60_000; // milliseconds without a byte moving before a try is given up
const UNSETTABLE = new Set(['content-length', 'host']); // signed, but the browser sets them itself

/** The bucket did not do it: offline; refused, nothing to gain from asking again at once; or failed, again and again. */
export class BucketError extends Error {
  /** @param {'offline' | 'bucket_refused' | 'bucket_failed'} code */
  constructor(code) {
    super(code);
    this.name = 'BucketError';
    this.code = code;
  }
}

/**
 * Put one part, however often it takes; the bytes sent are always the same.
 * @param {Place} place
 * @param {ArrayBuffer} body
 * @param {PutOptions} options
 * @returns {Promise<string | null>} the ETag; null when the object was already there, from an earlier try (412)
 */
export async function putPart(place, body, { signal, onprogress, renew, send = sendOnce, wait = sleep }) {
  let renewed = false;
  for (let attempt = 1; ; attempt += 1) {
    const { status, etag } = await send(place, body, { signal, onprogress });
    signal.throwIfAborted();
    if (status >= 200 && status < 300) return etag;
    if (status === 412) return null;
    onprogress(0);
    if (status === 403 && !renewed) {
      renewed = true;
      place = await renew();
      continue;
    }
    if (status !== 0 && status !== 400 && status !== 408 && status !== 409 && status !== 429 && status < 500) {
      throw new BucketError('bucket_refused');
    }
    if (attempt === TRIES) throw new BucketError(status === 0 ? 'offline' : 'bucket_failed');
    renewed = false;
    await wait(backoff(attempt), signal);
  }
}

/**
 * One PUT by XMLHttpRequest: fetch tells nothing about the bytes on their way.
 * @param {Place} place
 * @param {ArrayBuffer} body
 * @param {Watch} watch
 * @returns {Promise<{status: number, etag: string | null}>} status 0: no answer came
 */
function sendOnce({ url, headers }, body, { signal, onprogress }) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    let silence = setTimeout(abort, SILENCE);
    request.upload.onprogress = ({ loaded }) => {
      clearTimeout(silence);
      silence = setTimeout(abort, SILENCE);
      onprogress(loaded);
    };
    request.onloadend = () => {
      clearTimeout(silence);
      signal.removeEventListener('abort', abort);
      resolve({ status: request.status, etag: request.status ? request.getResponseHeader('ETag') : null });
    };
    request.open('PUT', url);
    for (const [name, value] of Object.entries(headers)) {
      if (!UNSETTABLE.has(name.toLowerCase())) request.setRequestHeader(name, value);
    }
    signal.addEventListener('abort', abort);
    request.send(new Blob([body])); // Chromium sends it ten times faster than a buffer
    if (signal.aborted) abort();
  });
}

/**
 * Read an object, or a range of it, as it comes. Ends when that ends; throws when the connection does.
 * @param {string} url
 * @param {number} start bytes
 * @param {number | null} end where to stop; null: with the object
 * @param {(url: string, request: RequestInit) => Promise<Response>} [get]
 * @returns {AsyncGenerator<Bytes, void>} nothing when the object has no more than `start` bytes
 * @throws {BucketError} "bucket_refused" asks for a new URL, the others for patience
 */
export async function* readObject(url, start, end, get = fetch) {
  const silence = new AbortController();
  const patience = () => setTimeout(() => silence.abort(), SILENCE);
  let timer = patience();
  try {
    /** @type {RequestInit} */
    const request = { signal: silence.signal, credentials: 'omit', cache: 'no-store', redirect: 'error' };
    const some = start > 0 || end !== null;
    if (some) request.headers = { Range: `bytes=${start}-${end === null ? '' : end - 1}` };
    const response = await get(url, request);
    if (response.status === 416) return;
    if (response.status !== (some ? 206 : 200) || !response.body) {
      throw new BucketError(response.status < 500 && response.status !== 429 ? 'bucket_refused' : 'bucket_failed');
    }
    const reader = response.body.getReader();
    for (;;) {
      clearTimeout(timer);
      timer = patience();
      const { done, value } = await reader.read();
      clearTimeout(timer); // nobody waits while nobody asks for more
      if (done) return;
      yield value;
    }
  } catch (error) {
    throw error instanceof BucketError ? error : new BucketError('offline');
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}
