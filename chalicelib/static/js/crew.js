/** A few sealing workers that take turns, and the answers they owe. */
import { EnvelopeError } from './envelope.js';

const HANDS = 2; // workers

export class Crew {
  #idle = /** @type {Worker[]} */ ([]);
  #all = /** @type {Set<Worker>} */ (new Set());
  #queue = /** @type {((worker: Worker) => void)[]} */ ([]);

  /**
   * @param {PartOrder} order
   * @returns {Promise<SealedPart>}
   */
  sealPart(order) {
    return this.#ask('seal', order);
  }

  /**
   * @param {PieceOrder} order
   * @returns {Promise<Bytes>}
   */
  digestPiece(order) {
    return this.#ask('digest', order);
  }

  /**
   * @param {string} job
   * @param {unknown} order
   * @returns {Promise<any>}
   */
  async #ask(job, order) {
    const worker = await this.#free();
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => {
        this.#release(worker);
        if (data.error) reject(new EnvelopeError(data.error));
        else resolve(data.result);
      };
      worker.onerror = worker.onmessageerror = () => {
        worker.terminate();
        this.#all.delete(worker);
        reject(new EnvelopeError('worker_failed'));
        if (this.#queue.length) this.#release(this.#hire());
      };
      worker.postMessage({ job, order });
    });
  }

  /** @returns {Worker | Promise<Worker>} */
  #free() {
    const worker = this.#idle.pop();
    if (worker) return worker;
    if (this.#all.size < HANDS) return this.#hire();
    return new Promise((resolve) => this.#queue.push(resolve));
  }

  #hire() {
    const worker = new Worker(new URL('./sealing-worker.js', import.meta.url), { type: 'module' });
    this.#all.add(worker);
    return worker;
  }

  /** @param {Worker} worker */
  #release(worker) {
    const next = this.#queue.shift();
    if (next) next(worker);
    else this.#idle.push(worker);
  }
}
