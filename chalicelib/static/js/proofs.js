/** Proving who one is, one means at a time: the steps that the sign-in page and the dialog for a fresh proof share. */
import { busy, fill, part, parts, step } from './dom.js';
import { clear, problem, report, reportAt, saying } from './problems.js';
import { api } from './api.js';
import { codeField } from './code.js';
import { show } from './passkeys.js';
import { t } from './texts.js';

const AT_ONCE = ['password', 'authenticator', 'recovery']; // what can be typed without anything being sent first
const RECOVERY = /^([a-z0-9]{5})-?([a-z0-9]{5})$/;

/**
 * A recovery code as the server knows it.
 * @param {string} typed
 * @returns {string | null} null when it cannot be one
 */
export function recoveryCode(typed) {
  const found = RECOVERY.exec(typed.toLowerCase().replace(/\s/g, ''));
  return found && `${found[1]}-${found[2]}`;
}

/**
 * Ask the server what to sign, the browser for a signature, and show it.
 * @param {{api?: ApiPort, ask?: typeof show, signal?: AbortSignal, mediation?: CredentialMediationRequirement}} [means]
 */
export async function provePasskey({ api: port = api, ask = show, ...how } = {}) {
  const { options } = await port.call('POST', '/api/signin/passkey/options', {}, { signal: how.signal });
  const credential = await ask(options, how);
  await port.call('POST', '/api/signin/passkey', { credential }).catch(saying({ code_spent: 'passkey_late' }));
}

export class Proofs {
  #by = '';
  #known = false;

  /**
   * @param {HTMLElement} root with the steps of `pages/proofs.html`
   * @param {() => Promise<unknown>} proved what follows a proof the server took
   * @param {{[code: string]: string}} [words] refusals that mean something else here
   */
  constructor(root, proved, words = {}) {
    this.root = root;
    this.proved = proved;
    this.email = '';
    this.password = this.#form('password', async (field) => {
      await api.call('POST', '/api/signin/password', { email: this.email, password: field.value });
      field.value = '';
    });
    this.recovery = this.#form('recovery', async (field) => {
      const code = recoveryCode(field.value);
      if (!code) throw Object.assign(new Error(), { code: 'incomplete_recovery' });
      await api.call('POST', '/api/signin/recovery', { code }).catch(saying({ ...words, wrong_code: 'wrong_recovery' }));
    });
    this.code = this.#codes('code', (code) => api.call('POST', '/api/signin/sessions', { code }));
    this.authenticator = this.#codes('authenticator', (code) =>
      api.call('POST', '/api/signin/authenticator', { code }).catch(saying({ ...words, wrong_code: 'wrong_authenticator' })));
    const again = part(this.#step('code'), 'again');
    again.addEventListener('click', () => busy(again, () => this.ask(this.#by, this.#step('code'))));
    for (const way of parts(root, 'means')) way.addEventListener('click', () => busy(way, () => this.begin(way.dataset.means ?? '')));
    for (const other of parts(root, 'other')) other.addEventListener('click', () => step(root, 'means'));
  }

  /**
   * Offer what is left to be shown; what can be typed at once is asked for at once.
   * @param {{next: string[], member: {email: string}}} session
   */
  show({ next, member }) {
    [this.email, this.#known] = [member.email, true];
    for (const way of parts(this.root, 'way')) way.hidden = !next.includes(part(way, 'means').dataset.means ?? '');
    for (const other of parts(this.root, 'other')) other.hidden = next.length < 2;
    const at = next.length === 0 ? 'stuck' : 'means';
    if (AT_ONCE.includes(next[0])) this.begin(next[0]);
    else step(this.root, at);
  }

  /**
   * Somebody the clinic has not recognized yet.
   * @param {string} email
   */
  by(email) {
    [this.email, this.#known] = [email, false];
    for (const other of parts(this.root, 'other')) other.hidden = true;
  }

  /**
   * Begin one means; what goes wrong is told where it was chosen.
   * @param {string} means
   * @param {HTMLElement} [shown]
   */
  async begin(means, shown = this.#step('means')) {
    if (means === 'password') this.#open('password', this.password);
    else if (means === 'recovery') this.#open('recovery', this.recovery);
    else if (means === 'authenticator') this.#open('authenticator', this.authenticator);
    else if (means === 'sms' || means === 'email') await this.ask(means, shown);
    else await this.#told(shown, means === 'passkey' ? () => provePasskey().then(() => this.proved()) : () => this.leave());
  }

  /** To Pro Santé Connect, which comes back to `/signin/psc`. */
  async leave() {
    const { url } = await api.call('POST', '/api/signin/psc');
    location.assign(url);
  }

  /**
   * Have a code sent.
   * @param {string} by
   * @param {HTMLElement} shown
   */
  async ask(by, shown) {
    await this.#told(shown, async () => {
      await api.call('POST', '/api/signin/codes', { email: this.email, by });
      this.#by = by;
      this.#open('code', this.code);
      fill(this.#step('code'), { sent: this.#known ? t(`proofs.live_sent_${by}`) : t(`signin.sent_${by}`) });
    });
  }

  /**
   * @param {HTMLElement} shown
   * @param {() => Promise<unknown>} work
   */
  async #told(shown, work) {
    clear(shown);
    try {
      await work();
    } catch (error) {
      report(shown, [{ ...problem(error), field: null }]);
    }
  }

  /** @param {string} name */
  #step(name) {
    return part(this.root, `step="${name}"`);
  }

  /**
   * @param {string} name
   * @param {() => void} ready
   */
  #open(name, ready) {
    step(this.root, name);
    ready();
  }

  /**
   * A form of one field.
   * @param {string} name
   * @param {(field: HTMLInputElement) => Promise<unknown>} check
   * @returns {() => void} makes it ready
   */
  #form(name, check) {
    const form = /** @type {HTMLFormElement} */ (this.#step(name));
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
    const send = () => check(field).then(() => this.proved()).catch((error) => reportAt(form, field, problem(error)));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (field.value) busy(form.querySelector('[type="submit"]'), send);
      else reportAt(form, field, { code: 'missing_field' });
    });
    return () => {
      clear(form);
      field.value = '';
      if (name === 'password') this.#address(form);
      field.focus();
    };
  }

  /** @param {HTMLFormElement} form */
  #address(form) {
    fill(form, { address: this.email });
    part(form, 'username', HTMLInputElement).value = this.email;
  }

  /**
   * A form of one code.
   * @param {string} name
   * @param {(code: string) => Promise<unknown>} check
   */
  #codes(name, check) {
    return codeField(/** @type {HTMLFormElement} */ (this.#step(name)), (code) => check(code).then(() => this.proved()));
  }
}
