/** The drop zone: chosen or dropped files and folders become a list with a total. */
import { copy, fill, part } from './dom.js';
import { pageData, t } from './texts.js';
import { problem, report } from './problems.js';
import { bytes } from './format.js';
import { zone } from './zone.js';

/** @typedef {import('./zone.js').Chosen} Chosen */
/** @typedef {import('./problems.js').Problem} Problem */
/** @typedef {{add: (file: File) => void, drop: (file: File) => void}} Digests */

export class Drop {
  /** @type {Chosen[]} */
  chosen = [];

  /**
   * @param {HTMLElement} form
   * @param {Digests} digests told of each file at once: the first pass starts while the form is filled in
   */
  constructor(form, digests) {
    this.form = form;
    this.digests = digests;
    zone(form, {
      add: (chosen) => this.#add(chosen),
      done: () => this.#count(),
      failed: (error) => report(form, [{ ...problem(error), field: 'sizes' }]),
    });
  }

  get size() {
    return this.chosen.reduce((sum, { file }) => sum + file.size, 0);
  }

  /** @returns {Problem[]} what can be seen without asking the server */
  get problems() {
    const { limits } = pageData();
    const codes = [];
    if (this.chosen.length === 0) codes.push('no_file');
    if (limits && this.chosen.length > limits.max_files) codes.push('too_many_files');
    if (limits && this.chosen.some(({ file }) => file.size > limits.max_file_bytes)) codes.push('file_too_large');
    else if (limits && this.size > limits.max_transfer_bytes) codes.push('transfer_too_large');
    return codes.map((code) => ({ code, field: 'sizes' }));
  }

  /** @param {Chosen} chosen */
  #add(chosen) {
    const { file, path } = chosen;
    this.chosen.push(chosen);
    this.digests.add(file);
    const name = path ? `${path}/${file.name}` : file.name;
    const row = copy(this.form, 'file');
    fill(row, { name, size: bytes(file.size, pageData().language) });
    const remove = part(row, 'remove');
    remove.setAttribute('aria-label', t('send.remove_file', { name }));
    remove.addEventListener('click', () => {
      this.chosen = this.chosen.filter((other) => other !== chosen);
      this.digests.drop(file);
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      (next ? part(next, 'remove') : part(this.form, 'choose')).focus();
      this.#count();
    });
    part(this.form, 'files').append(row);
  }

  #count() {
    const count = this.chosen.length;
    part(this.form, 'files').hidden = count === 0;
    part(this.form, 'drop').classList.toggle('drop--full', count > 0);
    fill(this.form, { total: count ? t('send.files_total', { count, size: bytes(this.size, pageData().language) }) : '' });
  }
}
