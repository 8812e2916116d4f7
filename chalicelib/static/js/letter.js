/** What the recipient has opened: the message as a letter, and files that are received, verified and saved in place. */
import { bytes, duration, moment, percent } from './format.js';
import { clear, problem, report, words } from './problems.js';
import { busy, copy, fill, part } from './dom.js';
import { pageData, t } from './texts.js';
import { choosable, chosen, downloaded, folder } from './ways.js';
import { each, together, zipped } from './everything.js';

/** @typedef {import('./collector.js').Contents} Contents */
/** @typedef {import('./collector.js').Contents['files'][number]} Listed */

/**
 * @param {HTMLElement} root
 * @param {import('./collector.js').Collecting} collecting
 * @param {Contents} contents
 * @param {(error: unknown) => boolean} ended takes over when the transfer or the session is over
 */
export function show(root, collecting, contents, ended) {
  const { language } = pageData();
  const { sender, files, message } = contents;
  const [sealed, expires] = [contents.sealed_at, contents.expires_at].map((instant) => moment(instant, language));
  const size = bytes(files.reduce((sum, file) => sum + file.size, 0), language);
  fill(root, {
    sender: t('collect.live_from', { sender: sender.name }),
    dates: t('collect.live_dates', { sealed, expires }),
    letter: message,
    count: t('collect.files', { count: files.length, size }),
    keep: t('collect.live_keep', { date: expires }),
  });
  part(root, 'letter').hidden = message === '';
  document.title = document.title.replace(/^.*(?= – )/, t('collect.live_title'));

  const choose = part(root, 'choose', HTMLInputElement);
  part(root, 'choice').hidden = !choosable();
  const save = (/** @type {Parameters<Save>} */ ...file) => (choose.checked ? chosen(file[0]) : downloaded(file[0], file[1]));
  const rows = files.map((file) => new Row(root, file, { collecting, ended, save }));
  part(root, 'files').replaceChildren(...rows.map(({ element }) => element));
  const all = part(root, 'all');
  all.hidden = files.length < 2;
  all.addEventListener('click', () => busy(all, async () => {
    clear(root);
    if (rows.some((row) => row.busy)) return;
    if (choose.checked) await folder().then((where) => each(rows, where), () => {}); // nothing was chosen
    else {
      const zip = await zipped(contents);
      await (zip ? together(rows, zip) : each(rows, save));
    }
  }));
}

export class Row {
  #stop = /** @type {AbortController | null} */ (null);

  /**
   * @param {HTMLElement} root
   * @param {Listed} file
   * @param {{collecting: import('./collector.js').Collecting, ended: (error: unknown) => boolean, save: Save}} means
   */
  constructor(root, file, means) {
    this.root = root;
    this.file = file;
    this.means = means;
    this.element = copy(root.parentElement ?? root, 'file');
    this.name = file.path ? `${file.path}/${file.name}` : file.name;
    fill(this.element, { name: this.name, size: bytes(file.size, pageData().language) });
    part(this.element, 'bar').setAttribute('aria-label', t('collect.live_progress_named', { name: this.name }));
    if (file.collected_at) this.#say(t('collect.live_collected', { date: moment(file.collected_at, pageData().language) }));
    this.#offer(file.collected_at ? 'download_again' : 'download');
    part(this.element, 'download').addEventListener('click', () => (this.#stop ? this.#stop.abort() : this.receives(means.save)));
  }

  get busy() {
    return this.#stop !== null;
  }

  /**
   * @param {Save} save
   * @returns {Promise<boolean>} whether the file was saved, whole
   */
  async receives(save) {
    if (this.busy) return false;
    this.begins();
    const whole = await this.gets(save);
    if (whole) await this.keeps();
    return whole;
  }

  /** @param {AbortController} [stop] its own, or that of several */
  begins(stop = new AbortController()) {
    this.#stop = stop;
    this.#offer('stop');
  }

  /**
   * @param {Save} save
   * @returns {Promise<boolean>} whether all of it came, and was verified
   */
  async gets(save) {
    const signal = this.#stop?.signal;
    part(this.element, 'bar').hidden = false;
    this.#moved(0);
    try {
      const onprogress = (/** @type {import('./collector.js').Progress} */ now) => this.#moved(now.receivedBytes, now.secondsLeft);
      await this.means.collecting.collect(this.file.file, { save, signal, onprogress });
      return true;
    } catch (error) {
      this.drops();
      const given = /** @type {Error} */ (error).name === 'AbortError'; // here, or where a place was to be chosen
      if (!given && !this.means.ended(error)) this.#fail(error);
      return false;
    }
  }

  /** Tell the sender, and whoever looks, that the file is where it belongs. */
  async keeps() {
    await this.means.collecting.tell(this.file.file);
    this.#say(t('collect.live_verified'), 'good');
    this.#end('download_again');
    fill(this.root, { announce: `${this.name} : ${t('collect.live_verified')}` });
  }

  /** Forget what came. */
  drops() {
    if (!this.busy) return;
    this.#say('');
    this.#end('download');
  }

  /** @param {unknown} error */
  #fail(error) {
    const found = problem(error);
    this.#say(words(found), 'bad');
    if (found.code !== 'integrity') report(this.root, [found]);
    else fill(this.root, { announce: words(found) });
  }

  /**
   * @param {number} received bytes
   * @param {number | null} [left] seconds
   */
  #moved(received, left = null) {
    const { language } = pageData();
    const [share, bar] = [this.file.size ? received / this.file.size : 1, part(this.element, 'bar')];
    bar.style.setProperty('--share', share.toFixed(3));
    bar.setAttribute('aria-valuenow', String(Math.floor(share * 100)));
    bar.setAttribute('aria-valuetext', percent(share, language));
    const done = t('collect.live_progress', { done: bytes(received, language), total: bytes(this.file.size, language) });
    this.#say(left ? `${done}, ${t('collect.live_left', { time: duration(left, language) })}` : done);
  }

  /** @param {'download' | 'download_again'} next */
  #end(next) {
    this.#stop = null;
    part(this.element, 'bar').hidden = true;
    this.#offer(next);
  }

  /** @param {'download' | 'download_again' | 'stop'} action */
  #offer(action) {
    const button = part(this.element, 'download');
    button.textContent = t(`collect.live_${action}`);
    button.setAttribute('aria-label', t(`collect.live_${action}_named`, { name: this.name }));
  }

  /**
   * @param {string} text
   * @param {'good' | 'bad' | ''} [tone]
   */
  #say(text, tone = '') {
    const state = part(this.element, 'state');
    [state.textContent, state.hidden, state.className] = [text, text === '', `file__state ${tone && `file__state--${tone}`}`.trim()];
  }
}
