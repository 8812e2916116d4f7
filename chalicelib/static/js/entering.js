/** Proving who one is, as a recipient: a code, or where none comes another way; and who opens a shared mailbox. */
import { busy, fill, part, parts, step } from './dom.js';
import { clear, problem, report, reportAt, saying } from './problems.js';
import { pageData, t } from './texts.js';
import { api } from './api.js';
import { codeField } from './code.js';
import { moment } from './format.js';

const OF_PHRASES = { wrong_code: 'wrong_phrase', code_spent: 'phrase_spent' };

/** @typedef {{transfer: string, recipient: string, secret: string}} Link */

/**
 * @param {HTMLElement} root
 * @param {Link | null} link
 * @param {{ended: (error: unknown) => boolean, entered: () => Promise<void>}} means
 *   ended: shows the page of an end from which there is no way back, and tells whether it was one
 * @returns {(shown: HTMLElement) => Promise<void>} asks for a code; a refusal is told where it says
 */
export function entering(root, link, { ended, entered }) {
  const coded = part(root, 'step="code"', HTMLFormElement);
  const spoken = part(root, 'step="phrase"', HTMLFormElement);
  const mine = part(root, 'remember', HTMLInputElement);
  let [shared, other, first] = [false, false, ''];

  const empty = codeField(coded, (code) => enter(coded, code));

  /**
   * @param {HTMLFormElement} form
   * @param {string} code the digits or the phrase
   */
  async function enter(form, code) {
    const name = field(form, 'name').value.trim();
    if (shared && !name) throw Object.assign(new Error(), { code: 'no_name', field: 'name' });
    try {
      await api.call('POST', '/api/collect/sessions', { code, name: shared ? name : null, remember: mine.checked });
    } catch (error) {
      if (ended(error)) return;
      throw error;
    }
    await entered();
  }

  /**
   * @param {HTMLElement} shown where a refusal is told
   * @param {boolean} wanted whether another way is, because nothing came the first way
   */
  async function ask(shown, wanted) {
    clear(shown);
    try {
      const { channel, expires_at: until, ...asked } = await api.call('POST', '/api/collect/codes', { ...link, other: wanted });
      [shared, other, first] = [asked.shared, wanted, first || channel];
      const form = channel === 'phrase' ? spoken : coded;
      if (form === coded) fill(form, { sent: t(`collect.live_sent_${channel}`) });
      fill(form, { until: t('collect.live_until', { date: moment(until, pageData().language) }) });
      part(form, 'shared').hidden = !shared;
      part(form, 'lost', HTMLDetailsElement).open = false;
      part(spoken, 'first').hidden = first === 'phrase';
      part(spoken, 'again').hidden = true;
      clear(form);
      step(root, channel === 'phrase' ? 'phrase' : 'code');
      if (form === coded) empty();
      if (form === coded && shared && !field(form, 'name').value) field(form, 'name').focus();
    } catch (error) {
      if (!ended(error)) report(shown, [problem(error)]);
    }
  }

  async function speak() {
    const input = field(spoken, 'phrase');
    try {
      if (!input.value.trim()) throw Object.assign(new Error(), { code: 'wrong_phrase' });
      await enter(spoken, input.value).catch(saying(OF_PHRASES));
    } catch (error) {
      const found = problem(error);
      part(spoken, 'again').hidden = found.code !== 'phrase_spent';
      reportAt(spoken, found.field === 'name' ? field(spoken, 'name') : input, found);
    }
  }

  spoken.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(spoken.querySelector('[type="submit"]'), speak);
  });
  for (const form of [coded, spoken]) {
    for (const [name, wanted] of /** @type {[string, () => boolean][]} */ ([['again', () => other], ['other', () => true], ['first', () => false]])) {
      for (const button of parts(form, name)) button.addEventListener('click', () => busy(button, () => ask(form, wanted())));
    }
  }
  return (shown) => ask(shown, false);
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function field(form, name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}
