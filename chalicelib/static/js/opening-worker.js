/**
 * The worker that collects one file. In: the expected file, then {url} each time it asks.
 * Out: {need: true}, {verified: bytes}, and at last {blob} or {error: code, bucket: whether it is the bucket's}.
 */
import { BucketError, readObject } from './bucket.js';
import { EnvelopeError } from './envelope.js';
import { openFile } from './opening.js';

let answer = (/** @type {string} */ _url) => {};
let told = 0;

/** @param {number} offset */
async function* read(offset) {
  const url = await new Promise((resolve) => {
    answer = resolve;
    self.postMessage({ need: true });
  });
  yield* readObject(url, offset);
}

/** @param {number} verified */
function onprogress(verified) {
  if (Date.now() - told < 100) return;
  told = Date.now();
  self.postMessage({ verified });
}

self.onmessage = async ({ data }) => {
  if (data.url) return answer(data.url);
  try {
    self.postMessage({ blob: await openFile(data, { read, onprogress }) });
  } catch (error) {
    const named = error instanceof EnvelopeError || error instanceof BucketError;
    self.postMessage({ error: named ? error.code : 'worker_failed', bucket: error instanceof BucketError });
  }
};
