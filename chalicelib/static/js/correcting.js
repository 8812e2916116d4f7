/** Correct whom a link goes to: a form in the card of one recipient. */
import { busy, copy, fill, part } from './dom.js';
import { clear, report } from './problems.js';
import { faultsOf, readAddressee } from './addressee.js';
import { api } from './api.js';
import { t } from './texts.js';

/**
 * @param {HTMLElement} root
 * @param {Followed} one
 * @param {boolean} told whether a new link leaves at once
 * @param {{path: string, act: Act, close: () => void}} means
 * @returns {HTMLFormElement}
 */
export function correction(root, one, told, { path, act, close }) {
  const form = /** @type {HTMLFormElement} */ (copy(root, 'correction'));
  const given = { name: one.name, email: one.email, mobile: one.mobile ?? '', language: one.language };
  for (const [name, value] of Object.entries(given)) /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value = value;
  const box = /** @type {HTMLInputElement} */ (form.elements.namedItem('shared'));
  box.checked = one.shared;
  form.setAttribute('aria-label', t('transfer.live_correct_named', { name: one.name }));
  fill(form, { effect: t(told ? 'transfer.live_correct_told' : 'transfer.live_correct_standby') });

  async function send() {
    const person = { ...readAddressee(form), shared: box.checked };
    const found = faultsOf(person);
    if (found.length > 0) {
      report(form, found);
      return;
    }
    clear(form);
    const work = () => api.call('PUT', `${path}/recipients/${one.recipient}`, person, { repeatable: false }); // each one sends a link
    await act(work, () => t('transfer.live_corrected', { name: person.name }), form, close);
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(form.querySelector('[type="submit"]'), send);
  });
  part(form, 'close').addEventListener('click', close);
  return form;
}
