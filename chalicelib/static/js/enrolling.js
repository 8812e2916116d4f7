/** Setting up what one signs in with: a passkey, a password, an authenticator app. Joining and the account do it the same way. */
import { busy, fill, part } from './dom.js';
import { clear, reportAt, saying } from './problems.js';
import { codeField } from './code.js';
import { create } from './passkeys.js';
import { api } from './api.js';

/** @typedef {<T>(work: () => Promise<T>) => Promise<T>} Run does it, after a fresh proof if the server wants one */

const LEAST = 12; // characters of a password, requirement R24
const DRAWN = ['svg', 'g', 'path', 'rect'];
const SVG = 'http://www.w3.org/2000/svg';
const KEPT = ['viewBox', 'd', 'transform', 'fill', 'stroke', 'stroke-width', 'x', 'y', 'width', 'height'];

/**
 * Make a passkey and have the server keep it.
 * @param {string} name
 * @param {{api?: ApiPort, make?: typeof create}} [parts] replaced in tests
 */
export async function addPasskey(name, { api: port = api, make = create } = {}) {
  const { options } = await port.call('POST', '/api/account/passkeys/options', {});
  const credential = await make(options);
  await port.call('POST', '/api/account/passkeys', { name, credential });
}

/**
 * @param {HTMLFormElement} form with the field `password`
 * @param {(work: () => Promise<unknown>) => Promise<boolean>} act does it, tells what goes wrong, and whether it went well
 */
export function passwordForm(form, act) {
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem('password'));

  async function send() {
    const password = field.value;
    if ([...password].length < LEAST) reportAt(form, field, { code: 'weak_password' });
    else if (await act(() => api.call('PUT', '/api/account/password', { password }, { repeatable: false }))) field.value = '';
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(form.querySelector('[type="submit"]'), send);
  });
}

/**
 * The same drawing made anew from shapes alone: whatever else the text holds is left out.
 * @param {Element} drawing
 * @returns {SVGElement}
 */
export function drawn(drawing) {
  const copied = document.createElementNS(SVG, drawing.localName);
  for (const name of KEPT) {
    const value = drawing.getAttribute(name);
    if (value !== null) copied.setAttribute(name, value);
  }
  for (const child of drawing.children) {
    if (DRAWN.includes(child.localName)) copied.append(drawn(child));
  }
  return copied;
}

export class Pairing {
  #empty = () => {};

  /**
   * @param {HTMLFormElement} form with the steps of `pages/means.html`
   * @param {Run} run
   * @param {() => Promise<unknown>} done
   */
  constructor(form, run, done) {
    this.form = form;
    this.#empty = codeField(form, async (code) => {
      const confirm = () => api.call('POST', '/api/account/authenticator/confirm', { code });
      await run(confirm).catch(saying({ wrong_code: 'wrong_authenticator', code_spent: 'pairing_late' }));
      this.forget();
      await done();
    });
  }

  /** Ask for a new secret and show it; rejects when the server refuses, or wants a fresh proof first. */
  async begin() {
    const { secret, uri, qr } = await api.call('POST', '/api/account/authenticator');
    const drawing = new DOMParser().parseFromString(qr, 'image/svg+xml').documentElement;
    part(this.form, 'qr').replaceChildren(drawn(drawing));
    part(this.form, 'uri', HTMLAnchorElement).href = uri.startsWith('otpauth:') ? uri : '';
    fill(this.form, { secret });
    clear(this.form);
  }

  /** Empty the field for the code and go there. */
  focus() {
    this.#empty();
  }

  /** Keep the secret no longer on the page. */
  forget() {
    part(this.form, 'qr').replaceChildren();
    fill(this.form, { secret: '' });
    part(this.form, 'uri', HTMLAnchorElement).removeAttribute('href');
  }
}
