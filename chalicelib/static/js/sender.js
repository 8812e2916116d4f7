/**
 * Send one transfer: digest, begin, seal, upload, wait for the seal. Touches no DOM.
 *
 *     import { Digests, Sending } from './sender.js';
 *     const digests = new Digests();          // one per page
 *     digests.add(file);                      // as soon as a file is chosen: its first pass starts in a worker
 *     digests.drop(file);                     // the person took it away again
 *     const sending = new Sending({ api, digests, files, draft, message });
 *     sending.onchange = (state) => { … };    // at each change, and ten times a second; SendingState in types.d.ts
 *     const last = await sending.start();     // never rejects
 *     sending.pause(); await sending.resume(); await sending.retry(correctedDraft?); await sending.cancel();
 *
 * `files`: File[], in order; `paths`: string[], optional folder paths (else webkitRelativePath is used).
 * `draft`: the body of POST /api/transfers without `sizes`, with its `request` id; `message`: the sender's words ('' for none).
 * Instead of these, `beginning`: of a sending whose page is gone (resuming.js).
 * start(), resume() and retry() settle with the State in which the run ended: paused, sealed, refused, failed
 * or cancelling. cancel() ends as cancelled, or as uncancelled when the server could not be told: cancel() again.
 * When `state.error.draft` the server refused the form (code, field): call retry(corrected), nothing is lost.
 */
import { requireCrypto, sealedSize } from './envelope.js';
import { Digests } from './digests.js';
import { Drafting } from './drafting.js';
import { Pace } from './pace.js';
import { sleep } from './patience.js';
import { upload } from './upload.js';

export { Digests };

/** @typedef {SendingState} State */
/** @typedef {SendingTrouble} Trouble */

const TELL_EVERY = 100; // milliseconds
const ROUNDS = 10; // in a row without one more part, when the network is lost
const BETWEEN_ROUNDS = 20_000; // milliseconds, or until the network is back
const HOPELESS = new Set(['no_crypto', 'file_changed', 'plan', 'data_key']);
const OVER = new Set(['sealed', 'refused', 'cancelled']);

export class Sending {
  /** @type {(state: State) => void} */
  onchange = () => {};
  #phase = /** @type {Phase} */ ('ready');
  #error = /** @type {Trouble | null} */ (null);
  #reason = /** @type {string | null} */ (null);
  #stop = new AbortController();
  #run = /** @type {Promise<void>} */ (Promise.resolve());
  #told = 0;

  /** @param {SendingParts} parts */
  constructor(parts) {
    this.parts = { wait: sleep, now: () => performance.now(), ...parts };
    this.beginning = parts.beginning ?? new Drafting(parts);
    this.jobs = this.beginning.jobs;
    this.pace = new Pace(this.parts.now);
  }

  get #plan() {
    return this.beginning.plan;
  }

  /** @returns {State} */
  get state() {
    const perFile = this.jobs.map((job) => ({ sentBytes: job.sent, totalBytes: sealedSize(job.size) }));
    const sentBytes = perFile.reduce((sum, file) => sum + file.sentBytes, 0);
    const totalBytes = perFile.reduce((sum, file) => sum + file.totalBytes, 0);
    const preparedBytes = this.parts.digests.seen(this.jobs.map(({ file }) => file));
    const progress = { preparedBytes, sentBytes, totalBytes, ...this.pace.measure(sentBytes, totalBytes), perFile };
    const [transfer, expiresAt] = [this.#plan?.transfer ?? null, this.#plan?.expires_at ?? null];
    return { state: this.#phase, transfer, expiresAt, reason: this.#reason, error: this.#error, progress };
  }

  /** @returns {Promise<State>} */
  async start() {
    if (!['ready', 'paused', 'failed'].includes(this.#phase)) return this.state;
    const stop = new AbortController();
    this.#stop = stop;
    this.#error = null;
    this.#tell('preparing');
    this.#run = this.#run.then(() => this.#once(stop.signal));
    await this.#run;
    return this.state;
  }

  resume() {
    return this.start();
  }

  /** @param {object} [draft] the corrected form, when it was refused */
  retry(draft) {
    if (draft) this.beginning.correct(draft);
    return this.start();
  }

  /** Stop the traffic; parts on their way are sent again by resume(), the same bytes. */
  pause() {
    if (!['preparing', 'sending', 'waiting'].includes(this.#phase)) return;
    this.#tell('paused');
    this.#stop.abort();
  }

  /** Stop, forget, and tell the server, which may also learn it from the clock. */
  async cancel() {
    if (OVER.has(this.#phase)) return;
    this.#tell('cancelling');
    this.#stop.abort();
    await this.#run;
    this.beginning.forget();
    this.#tell((await this.#withdrawn()) ? 'cancelled' : 'uncancelled');
  }

  /** Whether the server says that nobody will receive anything; without its word, that is not known. */
  async #withdrawn() {
    if (!this.#plan) return true;
    return this.parts.api.call('DELETE', this.#path).then(
      () => true,
      (/** @type {any} */ { code }) => code === 'not_found' || code === 'cannot_revoke',
    );
  }

  get #path() {
    return `/api/transfers/${this.#plan.transfer}`;
  }

  /** @param {Phase} phase */
  #tell(phase) {
    this.#phase = phase;
    this.#told = this.parts.now();
    this.onchange(this.state);
  }

  #moved() {
    if (!this.#stop.signal.aborted && this.parts.now() - this.#told >= TELL_EVERY) this.#tell(this.#phase);
  }

  /**
   * A lost network is waited for, once there is a draft.
   * @param {AbortSignal} signal
   */
  async #once(signal) {
    const parts = () => this.jobs.reduce((sum, job) => sum + job.done.size, 0);
    for (let [round, before] = [1, 0]; !signal.aborted; round = parts() > before ? 1 : round + 1) {
      before = parts();
      try {
        return await this.#steps(signal);
      } catch (/** @type {any} */ error) {
        if (signal.aborted) return;
        if (!this.#plan || error.code !== 'offline' || round === ROUNDS) {
          this.#error = trouble(error, this.#plan === null);
          return this.#tell('failed');
        }
      }
      await this.parts.wait(BETWEEN_ROUNDS, signal).catch(() => {});
    }
  }

  /**
   * Do whatever is not done yet.
   * @param {AbortSignal} signal
   */
  async #steps(signal) {
    requireCrypto();
    await this.#prepare(signal);
    await this.beginning.begin(signal);
    const { api, digests: { crew }, bucket, wait, now } = this.parts;
    this.#tell('sending');
    const stop = new AbortController(); // by the person, or by the first part that fails
    const follow = () => stop.abort(signal.reason);
    signal.addEventListener('abort', follow);
    this.pace.start(this.state.progress.sentBytes);
    const means = { api, crew, stop, bucket, wait, now, onprogress: () => this.#moved() };
    const over = await upload(this.#path, this.jobs, means).catch((error) => {
      if (error.code !== 'transfer_not_landing') throw error;
      return error; // all of it may have landed, and an answer been lost
    });
    signal.removeEventListener('abort', follow);
    this.#tell('waiting');
    await this.#wait(signal, over);
  }

  /** @param {AbortSignal} signal */
  async #prepare(signal) {
    for (const job of this.jobs) {
      if (job.complete) continue;
      const told = this.parts.digests.of(job.file, () => this.#moved());
      job.first ??= await told.catch((error) => {
        throw Object.assign(error, { file: job.index });
      });
      signal.throwIfAborted();
    }
  }

  /**
   * @param {AbortSignal} signal
   * @param {unknown} [over] what to throw if it is still not over
   */
  async #wait(signal, over) {
    for (let pause = 500; ; pause = Math.min(3000, pause * 1.5)) {
      const { transfer } = await this.parts.api.call('GET', this.#path, undefined, { signal });
      if (transfer.state === 'sealed') return this.#tell('sealed');
      if (transfer.state === 'refused' || transfer.state === 'shredded') {
        this.#reason = transfer.reason;
        return this.#tell('refused');
      }
      if (over) throw over;
      await this.parts.wait(pause, signal);
    }
  }
}

/**
 * @param {any} error
 * @param {boolean} draft no draft was made yet
 * @returns {Trouble}
 */
function trouble(error, draft) {
  const { field = null, status = null, retryAfter = null, reference = null, file = null } = error;
  const code = typeof error.code === 'string' ? error.code : 'unexpected';
  const final = status >= 400 && status < 500 && status !== 401 && status !== 429 && code !== 'file_not_complete';
  const retry = !HOPELESS.has(code) && (draft || !final);
  return { code, field, status, retryAfter, reference, file, retry, draft: draft && status >= 400 && status < 500 };
}
