/** The first pass over chosen files, done while the person fills in the form. */
import { refuse } from './envelope.js';
import { Crew } from './crew.js';
import { fileDigest, pieceCount } from './digest.js';

/** @typedef {{size: number, pieces: Bytes[], dropped: boolean, done: Promise<Digested>, onprogress?: () => void}} Pass */

const LANES = 2; // pieces of one file at once

export class Digests {
  #passes = /** @type {Map<File, Pass>} */ (new Map());

  /** @param {Hands} [crew] replaced in tests */
  constructor(crew = new Crew()) {
    this.crew = crew;
  }

  /**
   * Start the first pass over a file; a failure is told by `of`.
   * @param {File} file
   */
  add(file) {
    this.of(file).catch(() => {});
  }

  /**
   * Stop and forget.
   * @param {File} file
   */
  drop(file) {
    const pass = this.#passes.get(file);
    if (pass) pass.dropped = true;
    this.#passes.delete(file);
  }

  /**
   * @param {File} file
   * @param {() => void} [onprogress] called at each piece from now on
   * @returns {Promise<Digested>}
   */
  of(file, onprogress) {
    let pass = this.#passes.get(file);
    if (!pass) {
      pass = { size: file.size, pieces: [], dropped: false, done: new Promise(() => {}) };
      this.#passes.set(file, pass);
      pass.done = this.#go(file, pass);
      pass.done.catch(() => this.drop(file)); // the next one to ask starts afresh
    }
    if (onprogress) pass.onprogress = onprogress;
    return pass.done;
  }

  /**
   * @param {File[]} files
   * @returns {number} bytes already seen
   */
  seen(files) {
    return files.reduce((sum, file) => {
      const pass = this.#passes.get(file);
      return sum + (pass ? (file.size * Object.keys(pass.pieces).length) / pieceCount(file.size) : 0);
    }, 0);
  }

  /**
   * @param {File} file
   * @param {Pass} pass
   * @returns {Promise<Digested>}
   */
  async #go(file, pass) {
    const { size, pieces } = pass;
    let next = 0;
    const lane = async () => {
      while (next < pieceCount(size)) {
        if (pass.dropped) refuse('dropped');
        const piece = next;
        next += 1;
        pieces[piece] = await this.crew.digestPiece({ file, size, piece });
        pass.onprogress?.();
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return { pieces, digest: await fileDigest(pieces) };
  }
}
