/**
 * The worker that collects one file. In: the expected file, then {url} each time it asks, and {more: true} for each piece.
 * Out: {need: true}, {received: bytes}, {piece}, and at last {done: true} or {error: code, bucket: whether it is the bucket's}.
 */
import { EnvelopeError, sealedSize } from './envelope.js';
import { BucketError } from './bucket.js';
import { openFile } from './opening.js';
import { readRanges } from './ranges.js';

let answer = (/** @type {string} */ _url) => {};
let more = () => {};
let received = 0;
let told = 0;

/** @returns {Promise<string>} */
function url() {
  return new Promise((resolve) => {
    answer = resolve;
    self.postMessage({ need: true });
  });
}

/** @param {number} count bytes */
function onprogress(count) {
  received += count;
  if (Date.now() - told < 100) return;
  told = Date.now();
  self.postMessage({ received });
}

setInterval(() => self.postMessage({ received }), 5000); // also while nothing moves

/**
 * @param {Bytes} piece
 * @returns {Promise<void>}
 */
function keep(piece) {
  return new Promise((resolve) => {
    more = resolve;
    self.postMessage({ piece }, { transfer: [piece.buffer] });
  });
}

self.onmessage = async ({ data }) => {
  if (data.url) return answer(data.url);
  if (data.more) return more();
  try {
    await openFile(data, readRanges(sealedSize(data.size), { url, onprogress }), keep);
    self.postMessage({ done: true });
  } catch (error) {
    const named = error instanceof EnvelopeError || error instanceof BucketError;
    self.postMessage({ error: named ? error.code : 'worker_failed', bucket: error instanceof BucketError });
  }
};
