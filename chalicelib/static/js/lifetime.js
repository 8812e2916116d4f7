/** Move the end of a transfer, sooner or later, by whole days at the same hour. */
import { busy, fill, part } from './dom.js';
import { clear, report } from './problems.js';
import { duration, moment } from './format.js';
import { pageData, t } from './texts.js';
import { api } from './api.js';

const HOUR = 3_600; // seconds
const DAY = 24 * HOUR;

/** @typedef {Pick<Transfer, 'expires_at' | 'lifetime_ends_at'>} Ends */

/**
 * @param {number} instant seconds since 1970
 * @returns {string} its day where the reader is, as a date field writes it
 */
export function dayOf(instant) {
  const at = new Date(instant * 1000);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

/**
 * The present hour of the end on another day, and never past the latest end.
 * @param {string} day `2026-11-30`
 * @param {Ends} ends
 * @returns {number} seconds since 1970
 */
export function endOn(day, { expires_at: present, lifetime_ends_at: latest }) {
  const [year, month, date] = day.split('-').map(Number);
  const end = new Date(present * 1000);
  end.setFullYear(year, month - 1, date);
  return Math.min(Math.floor(end.getTime() / 1000), latest);
}

/**
 * The days that may be chosen: from tomorrow, and more than an hour away.
 * @param {Ends} ends
 * @param {number} now seconds since 1970
 * @returns {{min: string, max: string} | null} null: none is left
 */
export function choice(ends, now) {
  const [tomorrow, next] = [dayOf(now + DAY), dayOf(now + 2 * DAY)];
  const min = endOn(tomorrow, ends) > now + HOUR ? tomorrow : next;
  const max = dayOf(ends.lifetime_ends_at);
  return min <= max && endOn(min, ends) > now + HOUR ? { min, max } : null;
}

export class Lifetime {
  #ends = /** @type {Ends} */ ({ expires_at: 0, lifetime_ends_at: 0 });

  /**
   * @param {HTMLElement} root
   * @param {{path: string, act: Act}} means
   */
  constructor(root, means) {
    this.root = root;
    this.means = means;
    this.button = part(root, 'move', HTMLButtonElement);
    this.form = part(root, 'move-form', HTMLFormElement);
    this.field = /** @type {HTMLInputElement} */ (this.form.elements.namedItem('expires_at'));
    this.button.addEventListener('click', () => this.#show(this.form.hidden === true));
    part(this.form, 'close').addEventListener('click', () => this.#show(false));
    this.field.addEventListener('input', () => this.#explain());
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      busy(this.form.querySelector('[type="submit"]'), () => this.#send());
    });
  }

  /** @param {Transfer} transfer */
  write(transfer) {
    this.#ends = transfer;
    const { language } = pageData();
    const days = choice(transfer, Date.now() / 1000);
    const [date, latest] = [moment(transfer.expires_at, language), moment(transfer.lifetime_ends_at, language)];
    fill(this.root, { end: t(days ? 'transfer.live_end' : 'transfer.live_end_fixed', { date, latest }) });
    this.button.disabled = !days;
    if (days) Object.assign(this.field, days);
    if (!days) this.#show(false);
    this.#explain();
  }

  /** @param {boolean} open */
  #show(open) {
    if (open !== this.form.hidden) return;
    this.form.hidden = !open;
    this.button.setAttribute('aria-expanded', String(open));
    clear(this.form);
    this.field.value = dayOf(this.#ends.expires_at);
    this.#explain();
    (open ? this.field : this.button).focus();
  }

  /** @returns {number} the end that was chosen, or NaN */
  get #chosen() {
    const { value, min, max } = this.field;
    return value && value >= min && value <= max ? endOn(value, this.#ends) : NaN;
  }

  #explain() {
    const { language } = pageData();
    const [chosen, present] = [this.#chosen, this.#ends.expires_at];
    const words = { date: moment(chosen || present, language), time: duration(Math.abs(chosen - present) || 1, language) };
    const change = t(chosen > present ? 'transfer.live_longer' : 'transfer.live_shorter', words);
    fill(this.form, { effect: Number.isNaN(chosen) ? '' : chosen === present ? t('transfer.live_same') : change });
  }

  async #send() {
    const end = this.#chosen;
    if (Number.isNaN(end)) {
      report(this.form, [{ code: 'bad_expiry', field: 'expires_at' }]);
      return;
    }
    clear(this.form);
    const said = () => t('transfer.live_moved', { date: moment(end, pageData().language) });
    const work = () => api.call('PUT', `${this.means.path}/expiry`, { expires_at: end });
    await this.means.act(work, said, this.form, () => this.#show(false));
  }
}
