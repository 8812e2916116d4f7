/**
 * Go on with a sending whose page is gone. Nothing of it is kept in this browser: the clinic gives the key and the sealed
 * manifest again, the bucket's parts are listed, and the same files are chosen once more. Touches no DOM.
 *
 *     const resuming = await Resuming.of(api, transfer);
 *     resuming.give({ file, path });     // 'taken', 'there' already, 'changed' (another size), or 'unknown'
 *     resuming.missing;                  // jobs that still wait for their file
 *     new Sending({ api, digests, beginning: resuming });
 *
 * A file goes on only if its digest is still the one in the manifest: no other plaintext ever meets its key and nonces.
 */
import { EnvelopeError, importDataKey, refuse, requireCrypto, same } from './envelope.js';
import { newJob, takePlan } from './drafting.js';
import { openHeader, openMessage } from './envelope-open.js';
import { decodeManifest } from './manifest.js';
import { fromBase64 } from './bytes.js';

/** @typedef {import('./zone.js').Chosen} Chosen */

/** @implements {Beginning} */
export class Resuming {
  #digests = /** @type {Bytes[]} */ ([]);

  /**
   * @param {any} plan answer of POST …/resume, its key taken away
   * @param {Manifest} manifest
   */
  constructor(plan, { message, files }) {
    this.plan = plan;
    this.message = message;
    this.jobs = files.map(({ name, path, size, type }, index) => {
      const { whole, parts } = plan.arrived[index];
      const job = newJob(/** @type {File} */ ({ name, size, type }), index, path);
      return Object.assign(job, { given: false, complete: whole, done: new Map(parts.map(kept)) });
    });
    this.#digests = files.map(({ digest }) => digest);
  }

  /**
   * @param {ApiPort} api
   * @param {string} transfer
   * @returns {Promise<Resuming>} or Refusal not_found, envelope_missing, transfer_not_landing; or EnvelopeError
   */
  static async of(api, transfer) {
    requireCrypto();
    const { data_key: secret, ...plan } = await api.call('POST', `/api/transfers/${transfer}/resume`, {}, { repeatable: true });
    const key = await importDataKey(fromBase64(secret));
    const { context } = plan;
    if (context.transfer !== transfer || plan.arrived.length !== plan.files.length) refuse('plan');
    const manifest = decodeManifest(await openMessage(key, fromBase64(plan.manifest), { context }), plan.files.length);
    const resuming = new Resuming(plan, manifest);
    takePlan(plan, resuming.jobs);
    for (const job of resuming.jobs) {
      const expected = { context, messageId: manifest.files[job.index].message_id, detached: true };
      Object.assign(job, await openHeader(key, fromBase64(plan.headers[job.index]), expected));
      if (job.complete) job.done = new Map(Array.from({ length: job.parts }, (_, n) => [n + 1, { etag: null, sha256: '' }]));
    }
    return resuming;
  }

  get missing() {
    return this.jobs.filter((job) => !job.complete && !job.given);
  }

  /**
   * @param {Chosen} chosen one of the same files, picked again; its folder counts only where two files have one name
   * @returns {{fate: 'taken' | 'there' | 'changed' | 'unknown', index: number | null}}
   */
  give({ file, path }) {
    const namesakes = this.jobs.filter((job) => plain(job.file.name) === plain(file.name));
    const named = namesakes.filter((job) => !job.complete);
    if (namesakes.some((job) => job.complete && job.size === file.size) && !named.length) return { fate: 'there', index: null };
    const fitting = named.filter((job) => job.size === file.size);
    const choices = fitting.length ? fitting : named;
    const job = choices.find((one) => plain(one.path) === plain(path)) ?? choices.find((one) => !one.given) ?? choices[0];
    if (!job) return { fate: 'unknown', index: null };
    if (job.size !== file.size) return { fate: 'changed', index: job.index };
    Object.assign(job, { file, given: true, first: undefined });
    return { fate: 'taken', index: job.index };
  }

  /** Before the first part: every file is still what the manifest says. */
  async begin() {
    const changed = this.jobs.find((job) => !job.complete && !same(job.first.digest, this.#digests[job.index]));
    if (!changed) return;
    changed.given = false;
    throw Object.assign(new EnvelopeError('file_changed'), { file: changed.index });
  }

  correct() {}

  forget() {}
}

/** @param {{part: number, etag: string, sha256: string}} listed */
const kept = ({ part, etag, sha256 }) => /** @type {const} */ ([part, { etag, sha256 }]);

/** One way to write a name: systems differ in how they write accents. */
const plain = (/** @type {string} */ text) => text.normalize('NFC');
