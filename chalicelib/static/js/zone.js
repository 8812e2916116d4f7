/** Where files are dropped or chosen, folders with all that is in them. */
import { part } from './dom.js';

/** @typedef {{file: File, path: string}} Chosen path: folders, without the name; '' for none */

/**
 * @param {HTMLElement} form with `data-drop`, and `data-choose` and `data-input` for files, `data-choose-folder` and `data-folder`
 * @param {{add: (chosen: Chosen) => void, done: () => void, failed: (error: unknown) => void}} then
 */
export function zone(form, { add, done, failed }) {
  const place = part(form, 'drop');
  for (const [button, name] of [['choose', 'input'], ['choose-folder', 'folder']]) {
    const input = part(form, name, HTMLInputElement);
    part(form, button).addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      for (const file of input.files ?? []) add({ file, path: file.webkitRelativePath.split('/').slice(0, -1).join('/') });
      input.value = '';
      done();
    });
  }
  for (const type of ['dragover', 'drop']) window.addEventListener(type, (event) => event.preventDefault());
  for (const type of ['dragenter', 'dragover', 'dragleave', 'drop']) {
    place.addEventListener(type, () => place.classList.toggle('drop--over', type === 'dragenter' || type === 'dragover'));
  }
  place.addEventListener('drop', async ({ dataTransfer }) => {
    const given = [...(dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
    try {
      for (const one of given) {
        if (one instanceof File) add({ file: one, path: '' });
        else if (one) await walk(one, add);
      }
    } catch (error) {
      failed(error);
    }
    done();
  });
}

/**
 * @param {FileSystemEntry} entry
 * @param {(chosen: Chosen) => void} add
 */
async function walk(entry, add) {
  if (entry.isFile) {
    /** @type {File} */
    const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
    add({ file, path: entry.fullPath.split('/').slice(1, -1).join('/') });
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {FileSystemEntry[]} */
  let some;
  do {
    some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // a hundred at a time
    for (const one of some) await walk(one, add);
  } while (some.length > 0);
}
