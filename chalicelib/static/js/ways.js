/**
 * The ways a file takes to the recipient's disk: a Saving takes its verified pieces in order.
 * Whatever is not closed must leave nothing that looks like the whole file.
 */
import { save } from './saving.js';
import { sleep } from './patience.js';
import { streamed } from './streaming.js';

const LARGE = 64 * 1024 * 1024; // bytes; what is larger goes to the disk as it comes
const BETWEEN_SAVES = 150; // milliseconds: Chromium drops what comes faster than about ten a second
let turn = Promise.resolve();

/**
 * @param {string} name safe
 * @param {number} size bytes
 * @returns {Promise<Saving>}
 */
export async function downloaded(name, size) {
  return (size > LARGE ? await streamed(name, size) : null) ?? inMemory(name);
}

/**
 * Gather the file in Blobs, which the browser may keep on disk, and let it save them once they are whole.
 * @param {string} name safe
 * @returns {Saving}
 */
function inMemory(name) {
  let pieces = /** @type {Blob[]} */ ([]);
  return {
    async write(piece) {
      pieces.push(new Blob([piece]));
    },
    close() {
      turn = turn.then(() => save(new Blob(pieces), 'application/octet-stream', name)).then(() => sleep(BETWEEN_SAVES));
      return turn;
    },
    async abort() {
      pieces = [];
    },
  };
}
