/** Collecting: the link stays in memory, the click asks for a code, the code opens the letter and its files. */
import { Collecting, readLink, remembered } from './collector.js';
import { busy, part, parts, step } from './dom.js';
import { problem, report } from './problems.js';
import { api } from './api.js';
import { entering } from './entering.js';
import { show } from './letter.js';
import { unregister } from './streaming.js';

const ENDS = ['not_found', 'transfer_expired', 'transfer_revoked', 'openings_spent', 'session_over', 'no_crypto'];

/** @param {HTMLElement} root */
export function start(root) {
  const fragment = location.hash;
  const link = readLink(fragment);
  const left = new URLSearchParams(location.search).has('left');
  history.replaceState(null, '', location.pathname + location.search);
  window.addEventListener('hashchange', () => location.reload()); // another link, opened in this same tab

  const ask = entering(root, link, { ended, entered: open });

  /**
   * Show the page of an end from which there is no way back; tell whether it was one.
   * @param {unknown} error
   */
  function ended(error) {
    const { code } = /** @type {{code?: string}} */ (error);
    const end = code === 'signin_required' ? 'session_over' : (code ?? '');
    if (ENDS.includes(end)) step(root, end);
    return ENDS.includes(end);
  }

  /** Ask for a code, unless this device was to be remembered for this very transfer. */
  async function begin() {
    const session = await api.call('GET', '/api/collect/session', undefined, { repeatable: false }).catch(() => null);
    if (remembered(session, link)) await open();
    else step(root, 'ask');
  }

  async function open() {
    const collecting = new Collecting({ api, transfer: link?.transfer });
    try {
      const contents = await collecting.open();
      step(root, 'opened');
      show(part(root, 'step="opened"'), collecting, contents, ended);
    } catch (error) {
      const { code } = /** @type {{code?: string}} */ (error);
      if (code === 'signin_required' && !link) step(root, 'no_link');
      else if (!ended(error)) step(root, 'failure');
    }
  }

  const first = part(root, 'ask');
  first.addEventListener('click', () => busy(first, () => ask(part(root, 'step="ask"'))));
  part(root, 'retry').addEventListener('click', open);
  const leave = part(root, 'leave');
  leave.addEventListener('click', () => busy(leave, async () => {
    try {
      await api.call('DELETE', '/api/collect/session');
      await unregister();
      location.replace('/c?left'); // a page of its own: the key is no longer in memory
    } catch (error) {
      if (!ended(error)) report(part(root, 'step="opened"'), [problem(error)]);
    }
  }));
  for (const other of parts(document, 'language')) {
    other.addEventListener('click', (event) => { // the other language keeps the link, in memory only
      event.preventDefault();
      location.assign(`${/** @type {HTMLAnchorElement} */ (other).href}${fragment}`);
    });
  }

  if (left) step(root, 'left');
  else if (link) begin();
  else if (fragment.length > 1) step(root, 'not_found');
  else open();
}
