/** The dialog that asks for a fresh proof when the server wants one, then lets what was asked go on. What was typed stays. */
import { able } from './passkeys.js';
import { Proofs } from './proofs.js';
import { api } from './api.js';
import { part } from './dom.js';

/** @typedef {{enough: boolean, fresh: boolean, proofs: string[], next: string[], member: {email: string}}} Known */

const TRIES = 3; // a fresh proof, one that no false page can take, and no more
const WANTED = ['proof_too_old', 'passkey_required', 'second_factor_required']; // the refusals that a proof may turn
const BOUND = ['passkey', 'psc']; // what no false page can take

/**
 * Do something; when the server wants a fresh proof first, have it given and do it again.
 * @template T
 * @param {() => Promise<T>} work
 * @param {(code: string) => Promise<boolean | null>} prove tells whether it was given; null when there is none to give
 * @returns {Promise<T>} rejects with the server's own refusal when it was not, `stuck` when it cannot be
 */
export async function proven(work, prove) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const { code } = /** @type {{code: string}} */ (error);
      if (tries === TRIES || !WANTED.includes(code)) throw error;
      const given = await prove(code);
      if (!given) throw Object.assign(/** @type {Error} */ (error), { stuck: given === null });
    }
  }
}

/**
 * What may be shown for this refusal.
 * @param {Known} session
 * @param {string} code
 * @param {boolean} passkeys whether this browser knows them
 * @returns {string[]}
 */
export function offered({ next }, code, passkeys) {
  return next.filter((means) => (code !== 'passkey_required' || BOUND.includes(means)) && (means !== 'passkey' || passkeys));
}

/**
 * @param {Known} session
 * @param {string} code
 */
export function satisfied({ enough, fresh, proofs }, code) {
  if (code === 'second_factor_required') return enough;
  return fresh && (code !== 'passkey_required' || proofs.some((means) => BOUND.includes(means)));
}

/**
 * @param {HTMLElement} root with the dialog of `pages/proofs.html`
 * @returns {<T>(work: () => Promise<T>) => Promise<T>}
 */
export function proving(root) {
  const dialog = part(root, 'proving', HTMLDialogElement);
  let wanted = '';
  const proofs = new Proofs(dialog, async () => {
    const session = await api.call('GET', '/api/session');
    if (satisfied(session, wanted)) dialog.close('proved');
    else offer(session);
  });

  /** @param {Known} session */
  function offer(session) {
    proofs.show({ ...session, next: offered(session, wanted, able()) });
  }

  /** @param {string} code */
  async function prove(code) {
    wanted = code;
    const session = await api.call('GET', '/api/session');
    if (satisfied(session, code)) return true;
    if (offered(session, code, able()).length === 0) return null;
    const back = document.activeElement;
    dialog.returnValue = '';
    dialog.showModal();
    offer(session);
    await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
    if (back instanceof HTMLElement) back.focus();
    return dialog.returnValue === 'proved';
  }

  part(dialog, 'give-up').addEventListener('click', () => dialog.close());
  return (work) => proven(work, prove);
}
