/** Signing in: an address, then the code that was sent. Somebody who is signed in goes on to the page that was meant. */
import { busy, fill, part, step } from './dom.js';
import { clear, problem, report } from './problems.js';
import { api } from './api.js';
import { codeField } from './code.js';
import { t } from './texts.js';

/** @returns {string} the page that led here, kept behind the `#`; only a transfer's, nothing else is believed */
function meant() {
  return /^#\/transfers\/[a-z2-7]{26}$/.test(location.hash) ? location.hash.slice(1) : '/send';
}

/** @param {HTMLElement} root */
export function start(root) {
  // A link in an e-mail comes without the strict cookie, so the page meant was not shown; this call has the cookie.
  if (meant() !== '/send') api.call('GET', '/api/session').then(() => location.replace(meant()), () => {});
  const address = part(root, 'step="address"', HTMLFormElement);
  const entry = part(root, 'step="code"', HTMLFormElement);
  const empty = codeField(entry, async (code) => {
    await api.call('POST', '/api/signin/sessions', { code });
    location.assign(meant());
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
