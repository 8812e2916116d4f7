/** The head of the page: the folded menu, and signing out. */
import { api } from './api.js';
import { busy } from './dom.js';

/** @param {HTMLElement} header */
export function start(header) {
  const menu = header.querySelector('[data-menu]');
  menu?.addEventListener('click', () => {
    const open = menu.getAttribute('aria-expanded') !== 'true';
    menu.setAttribute('aria-expanded', String(open));
  });
  const button = header.querySelector('[data-sign-out]');
  button?.addEventListener('click', () => busy(button, () => signOut(header)));
}

/**
 * A session that began at Pro Santé Connect ends there too: the server says where.
 * @param {HTMLElement} header
 */
async function signOut(header) {
  try {
    const answer = await api.call('DELETE', '/api/session', {});
    location.assign(answer?.url ?? '/signin');
  } catch (error) {
    if (/** @type {{code?: string}} */ (error).code === 'signin_required') location.assign('/signin');
    const trouble = header.querySelector('[data-sign-out-failed]');
    if (trouble instanceof HTMLElement) trouble.hidden = false;
  }
}
