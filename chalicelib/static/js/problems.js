/** What went wrong, in a sentence: next to its field and in a summary that takes focus. What was typed stays. */
import { duration } from './format.js';
import { pageData, t } from './texts.js';
import { part } from './dom.js';

const ANEW = /^(signin|second_factor)_required$/; // signing in, in another tab, sets it right

/** @typedef {{code: string, field?: string | null, retryAfter?: number | null}} Problem */

/**
 * @param {unknown} error
 * @returns {Problem}
 */
export function problem(error) {
  const { code, name, field, retryAfter } = /** @type {Problem & Error} */ (error);
  if (name === 'QuotaExceededError') return { code: 'out_of_space' };
  if (name === 'NotReadableError' || name === 'NotFoundError') return { code: 'file_changed' };
  if (code === 'too_many') return { code: 'too_many_requests', retryAfter };
  if (pageData().texts[`refusal.${code}`] !== undefined) return { code, field, retryAfter };
  return { code: name === 'EnvelopeError' ? 'integrity' : 'failure', field };
}

/**
 * @param {Problem} problem
 * @returns {string}
 */
export function words({ code, retryAfter }) {
  return t(`refusal.${code}`, { wait: duration(retryAfter ?? 60, pageData().language) });
}

/**
 * The same refusal said in other words, because the same code can be wrong in several places.
 * @param {{[code: string]: string}} words
 * @returns {(error: unknown) => never}
 */
export function saying(words) {
  return (error) => {
    const { code } = /** @type {{code: string}} */ (error);
    throw words[code] ? Object.assign(/** @type {Error} */ (error), { code: words[code] }) : error;
  };
}

/** @param {ParentNode} form */
export function clear(form) {
  part(form, 'summary').hidden = true;
  for (const error of form.querySelectorAll('.field__error')) {
    if (error instanceof HTMLElement) error.hidden = true;
  }
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
}

/**
 * Replace what was reported before.
 * @param {ParentNode} form
 * @param {Problem[]} problems
 */
export function report(form, problems) {
  clear(form);
  const summary = part(form, 'summary');
  summary.querySelector('ul')?.replaceChildren(...problems.map((one) => item(form, one)));
  summary.hidden = false;
  summary.focus();
}

/**
 * Tell it at its field alone, which keeps the focus: for a form of one field.
 * @param {ParentNode} form
 * @param {HTMLInputElement} field
 * @param {Problem} one
 */
export function reportAt(form, field, one) {
  clear(form);
  mark(field, words(one));
  field.focus();
  field.select();
}

/**
 * @param {HTMLElement} field
 * @param {string} text
 */
function mark(field, text) {
  const error = document.getElementById(`${field.id}-error`);
  if (error) [error.textContent, error.hidden] = [text, false];
  field.setAttribute('aria-invalid', 'true');
}

/**
 * @param {ParentNode} form
 * @param {Problem} one
 * @returns {HTMLLIElement}
 */
function item(form, one) {
  const line = document.createElement('li');
  const field = fieldOf(form, one.field ?? '');
  line.textContent = field ? '' : words(one);
  const link = document.createElement('a');
  if (ANEW.test(one.code)) {
    Object.assign(link, { href: '/signin', target: '_blank', rel: 'noopener', textContent: t('refusal.signin_link') });
    line.append(' ', link);
  }
  if (!field) return line;
  link.href = `#${field.id}`;
  link.textContent = words(one);
  link.addEventListener('click', (event) => {
    event.preventDefault();
    field.focus();
  });
  mark(field, words(one));
  line.append(link);
  return line;
}

/**
 * The field a refusal names, or the nearest thing around it: `sizes.3` is shown at `sizes`.
 * @param {ParentNode} form
 * @param {string} name
 * @returns {HTMLElement | null}
 */
function fieldOf(form, name) {
  for (let id = name; id; id = id.includes('.') ? id.slice(0, id.lastIndexOf('.')) : '') {
    const field = form.querySelector(`[id="${CSS.escape(id)}"]`);
    if (field instanceof HTMLElement) return field;
  }
  return null;
}
