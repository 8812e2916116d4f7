/** Check a destruction certificate: find it in its file, ask the clinic whether it is genuine, say so. */
import { busy, fill, part } from './dom.js';
import { bytes } from './format.js';
import { clear, problem, report } from './problems.js';
import { pageData, t } from './texts.js';
import { api } from './api.js';
import { press } from './seal.js';

/**
 * @typedef {{format: string, clinic: {id: string, name: string}, transfer: string, ending: string, keys_destroyed_at: number,
 *   objects_destroyed_at: number, files: {sealed_bytes: number}[], signature: {key: string}}} Certificate
 * @typedef {'agree' | 'unknown' | 'differ' | 'false' | 'foreign' | 'unreadable'} Verdict
 */

const FORMAT = 'sceau-certificate/1';
const BEGINNING = /\{"format": ?"sceau-certificate\/1"/g;
const LONGEST = 8_000_000; // bytes: many times the largest certificate that is made
const UNREAD = [400, 413, 422]; // what the clinic answers when it cannot read a certificate
const CALENDAR = /** @type {const} */ ({ dateStyle: 'long', timeStyle: 'short', timeZone: 'Europe/Paris' }); // as in the certificate's PDF
const SEALS = /** @type {const} */ ({ agree: 'closed', unknown: 'closed', differ: 'open', false: 'broken', foreign: 'broken', unreadable: 'open' });

/**
 * Find the certificate in its JSON or PDF file.
 * @param {Uint8Array} content
 * @returns {Certificate} as far as its format says; the clinic checks the rest
 * @throws {Error} when there is none, or more than one
 */
export function certificateIn(content) {
  const printed = [...'%PDF'].every((sign, at) => content[at] === sign.charCodeAt(0));
  const text = new TextDecoder(printed ? 'latin1' : 'utf-8', { fatal: !printed }).decode(content).trim();
  const value = JSON.parse(text.startsWith('{') ? text : cutOut(text));
  if (content.length > LONGEST || value?.format !== FORMAT) throw new TypeError('not a certificate');
  return value;
}

/**
 * Cut the only certificate out of a text: from its first brace to the one that closes it.
 * @param {string} text
 */
function cutOut(text) {
  const found = [...text.matchAll(BEGINNING)];
  const start = found.length === 1 ? found[0].index : text.length;
  let [depth, quoted] = [0, false];
  for (let at = start; at < text.length; at += 1) {
    const sign = text[at];
    if (quoted && sign === '\\') at += 1;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && sign === '{') depth += 1;
    else if (!quoted && sign === '}') depth -= 1;
    if (depth === 0) return text.slice(start, at + 1);
  }
  throw new TypeError('no certificate, or more than one');
}

/**
 * @param {{genuine: boolean, records: 'agree' | 'differ' | 'unknown'}} answer
 * @param {boolean} foreign whether it carries another key than this clinic's
 * @returns {Verdict}
 */
export function verdictOf({ genuine, records }, foreign) {
  if (genuine) return records;
  return foreign ? 'foreign' : 'false';
}

/** @param {HTMLElement} root */
export function start(root) {
  const { language } = pageData();
  const [zone, choose, input] = [part(root, 'drop'), part(root, 'choose'), part(root, 'input', HTMLInputElement)];

  /** @param {File | null | undefined} file */
  async function check(file) {
    if (!file) return;
    clear(root);
    part(root, 'verdict').hidden = true;
    fill(root, { status: t('verify.live_reading') });
    try {
      await judge(file);
    } catch (error) {
      report(root, [problem(error)]);
    } finally {
      fill(root, { status: '' });
    }
  }

  /** @param {File} file */
  async function judge(file) {
    let certificate;
    try {
      if (file.size > LONGEST) throw new RangeError('larger than any certificate');
      certificate = certificateIn(new Uint8Array(await file.arrayBuffer()));
    } catch {
      show('unreadable');
      return;
    }
    try {
      const answer = await api.call('POST', '/api/certificates/check', { certificate }, { repeatable: true });
      show(verdictOf(answer, certificate.signature.key !== root.dataset.key), file.name, certificate);
    } catch (error) {
      if (!UNREAD.includes(/** @type {{status?: number}} */ (error).status ?? 0)) throw error;
      show('unreadable');
    }
  }

  /**
   * @param {Verdict} verdict
   * @param {string} [name] of the file
   * @param {Certificate} [certificate] when the clinic could read it
   */
  function show(verdict, name, certificate) {
    const section = part(root, 'verdict');
    section.dataset.verdict = verdict;
    fill(section, { title: t(`verify.live_${verdict}.title`), text: t(`verify.live_${verdict}.text`) });
    press(part(section, 'seal', SVGElement), SEALS[verdict]);
    part(section, 'facts').hidden = !certificate;
    if (certificate && name) tell(section, name, certificate, verdict === 'false' || verdict === 'foreign');
    section.hidden = false;
    part(section, 'title').focus();
  }

  /**
   * @param {HTMLElement} section
   * @param {string} name
   * @param {Certificate} certificate
   * @param {boolean} doubtful
   */
  function tell(section, name, { clinic, transfer, ending, keys_destroyed_at: keys, objects_destroyed_at: objects, files }, doubtful) {
    const moment = (/** @type {number} */ instant) => new Date(instant * 1000).toLocaleString(language === 'fr' ? 'fr-FR' : 'en-GB', CALENDAR);
    const size = bytes(files.reduce((sum, file) => sum + file.sealed_bytes, 0), language);
    fill(section, {
      caption: t(doubtful ? 'verify.live_claims' : 'verify.live_says'),
      name,
      clinic: clinic.name,
      transfer,
      ending: pageData().texts[`certificate.ending.${ending}`] ?? ending,
      'keys-destroyed-at': moment(keys),
      'objects-destroyed-at': moment(objects),
      files: t('verify.live_files', { count: files.length, size }),
    });
  }

  choose.addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    input.value = '';
    busy(choose, () => check(file));
  });
  for (const type of ['dragover', 'drop']) window.addEventListener(type, (event) => event.preventDefault());
  for (const type of ['dragenter', 'dragover', 'dragleave', 'drop']) {
    zone.addEventListener(type, () => zone.classList.toggle('drop--over', type === 'dragenter' || type === 'dragover'));
  }
  zone.addEventListener('drop', ({ dataTransfer }) => busy(choose, () => check(dataTransfer?.files[0])));
}
