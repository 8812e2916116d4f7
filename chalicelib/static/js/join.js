/** Joining by the link of an invitation: the link is traded for a session once, then ways of signing in are set up. */
import { able } from './passkeys.js';
import { addPasskey, Pairing, passwordForm } from './enrolling.js';
import { busy, fill, part, parts, step } from './dom.js';
import { clear, problem, report } from './problems.js';
import { deviceOf, deviceWords } from './device.js';
import { Recovery } from './recovery.js';
import { api } from './api.js';
import { onward } from './onward.js';
import { proving } from './proving.js';
import { t } from './texts.js';

const LINK = /^#([a-z2-7]{26})\.([\w-]{20,100})$/;

/**
 * @param {string} hash
 * @returns {{member: string, secret: string} | null} null for what is no link
 */
export function linkIn(hash) {
  const found = LINK.exec(hash);
  return found && { member: found[1], secret: found[2] };
}

/**
 * The page that tells it, for a refusal that ends here.
 * @param {unknown} error
 * @returns {'over' | 'late' | 'unknown' | null}
 */
export function endOf(error) {
  const { code, stuck } = /** @type {{code: string, stuck?: boolean}} */ (error);
  if (code === 'invitation_over') return 'over';
  if (code === 'not_found') return 'unknown';
  return code === 'signin_required' || stuck ? 'late' : null;
}

/** @param {HTMLElement} root */
export function start(root) {
  const link = linkIn(location.hash);
  const prove = proving(document.body);
  const recovery = new Recovery(part(root, 'step="recovery"'));
  const at = (/** @type {string} */ name) => part(root, `step="${name}"`);
  const pairing = new Pairing(/** @type {HTMLFormElement} */ (at('authenticator')), run, goOn);
  passwordForm(/** @type {HTMLFormElement} */ (at('password')), (work) => told('password', () => run(work).then(further)));

  /**
   * Do something, after a proof if one is wanted; where none can be given the way ends here.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async function run(work) {
    try {
      return await prove(work);
    } catch (error) {
      ended(error);
      throw error;
    }
  }

  async function pair() {
    await run(() => pairing.begin());
    step(root, 'authenticator');
  }

  /** After the password: an app, unless text messages make a second proof already. */
  async function further() {
    const { member } = await api.call('GET', '/api/session');
    if (!member.secured) return pair();
    await run(() => api.call('GET', '/api/account')); // asks for that second proof
    return goOn();
  }

  /** See how far the session is, and show what comes next. */
  async function goOn() {
    const session = await api.call('GET', '/api/session');
    if (!session.joining && !session.enough) return location.assign('/signin'); // back again, with all they need set up
    const whole = session.enough && session.member.secured;
    for (const element of parts(root, 'enough')) element.hidden = !session.enough;
    for (const element of parts(root, 'lesser')) element.hidden = session.passkey_wanted;
    for (const element of parts(root, 'administrators')) element.hidden = !session.passkey_wanted;
    if (whole) {
      const { means } = await api.call('GET', '/api/account');
      for (const element of parts(root, 'beside-password')) element.hidden = !means.password; // recovery codes serve beside one
      for (const element of parts(root, 'no-password')) element.hidden = Boolean(means.password);
    }
    for (const field of parts(root, 'username')) if (field instanceof HTMLInputElement) field.value = session.member.email;
    step(root, whole ? 'done' : 'choose');
  }

  /**
   * @param {string} name of the step where what goes wrong is told
   * @param {() => Promise<unknown>} work
   */
  async function told(name, work) {
    clear(at(name));
    try {
      await work();
      return true;
    } catch (error) {
      if (!ended(error)) report(at(name), [problem(error)]);
      return false;
    }
  }

  /**
   * Show the end a refusal leads to, if it leads to one.
   * @param {unknown} error
   */
  function ended(error) {
    const end = endOf(error);
    if (!end) return false;
    for (const again of parts(root, 'again')) again.hidden = !link;
    step(root, end);
    return true;
  }

  async function begin() {
    await api.call('POST', '/api/join', link);
    history.replaceState(null, '', location.pathname);
    await goOn();
  }

  /** @param {HTMLElement} button */
  async function again(button) {
    const end = /** @type {HTMLElement} */ (button.closest('[data-step]'));
    await told(end.dataset.step ?? '', async () => {
      await api.call('POST', '/api/join/again', link);
      fill(end, { sent: t('join.live_sent') });
    });
  }

  /**
   * @param {string} name
   * @param {string} where the step
   * @param {() => Promise<unknown>} work
   */
  function onClick(name, where, work) {
    const button = at(where).querySelector(`[data-${name}]`);
    button?.addEventListener('click', () => busy(button, () => told(where, work)));
  }

  onClick('begin', 'welcome', begin);
  onClick('passkey', 'choose', () => run(() => addPasskey(deviceWords(deviceOf(navigator.userAgent)))).then(goOn));
  onClick('password', 'choose', async () => {
    const { means } = await api.call('GET', '/api/account');
    if (means.password) await pair();
    else step(root, 'password');
  });
  onClick('psc', 'choose', async () => location.assign((await run(() => api.call('POST', '/api/account/psc'))).url));
  onClick('recovery', 'done', async () => {
    recovery.show((await run(() => api.call('POST', '/api/account/recovery'))).codes);
    step(root, 'recovery');
  });
  for (const button of parts(root, 'again')) button.addEventListener('click', () => busy(button, () => again(button)));
  for (const button of parts(root, 'onward')) {
    const where = /** @type {HTMLElement} */ (button.closest('[data-step]')).dataset.step ?? '';
    const work = async () => location.assign(onward(await api.call('GET', '/api/session')));
    button.addEventListener('click', () => busy(button, () => told(where, work)));
  }
  for (const back of parts(root, 'back')) back.addEventListener('click', () => step(root, 'choose'));
  for (const element of parts(root, 'passkeys')) element.hidden = !able();
  if (link) step(root, 'welcome');
  else goOn().catch(() => step(root, 'no_link'));
}
