/** Signing in: an address, then the code that was sent. */
import { busy, fill, part, step } from './dom.js';
import { clear, problem, report } from './problems.js';
import { api } from './api.js';
import { codeField } from './code.js';
import { t } from './texts.js';

/** @param {HTMLElement} root */
export function start(root) {
  const address = part(root, 'step="address"', HTMLFormElement);
  const entry = part(root, 'step="code"', HTMLFormElement);
  const empty = codeField(entry, async (code) => {
    await api.call('POST', '/api/signin/sessions', { code });
    location.assign('/send');
  });

  /** @param {HTMLFormElement} shown where a refusal is told */
  async function ask(shown) {
    const given = new FormData(address);
    const by = String(given.get('by'));
    try {
      await api.call('POST', '/api/signin/codes', { email: String(given.get('email')).trim(), by });
    } catch (error) {
      report(shown, [problem(error)]);
      return;
    }
    step(root, 'code');
    empty();
    fill(entry, { sent: t(`signin.sent_${by}`) });
  }

  address.addEventListener('submit', (event) => {
    event.preventDefault();
    clear(address);
    const email = String(new FormData(address).get('email')).trim();
    if (!/^[^\s@]+@[^\s@]+$/.test(email)) report(address, [{ code: 'bad_email', field: 'email' }]);
    else busy(address.querySelector('[type="submit"]'), () => ask(address));
  });
  const again = part(entry, 'again');
  again.addEventListener('click', () => busy(again, () => ask(entry)));
  part(entry, 'back').addEventListener('click', () => step(root, 'address'));
}
