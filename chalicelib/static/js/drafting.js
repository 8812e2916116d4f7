/** A new transfer: its draft, each file's one message id, its sealed envelope; and what any sending knows of its files. */
import { FRAME_LENGTH, frameCount, importDataKey, refuse, sealedSize } from './envelope.js';
import { fromBase64, toBase64 } from './bytes.js';
import { newMessageId, sealHeader, sealMessage } from './envelope-seal.js';
import { encodeManifest } from './manifest.js';

/** @implements {Beginning} */
export class Drafting {
  /** @type {any} */
  plan = null;
  #dataKey = /** @type {CryptoKey | null} */ (null);
  #envelope = /** @type {{manifest: string, headers: string[]} | null} */ (null);
  #delivered = false;

  /** @param {Pick<SendingParts, 'api' | 'files' | 'paths' | 'draft' | 'message'>} parts */
  constructor({ api, files = [], paths, draft, message = '' }) {
    this.api = api;
    this.draft = draft;
    this.message = message;
    this.jobs = files.map((file, index) => newJob(file, index, paths?.[index]));
  }

  /** @param {object} draft the form, put right after a refusal */
  correct(draft) {
    if (!this.plan) this.draft = draft;
  }

  forget() {
    this.#dataKey = null;
  }

  /**
   * The draft and its envelope are made once; a pause waits for the answers, so that none is lost.
   * @param {AbortSignal} signal
   */
  async begin(signal) {
    const { api, jobs } = this;
    if (!this.plan) {
      const body = { ...this.draft, sizes: jobs.map((job) => job.size) };
      const plan = await api.call('POST', '/api/transfers', body, { repeatable: true }); // its `request` makes it one
      const secret = fromBase64(plan.data_key);
      delete plan.data_key;
      this.plan = plan;
      this.#dataKey = await importDataKey(secret);
    }
    takePlan(this.plan, jobs);
    signal.throwIfAborted();
    const key = /** @type {CryptoKey} */ (this.#dataKey);
    this.#envelope ??= await sealEnvelope(key, this.plan, jobs, this.message);
    if (!this.#delivered) {
      await api.call('PUT', `/api/transfers/${this.plan.transfer}/envelope`, this.#envelope).catch((error) => {
        if (error.code !== 'envelope_already_sent') throw error; // an earlier try, whose answer was lost, did it
      });
      this.#delivered = true;
    }
    signal.throwIfAborted();
  }
}

/**
 * @param {File} file
 * @param {number} index
 * @param {string} [path] folders
 * @returns {Job}
 */
export function newJob(file, index, path) {
  const [whole, name] = [file.webkitRelativePath ?? '', file.name];
  path ??= whole.endsWith(`/${name}`) ? whole.slice(0, -name.length - 1) : '';
  const job = { index, file, size: file.size, path, done: new Map(), complete: false, sent: 0 };
  return /** @type {Job} */ (job);
}

/**
 * The server proposes; only what the format allows is taken.
 * @param {any} plan answer of POST /api/transfers
 * @param {Job[]} jobs
 */
export function takePlan(plan, jobs) {
  const { transfer, context, files, frame_length: frameLength } = plan;
  const names = Object.keys(context).sort().join();
  let fits = frameLength === FRAME_LENGTH && names === 'clinic,transfer' && context.transfer === transfer;
  fits &&= files.length === jobs.length;
  jobs.forEach((job, n) => {
    const { sealed_size: sealed, frames_per_part: framesPerPart, parts } = fits ? files[n] : {};
    fits &&= sealed === sealedSize(job.size) && Number.isInteger(framesPerPart) && framesPerPart > 0;
    fits &&= framesPerPart <= Math.max(128, frameCount(job.size) / 5000); // a part is held in memory whole
    fits &&= parts === Math.ceil(frameCount(job.size) / framesPerPart);
    Object.assign(job, { framesPerPart, parts });
  });
  if (!fits) refuse('plan');
}

/**
 * Seal the headers and the manifest; each file gets its one message id here.
 * @param {CryptoKey} dataKey
 * @param {any} plan
 * @param {Job[]} jobs
 * @param {string} message
 * @returns {Promise<{manifest: string, headers: string[]}>} the body of PUT …/envelope
 */
export async function sealEnvelope(dataKey, plan, jobs, message) {
  const fields = { context: plan.context, keyArn: plan.key_arn, wrappedKey: fromBase64(plan.wrapped_key) };
  const headers = [];
  const files = [];
  for (const job of jobs) {
    const messageId = newMessageId();
    const { header, frameKey } = await sealHeader(dataKey, { ...fields, messageId });
    Object.assign(job, { messageId, frameKey });
    headers.push(toBase64(header));
    const { path, size, first, file } = job;
    files.push({ name: file.name, path, type: file.type, size, digest: first.digest, message_id: messageId });
  }
  const clear = encodeManifest({ message, files });
  const manifest = await sealMessage(dataKey, { ...fields, messageId: newMessageId() }, clear);
  return { manifest: toBase64(manifest), headers };
}
