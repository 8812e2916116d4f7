/** What a member signs in with, as their account shows it: what is set up, what can be added, what can be removed. */
import { addPasskey, Pairing, passwordForm } from './enrolling.js';
import { busy, confirmed, copy, fill, part } from './dom.js';
import { clear, reportAt } from './problems.js';
import { day, phone } from './format.js';
import { deviceOf, deviceWords } from './device.js';
import { pageData, t } from './texts.js';
import { Recovery } from './recovery.js';
import { able } from './passkeys.js';
import { api } from './api.js';
import { unfolding } from './unfolding.js';

/**
 * @typedef {{passkey: string, name: string, synced: boolean, created_at: number, used_at: number | null}} Passkey
 * @typedef {{passkeys: Passkey[], password: {created_at: number} | null, authenticator: {created_at: number, used_at: number | null} | null,
 *   recovery: {left: number, created_at: number} | null, sms: boolean,
 *   psc: {created_at: number, places: {place: string, name: string}[], place: string | null} | null}} Means
 */

const DROPPED = /** @type {const} */ (['password', 'authenticator', 'psc']);
const date = (/** @type {number} */ instant) => day(instant, pageData().language);

/**
 * When something was made and last used.
 * @param {{created_at: number, used_at?: number | null}} one
 */
function times({ created_at: made, used_at: used }) {
  return t(used ? 'account.live_made_used' : 'account.live_made', { made: date(made), used: date(used ?? made) });
}

export class Keyring {
  /**
   * @param {HTMLElement} root
   * @param {AccountAct} act
   */
  constructor(root, act) {
    this.root = root;
    this.act = act;
    const kind = (/** @type {string} */ name) => part(root, `kind="${name}"`);
    this.#passkeys(kind('passkeys'));
    this.#password(kind('password'));
    this.#authenticator(kind('authenticator'));
    this.#recovery(kind('recovery'));
    const psc = root.querySelector('[data-kind="psc"]');
    if (psc instanceof HTMLElement) this.#psc(psc);
    for (const name of DROPPED) {
      const drop = root.querySelector(`[data-kind="${name}"] [data-drop]`);
      drop?.addEventListener('click', () => busy(drop, () => this.#drop(name)));
    }
  }

  /**
   * @param {Means} means
   * @param {string | null} mobile
   */
  write(means, mobile) {
    part(this.root, 'passkeys').replaceChildren(...means.passkeys.map((one) => this.#row(one)));
    const { password, authenticator, recovery } = means;
    this.#state('password', password ? t('account.live_password', { date: date(password.created_at) }) : '');
    this.#state('authenticator', authenticator ? times(authenticator) : '');
    this.#opener('password', password !== null);
    this.#opener('authenticator', authenticator !== null);
    part(this.root, 'kind="recovery"').hidden = !password; // recovery codes stand in for the second proof beside one
    this.#state('recovery', recovery ? t('account.live_recovery', { count: recovery.left, date: date(recovery.created_at) }) : '');
    this.#state('sms', means.sms ? t('account.live_sms', { number: phone(mobile ?? '') }) : '');
    if (this.root.querySelector('[data-kind="psc"]')) this.#writePsc(means.psc);
  }

  /**
   * Where something is set up already, its button replaces it.
   * @param {string} name
   * @param {boolean} set
   */
  #opener(name, set) {
    const button = part(part(this.root, `kind="${name}"`), 'open');
    button.dataset.first ??= button.textContent ?? '';
    button.textContent = set ? t('account.live_replace') : button.dataset.first;
  }

  /**
   * @param {string} name
   * @param {string} text empty when it is not set up
   */
  #state(name, text) {
    const kind = part(this.root, `kind="${name}"`);
    fill(kind, { state: text || t('account.live_none') });
    kind.classList.toggle('means--set', text !== '');
    const drop = kind.querySelector('[data-drop]');
    if (drop instanceof HTMLElement) drop.hidden = text === '';
  }

  /** @param {Passkey} one */
  #row(one) {
    const row = copy(this.root, 'passkey');
    fill(row, { name: one.name, where: t(one.synced ? 'account.live_synced' : 'account.live_bound'), when: times(one) });
    const remove = part(row, 'remove');
    remove.setAttribute('aria-label', t('account.live_drop_named', { name: one.name }));
    remove.addEventListener('click', () => busy(remove, async () => {
      if (!(await confirmed(this.root, 'drop', one.name))) return;
      const path = `/api/account/passkeys/${encodeURIComponent(one.passkey)}`;
      await this.act(() => api.call('DELETE', path, {}), () => t('account.live_dropped', { name: one.name }));
    }));
    return row;
  }

  /** @param {typeof DROPPED[number]} name */
  async #drop(name) {
    const words = t(`proofs.means.${name}`);
    if (!(await confirmed(this.root, 'drop', words))) return;
    await this.act(() => api.call('DELETE', `/api/account/${name}`, {}), () => t('account.live_dropped', { name: words }));
  }

  /** @param {HTMLElement} kind */
  #passkeys(kind) {
    const form = /** @type {HTMLFormElement} */ (part(kind, 'panel'));
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem('name'));
    const show = unfolding(kind, { opened: () => this.#fresh(form, field) });
    part(kind, 'unable').hidden = able();
    part(kind, 'open').hidden = !able();
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const name = field.value.trim();
      if (!name) reportAt(form, field, { code: 'bad_name' });
      else busy(form.querySelector('[type="submit"]'), () => this.#add(name, form, show));
    });
  }

  /**
   * @param {string} name
   * @param {HTMLElement} form
   * @param {(open: boolean) => void} show
   */
  async #add(name, form, show) {
    if (await this.act(() => addPasskey(name), () => t('account.live_passkey_added', { name }), form)) show(false);
  }

  /**
   * @param {HTMLElement} form
   * @param {HTMLInputElement} field
   */
  #fresh(form, field) {
    clear(form);
    field.value = deviceWords(deviceOf(navigator.userAgent));
    field.select();
  }

  /** @param {HTMLElement} kind */
  #password(kind) {
    const form = /** @type {HTMLFormElement} */ (part(kind, 'panel'));
    const show = unfolding(kind, { opened: () => clear(form), focus: '[name="password"]' });
    passwordForm(form, async (work) => {
      const done = await this.act(work, () => t('account.live_password_set'), form);
      if (done) show(false);
      return done;
    });
  }

  /** @param {HTMLElement} kind */
  #authenticator(kind) {
    const form = /** @type {HTMLFormElement} */ (part(kind, 'panel'));
    const pairing = new Pairing(form, this.act.run, async () => {
      show(false);
      await this.act(async () => {}, () => t('account.live_authenticator_set'));
    });
    const show = unfolding(kind, {
      opened: async () => {
        if (!(await this.act(() => pairing.begin(), () => '', form))) pairing.forget();
      },
      closed: () => pairing.forget(),
    });
  }

  /** @param {HTMLElement} kind */
  #recovery(kind) {
    const [make, panel] = [part(kind, 'make'), part(kind, 'panel')];
    const recovery = new Recovery(panel);
    make.addEventListener('click', () => busy(make, () => this.act(async () => {
      recovery.show((await api.call('POST', '/api/account/recovery')).codes);
      panel.hidden = false;
      part(panel, 'heading').focus();
    }, () => '')));
    part(panel, 'close').addEventListener('click', () => {
      recovery.forget();
      panel.hidden = true;
      make.focus();
    });
  }

  /** @param {HTMLElement} kind */
  #psc(kind) {
    const [link, form] = [part(kind, 'link'), part(kind, 'place', HTMLFormElement)];
    link.addEventListener('click', () => busy(link, () => this.act(async () => {
      location.assign((await api.call('POST', '/api/account/psc')).url);
    }, () => '')));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const place = new FormData(form).get('place');
      const work = () => api.call('PUT', '/api/account/place', { place });
      busy(form.querySelector('[type="submit"]'), () => this.act(work, () => t('account.live_place'), form));
    });
  }

  /** @param {Means['psc']} psc */
  #writePsc(psc) {
    const kind = part(this.root, 'kind="psc"');
    this.#state('psc', psc ? t('account.live_psc', { date: date(psc.created_at) }) : '');
    part(kind, 'link').hidden = psc !== null;
    const form = part(kind, 'place', HTMLFormElement);
    form.hidden = (psc?.places.length ?? 0) < 2;
    const select = /** @type {HTMLSelectElement} */ (form.elements.namedItem('place'));
    select.replaceChildren(...(psc?.places ?? []).map(({ place, name }) => new Option(name, place, false, place === psc?.place)));
  }
}
