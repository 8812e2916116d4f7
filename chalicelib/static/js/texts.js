/** What the page was given to say: its language, its sentences, its limits. */

/**
 * @typedef {Object} PageData
 * @property {'fr' | 'en'} language
 * @property {{[key: string]: string}} texts
 * @property {{max_file_bytes: number, max_transfer_bytes: number, max_files: number, max_recipients: number,
 *   lifetime_days: {default: number, max: number}, standby: boolean} | null} limits
 * @property {{member: string, name: string, email: string, role: string} | null} member
 * @property {boolean} email_codes
 */

/** @type {PageData | undefined} */
let known;

/** @returns {PageData} */
export function pageData() {
  known ??= /** @type {PageData} */ (JSON.parse(document.getElementById('page-data')?.textContent ?? ''));
  return known;
}

/**
 * Say one sentence; with `count`, in the singular or the plural.
 * @param {string} key
 * @param {{[name: string]: string | number}} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const { texts, language } = pageData();
  return sentence(texts, language, key, values);
}

/**
 * @param {{[key: string]: string}} texts
 * @param {string} language
 * @param {string} key
 * @param {{[name: string]: string | number}} values
 * @returns {string}
 */
export function sentence(texts, language, key, values) {
  const one = typeof values.count === 'number' && new Intl.PluralRules(language).select(values.count) === 'one';
  const text = texts[key] ?? texts[`${key}.${one ? 'one' : 'other'}`];
  if (text === undefined) throw new RangeError(`no sentence ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}
