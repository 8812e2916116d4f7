/** A person in a form: what can be seen of their name and addresses without asking the server. */

/** @typedef {{name: string, email: string, mobile: string | null, language: string}} Addressee */
/** @typedef {import('./problems.js').Problem} Problem */

const EMAIL = /^[^\s@*]+@[^\s@]+\.[^\s@]+$/;
const MOBILE = /^\+?\d[\d .()-]{5,}$/;

/**
 * @param {Addressee} person
 * @param {string} [at] what their fields' names begin with
 * @returns {Problem[]}
 */
export function faultsOf({ name, email, mobile }, at = '') {
  const found = [];
  if (!name) found.push({ code: 'bad_name', field: `${at}name` });
  if (!EMAIL.test(email)) found.push({ code: 'bad_email', field: `${at}email` });
  if (mobile && !MOBILE.test(mobile)) found.push({ code: 'bad_mobile', field: `${at}mobile` });
  return found;
}

/**
 * @param {ParentNode} form
 * @param {string} [at] what their fields' names begin with
 * @returns {Addressee}
 */
export function readAddressee(form, at = '') {
  const read = (/** @type {string} */ name) =>
    /** @type {HTMLInputElement} */ (form.querySelector(`[name="${at}${name}"]`)).value.trim();
  return { name: read('name'), email: read('email'), mobile: read('mobile') || null, language: read('language') };
}
