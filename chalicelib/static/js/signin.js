/** Signing in: a passkey, Pro Santé Connect, or an address and proofs. Somebody who is signed in goes on to the page that was meant. */
import { able, offersInFields } from './passkeys.js';
import { busy, part, parts, step } from './dom.js';
import { clear, problem, report } from './problems.js';
import { meant, onward } from './onward.js';
import { Proofs, provePasskey } from './proofs.js';
import { api } from './api.js';

const EMAIL = /^[^\s@]+@[^\s@]+$/;

/** Passkeys offered inside the address field, until something else is begun. */
class Offered {
  #stop = new AbortController();
  #asking = Promise.resolve(false);

  /**
   * @param {() => Promise<unknown>} proved
   * @param {(error: unknown) => void} failed
   */
  constructor(proved, failed) {
    this.proved = proved;
    this.failed = failed;
  }

  async begin() {
    const { signal } = this.#stop = new AbortController();
    if (!(await offersInFields()) || signal.aborted) return;
    this.#asking = provePasskey({ signal, mediation: 'conditional' }).then(this.proved).then(
      () => true,
      (error) => {
        // Nobody asked for anything yet: only the server's answer to a passkey that was chosen is worth telling.
        if (/^(passkey_(?!cancelled|unsupported)|bad_passkey|signin_locked)/.test(error.code ?? '')) this.failed(error);
        return false;
      },
    );
  }

  /**
   * Stop, and wait until its last call is over: its cookie must not come after another one's.
   * @returns {Promise<boolean>} whether one was chosen before that, and the way goes on already
   */
  async end() {
    const asked = this.#asking;
    this.#asking = Promise.resolve(false);
    this.#stop.abort();
    return asked;
  }
}

/** @param {HTMLElement} root */
export function start(root) {
  const first = part(root, 'step="address"');
  const form = root.querySelector('form[data-address-form]');
  const proofs = new Proofs(root, goOn, { signin_required: 'signin_late' });
  const offered = new Offered(goOn, told);

  async function goOn() {
    const session = await api.call('GET', '/api/session');
    if (session.enough) location.replace(onward(session, location.hash));
    else if (session.joining) location.assign('/join');
    else proofs.show(session);
  }

  /** @param {unknown} error */
  function told(error) {
    step(root, 'address');
    report(first, [{ ...problem(error), field: null }]);
  }

  /**
   * @param {string} name of a button
   * @param {() => Promise<unknown>} work
   */
  function onClick(name, work) {
    const button = first.querySelector(`[data-${name}]`);
    button?.addEventListener('click', () => busy(button, async () => {
      clear(first);
      if (await offered.end()) return;
      await work().catch((error) => {
        told(error);
        if (form) offered.begin();
      });
    }));
  }

  /** @param {HTMLFormElement} given */
  async function ask(given) {
    const [email, by] = ['email', 'by'].map((name) => String(new FormData(given).get(name)).trim());
    clear(first);
    if (!EMAIL.test(email)) {
      report(first, [{ code: 'bad_email', field: 'email' }]);
      return;
    }
    if (await offered.end()) return;
    proofs.by(email);
    await proofs.begin(by, first);
  }

  for (const element of parts(root, 'passkeys')) element.hidden = !able();
  onClick('passkey', () => provePasskey().then(goOn));
  onClick('psc', () => proofs.leave());
  if (form instanceof HTMLFormElement) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      busy(form.querySelector('[type="submit"]'), () => ask(form));
    });
    offered.begin();
  }
  for (const back of parts(root, 'back')) {
    back.addEventListener('click', () => {
      step(root, 'address');
      form?.querySelector('input')?.focus();
    });
  }
  // A link in an e-mail comes without the strict cookie, so the page meant was not shown; this call has the cookie.
  if (meant(location.hash)) goOn().catch(() => {});
}
