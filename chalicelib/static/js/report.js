/** The report on signing in, as tables a person can read. What has no words yet is shown under its own name, never left out. */
import { copy, fill, part } from './dom.js';
import { moment } from './format.js';
import { pageData } from './texts.js';

/** @typedef {{name: string, value: string}} Fact */
/** @typedef {{caption: string, facts: Fact[]}} Table */

/** @typedef {{texts: {[key: string]: string}, language: 'fr' | 'en'}} Page */

/**
 * The report in groups: each of its objects is one, everything else stands together in the first.
 * @param {{[name: string]: unknown}} report
 * @param {Page} page
 * @returns {Table[]}
 */
export function tablesOf(report, page) {
  const first = /** @type {Table} */ ({ caption: named('summary', page), facts: [] });
  const groups = [first];
  for (const [name, value] of Object.entries(report)) {
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      groups.push({ caption: named(name, page), facts: Object.entries(value).map(([key, one]) => fact(`${name}.${key}`, one, page)) });
    } else {
      first.facts.push(fact(name, value, page));
    }
  }
  return groups.filter(({ facts }) => facts.length > 0);
}

/**
 * @param {string} path
 * @param {unknown} value
 * @param {Page} page
 * @returns {Fact}
 */
function fact(path, value, page) {
  return { name: named(path, page), value: written(path, value, page) };
}

/**
 * @param {string} path
 * @param {Page} page
 */
function named(path, { texts }) {
  const t = (/** @type {string} */ key) => texts[key];
  const last = path.slice(path.lastIndexOf('.') + 1);
  return t(`settings.live_report.${path}`) ?? t(`proofs.means.${last}`) ?? last;
}

/**
 * @param {string} path
 * @param {unknown} value
 * @param {Page} page
 * @returns {string}
 */
function written(path, value, page) {
  const { texts, language } = page;
  if (value === null) return texts['settings.live_report.none'];
  if (typeof value === 'boolean') return texts[`settings.live_report.${value ? 'yes' : 'no'}`];
  if (typeof value === 'number' && /(^|[._])at$/.test(path)) return moment(value, language);
  if (typeof value === 'number') return value.toLocaleString(language);
  if (Array.isArray(value)) return value.map((one) => written(path, one, page)).join(', ');
  if (typeof value === 'object') {
    return Object.entries(value ?? {}).map(([key, one]) => `${named(`${path}.${key}`, page)} ${written(`${path}.${key}`, one, page)}`).join(', ');
  }
  return texts[`settings.live_report.${path}.${value}`] ?? String(value);
}

/**
 * @param {HTMLElement} root
 * @param {{[name: string]: unknown}} report
 */
export function writeReport(root, report) {
  const tables = tablesOf(report, pageData()).map(({ caption, facts }) => {
    const table = copy(root, 'table');
    fill(table, { caption });
    part(table, 'rows').replaceChildren(...facts.map((fact) => {
      const row = copy(root, 'fact');
      fill(row, { name: fact.name, value: fact.value });
      return row;
    }));
    return table;
  });
  const place = part(root, 'report');
  place.replaceChildren(...tables);
  place.hidden = false;
}
