/** The list of recipients in the form: at least one, numbered by place, each with its own fields. */
import { copy, fill, part, parts } from './dom.js';
import { pageData, t } from './texts.js';

/** @typedef {{name: string, email: string, mobile: string | null, language: string}} Recipient */
/** @typedef {import('./problems.js').Problem} Problem */

const EMAIL = /^[^\s@*]+@[^\s@]+\.[^\s@]+$/;
const MOBILE = /^\+?\d[\d .()-]{5,}$/;
const NUMBERED = ['id', 'name', 'for', 'aria-describedby'];

export class Recipients {
  /** @param {HTMLElement} form */
  constructor(form) {
    this.form = form;
    this.list = part(form, 'recipients');
    this.button = part(form, 'add');
    this.button.addEventListener('click', () => this.add().querySelector('input')?.focus());
    this.add();
  }

  add() {
    const row = copy(this.form, 'recipient');
    part(row, 'remove').addEventListener('click', () => this.#remove(row));
    this.list.append(row);
    this.#number();
    return row;
  }

  /** @param {HTMLElement} row */
  #remove(row) {
    const next = row.previousElementSibling ?? row.nextElementSibling ?? this.list;
    row.remove();
    this.#number();
    part(next, 'number').focus();
  }

  #number() {
    const rows = parts(this.list, 'recipient');
    rows.forEach((row, index) => {
      fill(row, { number: t('send.recipient_number', { number: index + 1 }) });
      const remove = part(row, 'remove');
      remove.textContent = t('send.remove_recipient', { number: index + 1 });
      remove.hidden = rows.length === 1;
      for (const element of row.querySelectorAll('[id], [for]')) {
        for (const name of NUMBERED) {
          const value = element.getAttribute(name);
          if (value) element.setAttribute(name, value.replaceAll(/recipients\.\d+/g, `recipients.${index}`));
        }
      }
    });
    this.button.hidden = rows.length >= (pageData().limits?.max_recipients ?? 10);
  }

  /** @returns {Recipient[]} */
  get values() {
    return parts(this.list, 'recipient').map((row, index) => {
      const read = (/** @type {string} */ name) =>
        /** @type {HTMLInputElement} */ (row.querySelector(`[name="recipients.${index}.${name}"]`)).value.trim();
      return { name: read('name'), email: read('email'), mobile: read('mobile') || null, language: read('language') };
    });
  }

  /** @returns {Problem[]} what can be seen without asking the server */
  get problems() {
    const seen = new Set();
    return this.values.flatMap(({ name, email, mobile }, index) => {
      const found = [];
      if (!name) found.push({ code: 'bad_name', field: `recipients.${index}.name` });
      if (!EMAIL.test(email)) found.push({ code: 'bad_email', field: `recipients.${index}.email` });
      else if (seen.has(email.toLowerCase())) found.push({ code: 'duplicate_recipient', field: `recipients.${index}.email` });
      seen.add(email.toLowerCase());
      const missing = !mobile && !pageData().email_codes;
      if (missing) found.push({ code: 'second_channel_required', field: `recipients.${index}.mobile` });
      else if (mobile && !MOBILE.test(mobile)) found.push({ code: 'bad_mobile', field: `recipients.${index}.mobile` });
      return found;
    });
  }
}
