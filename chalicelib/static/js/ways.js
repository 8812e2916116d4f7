/**
 * The ways a file takes to the recipient's disk: a Saving takes its verified pieces in order.
 * Whatever is not closed must leave nothing that looks like the whole file.
 */
import { save } from './saving.js';
import { sleep } from './patience.js';
import { numbered } from './names.js';
import { Stopped, streamed } from './streaming.js';

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

/** Whether this browser lets people choose where a file is written. */
export const choosable = () => 'showSaveFilePicker' in window && 'showDirectoryPicker' in window;

/**
 * Write the file where somebody chooses. Their AbortError, when they do not, is passed on.
 * @param {string} name safe
 * @returns {Promise<Saving>}
 */
export async function chosen(name) {
  return into(await window.showSaveFilePicker({ suggestedName: name }));
}

/**
 * Let somebody choose a folder for several files, which keep their own folders and replace nothing.
 * @returns {Promise<Save>}
 */
export async function folder() {
  const root = await window.showDirectoryPicker({ mode: 'readwrite' });
  return async (name, _size, path) => {
    let at = root;
    for (const one of path.split('/').filter(Boolean)) at = await at.getDirectoryHandle(one, { create: true }).catch(stopped);
    return into(await unused(at, name));
  };
}

/**
 * @param {FileSystemDirectoryHandle} at
 * @param {string} name
 */
async function unused(at, name) {
  for (let n = 1; ; n += 1) {
    const other = numbered(name, n);
    const free = await at.getFileHandle(other).then(() => false, ({ name: why }) => why === 'NotFoundError');
    if (free) return at.getFileHandle(other, { create: true }).catch(stopped);
  }
}

/**
 * What is written lies apart until it is closed; a file that was made for it and stayed empty goes again.
 * @param {FileSystemFileHandle} handle
 * @returns {Promise<Saving>}
 */
async function into(handle) {
  const file = await handle.createWritable().catch(stopped);
  return {
    write: (piece) => file.write(piece).catch(stopped),
    close: () => file.close().catch(stopped),
    async abort() {
      await file.abort();
      if ((await handle.getFile()).size === 0) await handle.remove?.();
    },
  };
}

/**
 * @param {DOMException} why
 * @returns {never}
 */
function stopped(why) {
  throw why.name === 'QuotaExceededError' ? why : new Stopped();
}
