/** Seal and put every part that is not in the bucket yet: a few batches at a time, URLs asked just in time. */
import { BucketError, putPart } from './bucket.js';
import { Refusal } from './api.js';
import { FRAME_LENGTH, FRAME_OVERHEAD, sealedSize } from './envelope.js';
import { backoff } from './patience.js';
import { inLanes } from './lanes.js';
import { toBase64 } from './bytes.js';

/** @typedef {{job: Job, part: number, size: number}} Unit one part; size in sealed bytes */
/**
 * @typedef {Object} Means
 * @property {ApiPort} api
 * @property {Hands} crew
 * @property {AbortController} stop aborted by the person, or by the first part that fails
 * @property {() => void} onprogress
 * @property {Sleep} wait
 * @property {() => number} [now] milliseconds
 * @property {Partial<PutOptions>} [bucket] replaced in tests
 */

const BATCH_BYTES = 16 * 1024 * 1024 + 64 * 1024; // two ordinary parts; memory is this for each lane
const TRIES = 5;
const BATCH_PARTS = 32; // the most the API gives at once

/**
 * @param {string} path of the transfer, `/api/transfers/{id}`
 * @param {Job[]} jobs
 * @param {Means} means
 * @returns {Promise<void>} rejects with the first error, whose `file` says which file
 */
export async function upload(path, jobs, means) {
  const { stop } = means;
  for (const job of jobs) {
    job.sent = [...job.done.keys()].reduce((sum, part) => sum + unit(job, part).size, 0);
    await finish(path, job, means);
  }
  const work = async (/** @type {Unit[]} */ batch) => {
    if (!stop.signal.aborted) await send(path, batch, means).catch((error) => stop.abort(error));
  };
  await inLanes(batches(jobs), work, means.now);
  stop.signal.throwIfAborted();
}

/**
 * @param {Job} job
 * @param {number} part
 * @returns {Unit}
 */
function unit(job, part) {
  const full = job.framesPerPart * (FRAME_LENGTH + FRAME_OVERHEAD);
  const size = part < job.parts ? full : sealedSize(job.size) - (job.parts - 1) * full;
  return { job, part, size };
}

/**
 * @param {Job[]} jobs
 * @returns {Generator<Unit[], void>}
 */
function* batches(jobs) {
  let batch = /** @type {Unit[]} */ ([]);
  let bytes = 0;
  for (const job of jobs) {
    for (let part = 1; part <= job.parts; part += 1) {
      if (job.done.has(part)) continue;
      const next = unit(job, part);
      if (batch.length === BATCH_PARTS || (batch.length && bytes + next.size > BATCH_BYTES)) {
        yield batch;
        [batch, bytes] = [[], 0];
      }
      batch.push(next);
      bytes += next.size;
    }
  }
  if (batch.length) yield batch;
}

/**
 * @param {string} path
 * @param {Unit[]} batch
 * @param {Means} means
 */
async function send(path, batch, means) {
  const { api, crew, stop: { signal } } = means;
  const sealed = await Promise.all(batch.map(({ job, part }) => {
    const { file, size, frameKey, messageId, framesPerPart, first: { pieces } } = job;
    return crew.sealPart({ file, size, frameKey, messageId, framesPerPart, part, pieces }).catch(blame(job));
  }));
  signal.throwIfAborted();
  const entries = batch.map(({ job, part, size }, n) => ({ file: job.index, part, size, sha256: toBase64(sealed[n].sha256) }));
  const ask = async (/** @type {typeof entries} */ parts) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await api.call('POST', `${path}/parts`, { parts }, { signal, repeatable: true })).urls;
      } catch (/** @type {any} */ error) {
        if (error.code !== 'upload_begun_elsewhere' || attempt === TRIES) throw error; // by another lane
        await means.wait(backoff(attempt), signal);
      }
    }
  };
  const places = await ask(entries);
  await Promise.all(batch.map(async ({ job, part, size }, n) => {
    let moving = 0;
    const onprogress = (/** @type {number} */ loaded) => {
      if (signal.aborted) return;
      job.sent += Math.min(loaded, size) - moving;
      moving = Math.min(loaded, size);
      means.onprogress();
    };
    const renew = async () => (await ask([entries[n]]))[0];
    const etag = await putPart(places[n], sealed[n].sealed, { signal, onprogress, renew, ...means.bucket }).catch(blame(job));
    if (job.parts > 1 && !etag) throw new BucketError('bucket_refused');
    onprogress(size);
    job.done.set(part, { etag, sha256: entries[n].sha256 });
    await finish(path, job, means);
  }));
}

/**
 * Put the parts of a file together once all are there.
 * @param {string} path
 * @param {Job} job
 * @param {Means} means
 */
async function finish(path, job, { api, stop: { signal } }) {
  if (job.complete || job.done.size < job.parts) return;
  if (job.parts > 1) {
    const parts = [...job.done].sort(([a], [b]) => a - b).map(([part, { etag, sha256 }]) => ({ part, etag, sha256 }));
    try {
      await api.call('POST', `${path}/files/${job.index}/complete`, { parts }, { signal, repeatable: true });
    } catch (error) {
      const code = error instanceof Refusal ? error.code : '';
      if (code === 'file_not_complete') [job.done, job.sent] = [new Map(), 0]; // a part is not what we think: put all again
      if (code !== 'file_already_complete') blame(job)(error);
    }
  }
  job.complete = true;
}

/**
 * @param {Job} job
 * @returns {(error: any) => never}
 */
function blame(job) {
  return (error) => {
    if (error instanceof Error && !('file' in error)) Object.assign(error, { file: job.index });
    throw error;
  };
}
