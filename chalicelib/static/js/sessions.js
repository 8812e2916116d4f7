/** Where a member is signed in: each place in a row, and the ways out. */
import { busy, copy, fill, part } from './dom.js';
import { pageData, t } from './texts.js';
import { api } from './api.js';
import { deviceWords } from './device.js';
import { moment } from './format.js';

/**
 * @typedef {{session: string, here: boolean, created_at: number, seen_at: number, ip: string | null,
 *   device: import('./device.js').Device, proofs: string[]}} Session
 */

/**
 * This one first, then the one used last.
 * @param {Session[]} sessions
 * @returns {Session[]}
 */
export function inOrder(sessions) {
  return [...sessions].sort((one, other) => Number(other.here) - Number(one.here) || other.seen_at - one.seen_at);
}

/**
 * @param {HTMLElement} root
 * @param {Session[]} sessions
 * @param {AccountAct} act
 */
export function writeSessions(root, sessions, act) {
  part(root, 'sessions').replaceChildren(...inOrder(sessions).map((one) => row(root, one, act)));
}

/**
 * @param {HTMLElement} root
 * @param {Session} one
 * @param {AccountAct} act
 */
function row(root, one, act) {
  const { language } = pageData();
  const element = copy(root, 'session');
  const device = deviceWords(one.device);
  const by = one.proofs.map((means) => t(`proofs.means.${means}`)).join(', ');
  fill(element, {
    device,
    where: t(one.ip ? 'account.live_session_from' : 'account.live_session_by', { by, ip: one.ip ?? '' }),
    when: t('account.live_session_when', { since: moment(one.created_at, language), last: moment(one.seen_at, language) }),
  });
  part(element, 'here').hidden = !one.here;
  const end = part(element, 'end');
  end.hidden = one.here;
  end.setAttribute('aria-label', t('account.live_session_end', { device }));
  const work = () => api.call('DELETE', `/api/account/sessions/${encodeURIComponent(one.session)}`, {});
  end.addEventListener('click', () => busy(end, () => act(work, () => t('account.live_session_ended', { device }))));
  return element;
}
