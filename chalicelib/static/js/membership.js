/** One member in the list: how they stand, and, for an administrator, what can be done about it. */
import { busy, confirmed, copy, fill, part, parts } from './dom.js';
import { day, initials, phone } from './format.js';
import { faultsOf, readAddressee } from './addressee.js';
import { pageData, t } from './texts.js';
import { api } from './api.js';
import { clear, report } from './problems.js';

/**
 * @typedef {{member: string, name: string, email: string, mobile: string | null, language: string, role: string,
 *   standing: 'invited' | 'active' | 'disabled', secured: boolean, invited_at: number, last_seen_at: number | null}} Member
 */

const ACTS = /** @type {const} */ ({
  invited: ['invitation', 'contact', 'role', 'reset', 'disable'],
  active: ['contact', 'role', 'reset', 'disable'],
  disabled: ['enable', 'contact', 'role'],
});
const ASKED = ['reset', 'disable'];

/**
 * What an administrator may do about a member; about themselves only what does not shut them out.
 * @param {Pick<Member, 'standing' | 'member'>} member
 * @param {string} [self]
 * @returns {string[]}
 */
export function actsFor({ standing, member }, self) {
  return ACTS[standing].filter((act) => member !== self || !ASKED.includes(act));
}

/**
 * @param {HTMLElement} root
 * @param {Member} member
 * @param {MembersAct} act
 * @returns {HTMLElement}
 */
export function membership(root, member, act) {
  const { language, member: self } = pageData();
  const { name, email, mobile, role, standing, secured, invited_at: invited, last_seen_at: seen } = member;
  const element = copy(root, 'member');
  element.dataset.standing = standing;
  fill(element, {
    initials: initials(name),
    name,
    address: [email, phone(mobile ?? '')].filter(Boolean).join(', '),
    role: t(`role.${role}`),
    standing: t(`standing.${standing}`),
    seen: seen ? t('members.live_seen', { date: day(seen, language) }) : t('members.live_never', { date: day(invited, language) }),
    secured: t(secured ? 'members.live_secured' : 'members.live_unsecured'),
  });
  const acts = element.querySelector('[data-acts]');
  if (acts instanceof HTMLElement) offer(root, acts, member, actsFor(member, self?.member), act);
  return element;
}

/**
 * @param {HTMLElement} root
 * @param {HTMLElement} acts
 * @param {Member} member
 * @param {string[]} names
 * @param {MembersAct} act
 */
function offer(root, acts, member, names, act) {
  const { name } = member;
  const path = `/api/members/${member.member}`;
  fill(acts, { whose: ` ${t('members.live_acts_for', { name })}` });

  /** @param {string} what */
  async function simple(what) {
    if (ASKED.includes(what) && !(await confirmed(root, what, name))) return;
    await act(() => api.call('POST', `${path}/${what}`), t(`members.live_done_${what}`, { name }));
  }

  for (const button of parts(acts, 'act')) {
    const what = button.dataset.act ?? '';
    button.hidden = !names.includes(what);
    if (what === 'contact') button.addEventListener('click', () => open(acts, contactForm(root, member, path, act), button));
    else if (what === 'role') button.addEventListener('click', () => open(acts, roleForm(root, member, path, act), button));
    else button.addEventListener('click', () => busy(button, () => simple(what)));
  }
}

/**
 * Show a form under the actions, in place of another one.
 * @param {HTMLElement} acts
 * @param {HTMLFormElement} form
 * @param {HTMLElement} button
 */
function open(acts, form, button) {
  part(acts, 'place').replaceChildren(form);
  part(form, 'close').addEventListener('click', () => {
    form.remove();
    button.focus();
  });
  const first = form.querySelector('input, select');
  if (first instanceof HTMLElement) first.focus();
}

/**
 * @param {HTMLElement} root
 * @param {string} template
 * @param {string} label
 * @param {{[name: string]: string}} given
 * @param {(form: HTMLFormElement) => Promise<unknown>} send
 */
function formOf(root, template, label, given, send) {
  const form = /** @type {HTMLFormElement} */ (copy(root, template));
  form.setAttribute('aria-label', label);
  for (const [name, value] of Object.entries(given)) /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value = value;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    clear(form);
    busy(form.querySelector('[type="submit"]'), () => send(form));
  });
  return form;
}

/**
 * @param {HTMLElement} root
 * @param {Member} member
 * @param {string} path
 * @param {MembersAct} act
 */
function contactForm(root, { name, email, mobile, language }, path, act) {
  return formOf(root, 'contact', t('members.live_contact_of', { name }), { name, email, mobile: mobile ?? '', language }, async (form) => {
    const person = readAddressee(form);
    const found = faultsOf(person).map((one) => ({ ...one, field: `contact-${one.field}` }));
    if (found.length > 0) report(form, found);
    else await act(() => api.call('PUT', path, person, { repeatable: false }), t('members.live_done_contact', { name: person.name }), form, 'contact-');
  });
}

/**
 * @param {HTMLElement} root
 * @param {Member} member
 * @param {string} path
 * @param {MembersAct} act
 */
function roleForm(root, { name, role }, path, act) {
  return formOf(root, 'role', t('members.live_role_of', { name }), { role }, async (form) => {
    const chosen = String(new FormData(form).get('role'));
    await act(() => api.call('PUT', `${path}/role`, { role: chosen }), t('members.live_done_role', { name, role: t(`role.${chosen}`) }), form, 'new-');
  });
}
