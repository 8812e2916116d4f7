/** The members of the clinic, and inviting one more. */
import { busy, copy, fill, part } from './dom.js';
import { clear, problem, report } from './problems.js';
import { day, initials, phone } from './format.js';
import { pageData, t } from './texts.js';
import { api } from './api.js';

/** @typedef {{member: string, name: string, email: string, mobile: string | null, role: string, invited_at: number, last_seen_at: number | null}} Member */

/** @param {HTMLElement} root */
export function start(root) {
  const { language } = pageData();
  const form = part(root, 'form', HTMLFormElement);
  const read = (/** @type {string} */ name) => String(new FormData(form).get(name) ?? '').trim();

  /** @param {Member} member */
  function row({ name, email, mobile, role, invited_at: invited, last_seen_at: seen }) {
    const element = copy(root, 'member');
    fill(element, {
      initials: initials(name),
      name,
      address: [email, phone(mobile ?? '')].filter(Boolean).join(', '),
      role: t(`role.${role}`),
      seen: seen ? t('members.live_seen', { date: day(seen, language) }) : t('members.live_never', { date: day(invited, language) }),
    });
    return element;
  }

  /** @param {string} [status] */
  async function load(status) {
    const { members } = await api.call('GET', '/api/members');
    part(root, 'list').replaceChildren(...members.map(row));
    fill(root, { status: status ?? t('members.live_count', { count: members.length }) });
  }

  async function invite() {
    const found = [];
    if (!read('name')) found.push({ code: 'bad_name', field: 'name' });
    if (!/^[^\s@]+@[^\s@]+$/.test(read('email'))) found.push({ code: 'bad_email', field: 'email' });
    if (found.length > 0) {
      report(form, found);
      return;
    }
    const [name, email, speaks, role] = ['name', 'email', 'language', 'role'].map(read);
    clear(form);
    try {
      await api.call('POST', '/api/members', { name, email, mobile: read('mobile') || null, language: speaks, role });
      form.reset();
      await load(t('members.live_invited', { name }));
    } catch (error) {
      report(form, [problem(error)]);
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(form.querySelector('[type="submit"]'), invite);
  });
  load().catch((error) => {
    fill(root, { status: '' });
    report(form, [problem(error)]);
  });
}
