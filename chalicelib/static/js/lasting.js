/** Say two minutes ahead that the session is about to end, and keep it open if it can be; what was typed stays on the page. */
import { api } from './api.js';
import { busy, part, parts } from './dom.js';

const AHEAD = 120; // seconds
const LOOK = 5_000; // milliseconds

/** @typedef {'fine' | 'idle' | 'ending' | 'over'} How */

/**
 * @param {{heard: number, idle: number, ends: number}} session when the server last answered, how long it waits (seconds), and its end
 * @param {number} now seconds since 1970
 * @returns {How} idle: it can be kept open; ending: it cannot
 */
export function howLasting({ heard, idle, ends }, now) {
  if (now >= Math.min(heard + idle, ends)) return 'over';
  if (now >= ends - AHEAD) return 'ending';
  return now >= heard + idle - AHEAD ? 'idle' : 'fine';
}

/** @param {HTMLElement} root with `data-ends` (seconds since 1970) and `data-idle` (seconds) */
export function start(root) {
  const session = { ends: Number(root.dataset.ends), idle: Number(root.dataset.idle), heard: Date.now() / 1000 };
  let told = /** @type {How} */ ('fine');

  function look() {
    session.heard = Math.max(session.heard, api.heard / 1000);
    const now = howLasting(session, Date.now() / 1000);
    if (now === told) return;
    told = now;
    for (const text of parts(root, 'how')) text.hidden = text.dataset.how !== now;
    part(root, 'stay').hidden = now !== 'idle';
    part(root, 'anew').hidden = now !== 'ending' && now !== 'over';
    root.classList.toggle('lasting--shown', now !== 'fine');
  }

  async function ask() {
    const found = await api.call('GET', '/api/session').catch(() => null);
    if (found?.enough) session.ends = found.ends_at;
    else if (found) session.ends = 0;
    look();
  }

  const stay = part(root, 'stay');
  stay.addEventListener('click', () => busy(stay, ask));
  document.addEventListener('visibilitychange', () => {
    // Perhaps they signed in again in another tab.
    if (!document.hidden && (told === 'ending' || told === 'over')) ask();
    else look();
  });
  setInterval(look, LOOK);
}
