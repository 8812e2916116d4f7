/** The list of recipients in the form: at least one, numbered by place, each with its own fields. */
import { copy, fill, part, parts } from './dom.js';
import { faultsOf, readAddressee } from './addressee.js';
import { pageData, t } from './texts.js';

/** @typedef {import('./addressee.js').Addressee & {standby: boolean, shared: boolean}} Recipient */
/** @typedef {import('./problems.js').Problem} Problem */

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
      for (const standby of parts(row, 'standby')) standby.hidden = rows.length === 1;
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
    return parts(this.list, 'recipient').map((row, index, { length }) => {
      const marked = (/** @type {string} */ name) => row.querySelector(`[name$="${name}"]:checked`) !== null;
      return { ...readAddressee(row, `recipients.${index}.`), standby: length > 1 && marked('standby'), shared: marked('shared') };
    });
  }

  /** @returns {Problem[]} what can be seen without asking the server */
  get problems() {
    const people = this.values;
    const emails = people.map(({ email }) => email.toLowerCase());
    const found = people.flatMap((one, index) => {
      const [at, twice] = [`recipients.${index}.`, emails.indexOf(emails[index]) < index];
      const faults = faultsOf(one, at);
      if (twice && !faults.some(({ field }) => field === `${at}email`)) faults.push({ code: 'duplicate_recipient', field: `${at}email` });
      return faults;
    });
    if (people.every(({ standby }) => standby)) found.push({ code: 'no_recipient', field: 'recipients' });
    return found;
  }
}
