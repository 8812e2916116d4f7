/** The members of the clinic: inviting one more, changing how one stands, and reviewing once a year who may do what. */
import { busy, fill, part, parts } from './dom.js';
import { clear, problem, report } from './problems.js';
import { faultsOf, readAddressee } from './addressee.js';
import { pageData, t } from './texts.js';
import { api } from './api.js';
import { day } from './format.js';
import { membership } from './membership.js';
import { proving } from './proving.js';
import { save } from './saving.js';

/** @typedef {{reviewed_at: number | null, due: boolean}} Review */

/** @param {HTMLElement} root */
export function start(root) {
  const run = proving(document.body);
  const told = part(root, 'told');

  /** @type {MembersAct} */
  async function act(work, said, form = told, at = '') {
    clear(form);
    fill(root, { done: '' });
    try {
      await run(work);
      await load().catch(leave);
      fill(root, { done: said });
      part(root, 'done').focus();
      return true;
    } catch (error) {
      const found = problem(error);
      report(form, [{ ...found, field: found.field && `${at}${found.field}` }]);
      return false;
    }
  }

  /**
   * A change of one's own name, address or role ends one's session, too.
   * @param {unknown} error
   */
  function leave(error) {
    if (/** @type {{code?: string}} */ (error).code !== 'signin_required') throw error;
    location.assign('/signin#/members');
  }

  async function load() {
    const { members, review } = await api.call('GET', '/api/members');
    part(root, 'list').replaceChildren(...members.map((/** @type {import('./membership.js').Member} */ one) => membership(root, one, act)));
    fill(root, { status: t('members.live_count', { count: members.length }) });
    writeReview(review);
  }

  /** @param {Review} review */
  function writeReview({ reviewed_at: at, due }) {
    part(root, 'due').hidden = !due;
    part(root, 'calm').hidden = due;
    fill(root, { review: at ? t('members.live_reviewed', { date: day(at, pageData().language) }) : '' });
  }

  /** @param {HTMLFormElement} form */
  async function invite(form) {
    const person = readAddressee(form);
    const found = faultsOf(person);
    if (found.length > 0) {
      report(form, found);
      return;
    }
    const role = String(new FormData(form).get('role'));
    const sent = await act(() => api.call('POST', '/api/members', { ...person, role }), t('members.live_invited', { name: person.name }), form);
    if (sent) form.reset();
  }

  async function exported() {
    const { csv, name } = await api.call('GET', '/api/members/review');
    save(`\ufeff${csv}`, 'text/csv', name); // the mark tells spreadsheets that it is UTF-8
  }

  const form = root.querySelector('form[data-form]');
  if (form instanceof HTMLFormElement) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      busy(form.querySelector('[type="submit"]'), () => invite(form));
    });
  }
  for (const button of parts(root, 'export')) {
    button.addEventListener('click', () => busy(button, () => act(exported, t('members.live_exported'))));
  }
  for (const button of parts(root, 'reviewed')) {
    button.addEventListener('click', () => busy(button, () => act(() => api.call('POST', '/api/members/review'), t('members.live_review_done'))));
  }
  load().catch((error) => {
    fill(root, { status: '' });
    report(told, [problem(error)]);
  });
}
