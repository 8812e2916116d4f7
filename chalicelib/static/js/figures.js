/** Money, counts and calendar days as people read them. Pure: the language is given. */

const LOCALES = { fr: 'fr-FR', en: 'en-GB' };

/** @typedef {import('./format.js').Language} Language */

/**
 * @param {number} amount
 * @param {Language} language
 * @returns {string} "2,41 €"; what is less than ten cents with two digits more
 */
export function euros(amount, language) {
  const digits = amount === 0 || amount >= 0.1 ? 2 : 4;
  const style = { style: 'currency', currency: 'EUR', minimumFractionDigits: 2, maximumFractionDigits: digits };
  const format = new Intl.NumberFormat(LOCALES[language], /** @type {Intl.NumberFormatOptions} */ (style));
  return amount > 0 && amount < 0.0001 ? `< ${format.format(0.0001)}` : format.format(amount);
}

/**
 * @param {number} amount
 * @param {Language} language
 * @returns {string} "12 345"; what is less than ten with two decimals
 */
export function count(amount, language) {
  return new Intl.NumberFormat(LOCALES[language], { maximumFractionDigits: amount < 10 ? 2 : 0 }).format(amount);
}

/**
 * @param {string} month "2026-11"
 * @param {Language} language
 * @returns {string} "novembre 2026"
 */
export function monthName(month, language) {
  const style = /** @type {Intl.DateTimeFormatOptions} */ ({ month: 'long', year: 'numeric', timeZone: 'UTC' });
  return new Intl.DateTimeFormat(LOCALES[language], style).format(new Date(`${month}-01T00:00:00Z`));
}

/**
 * @param {string} day "2026-11-24", wherever one is
 * @param {Language} language
 * @returns {string} "24 novembre 2026"
 */
export function date(day, language) {
  const said = new Intl.DateTimeFormat(LOCALES[language], { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));
  return language === 'fr' ? said.replace(/^1 /, '1er ') : said;
}
