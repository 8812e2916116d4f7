/** Numbers, sizes, times and names as people read them. Pure: the language is given. */

const LOCALES = { fr: 'fr-FR', en: 'en-GB' };
const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
const SPANS = /** @type {const} */ ([['day', 86_400, 2], ['hour', 3_600, 2], ['minute', 60, 1]]);

/** @typedef {'fr' | 'en'} Language */

/**
 * @param {number} size bytes
 * @param {Language} language
 * @param {string} [per] `-per-second` for a speed
 * @returns {string} "3,2 Mo"
 */
export function bytes(size, language, per = '') {
  const power = Math.min(SIZES.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, size)) / 3)));
  const value = size / 1000 ** power;
  const digits = power > 0 && value < 100 ? 1 : 0;
  const unitDisplay = power === 0 ? 'long' : 'short';
  const style = { style: 'unit', unit: SIZES[power] + per, unitDisplay, maximumFractionDigits: digits };
  return new Intl.NumberFormat(LOCALES[language], /** @type {Intl.NumberFormatOptions} */ (style)).format(value);
}

/**
 * @param {number} bytesPerSecond
 * @param {Language} language
 * @returns {string} "12 Mo/s"
 */
export function speed(bytesPerSecond, language) {
  return bytes(bytesPerSecond, language, '-per-second');
}

/**
 * A time to wait, rounded up to what a person can use.
 * @param {number} seconds
 * @param {Language} language
 * @returns {string} "2 minutes"
 */
export function duration(seconds, language) {
  for (const [unit, length, least] of SPANS) {
    if (seconds > length * least - (least > 1 ? 1 : 0)) return counted(Math.ceil(seconds / length), unit, language);
  }
  return counted(Math.max(1, seconds > 10 ? Math.ceil(seconds / 5) * 5 : Math.ceil(seconds)), 'second', language);
}

/**
 * @param {number} value
 * @param {string} unit
 * @param {Language} language
 */
function counted(value, unit, language) {
  return new Intl.NumberFormat(LOCALES[language], { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

/**
 * @param {number} share from 0 to 1
 * @param {Language} language
 * @returns {string} "42 %"
 */
export function percent(share, language) {
  return new Intl.NumberFormat(LOCALES[language], { style: 'percent' }).format(Math.floor(share * 100) / 100);
}

/**
 * @param {number} instant seconds since 1970
 * @param {Language} language
 * @returns {string} "30 novembre 2026 à 14:05"
 */
export function moment(instant, language) {
  return new Intl.DateTimeFormat(LOCALES[language], { dateStyle: 'long', timeStyle: 'short' }).format(instant * 1000);
}

/**
 * @param {number} instant seconds since 1970
 * @param {Language} language
 * @param {'long' | 'medium'} [dateStyle]
 * @returns {string} "30 novembre 2026"
 */
export function day(instant, language, dateStyle = 'long') {
  return new Intl.DateTimeFormat(LOCALES[language], { dateStyle }).format(instant * 1000);
}

/**
 * @param {string} number E.164
 * @returns {string} "+33 6 12 34 56 78"; other countries' numbers are left as they are
 */
export function phone(number) {
  return number.replace(/^(\+33)(\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1\u00a0$2\u00a0$3\u00a0$4\u00a0$5\u00a0$6');
}

/**
 * @param {string} name
 * @returns {string} at most two letters
 */
export function initials(name) {
  const words = name.replace(/\b(dr|pr|mme|mlle|m|mr|mrs|ms)\.?\s+/gi, '').match(/[\p{L}\p{N}][^\s-]*/gu) ?? [];
  return [words[0], words.length > 1 ? words.at(-1) : ''].map((word) => [...(word ?? '')][0] ?? '').join('').toUpperCase();
}
