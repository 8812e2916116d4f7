/** One transfer: its seal, what happened with each recipient, and how to revoke. */
import { bytes, duration, moment, phone } from './format.js';
import { clear, problem, report } from './problems.js';
import { confirmed, copy, fill, part } from './dom.js';
import { pageData, t } from './texts.js';
import { press, sealOf } from './seal.js';
import { api } from './api.js';

/**
 * @typedef {{recipient: string, name: string, email: string, mobile: string | null, told_at: number | null,
 *   opened_at: number | null, collected_files: number, collected_at: number | null, revoked_at: number | null}} Recipient
 * @typedef {{transfer: string, state: string, reason: string | null, created_at: number, expires_at: number,
 *   sealed_at: number | null, shredded_at: number | null, basis: string, files: number, bytes: number, landed: number,
 *   recipients: Recipient[]}} Transfer
 */

const SOON = 3_000; // milliseconds between two looks while files are landing
const LATER = 30_000;

/** @param {HTMLElement} root */
export function start(root) {
  const path = `/api/transfers/${root.dataset.transfer}`;
  const { language } = pageData();
  let shown = '';
  let state = '';

  async function load() {
    const { transfer } = await api.call('GET', path);
    const seen = JSON.stringify(transfer);
    if (seen !== shown) write(transfer);
    [shown, state] = [seen, transfer.state];
    fill(root, { expires: ends(transfer) });
  }

  async function look() {
    if (!document.hidden) await load().then(() => clear(root), told);
    if (!['refused', 'shredded'].includes(state)) setTimeout(look, state === 'sealed' ? LATER : SOON);
  }

  /** @param {unknown} error */
  function told(error) {
    if (part(root, 'summary').hidden) report(root, [problem(error)]);
    if (!shown) fill(root, { why: '' });
    if (/** @type {{code?: string}} */ (error).code === 'not_found') state = 'shredded';
  }

  /** @param {Transfer} transfer */
  function ends({ expires_at: expires, shredded_at: shredded, state: now }) {
    const left = expires - Date.now() / 1000;
    const day = moment(shredded ?? expires, language);
    return now === 'sealed' && left > 0 ? `${day} (${t('transfers.live_left', { time: duration(left, language) })})` : day;
  }

  /** @param {Transfer} transfer */
  function write(transfer) {
    const { files, landed, recipients } = transfer;
    const { seal, share, words } = sealOf(transfer);
    const over = ['refused', 'shredded'].includes(transfer.state);
    const left = (transfer.expires_at - Date.now() / 1000) / (transfer.expires_at - transfer.created_at);
    press(part(root, 'seal', SVGElement), seal, share);
    root.dataset.state = transfer.state;
    document.title = document.title.replace(/^.*(?= – )/, t(`state.${words}`));
    const why = over ? reason(transfer) : t(`transfer.live_why_${transfer.state}`, { landed, files, date: moment(transfer.expires_at, language) });
    fill(root, {
      state: t(`state.${words}`),
      why,
      files: t('transfers.live_files', { count: files, size: bytes(transfer.bytes, language) }),
      created: moment(transfer.created_at, language),
      revoke: t(transfer.state === 'sealed' ? 'revoke.whole' : 'sending.cancel_yes'),
      after: t(transfer.state === 'sealed' ? 'revoke.text' : 'sending.cancel_text'),
      ends: t(transfer.shredded_at ? 'transfer.live_ended' : 'transfer.live_expires'),
      basis: t(`basis.${transfer.basis}`),
    });
    part(root, 'until').hidden = transfer.state === 'refused';
    part(root, 'bar').hidden = transfer.state !== 'sealed';
    part(root, 'bar').style.setProperty('--share', left.toFixed(3));
    part(root, 'people').replaceChildren(...recipients.map((recipient) => person(transfer, recipient)));
    part(root, 'foot').hidden = over;
    part(root, 'loaded').hidden = false;
  }

  /**
   * @param {Transfer} transfer
   * @param {Recipient} recipient
   */
  function person(transfer, recipient) {
    const row = copy(root, 'person');
    const { name, email, mobile } = recipient;
    fill(row, { name, address: [email, phone(mobile ?? '')].filter(Boolean).join(', ') });
    part(row, 'timeline').replaceChildren(...events(transfer, recipient).map(([what, when, tone]) => {
      const event = copy(root, 'event');
      fill(event, { what, when: when ? moment(when, language) : '' });
      event.classList.add(`timeline__event--${tone}`);
      return event;
    }));
    const button = part(row, 'revoke-one');
    button.hidden = transfer.state !== 'sealed' || recipient.revoked_at !== null || transfer.recipients.length < 2;
    button.setAttribute('aria-label', t('transfer.live_revoke_one', { name }));
    button.addEventListener('click', () =>
      revoke('revoke-one', `${path}/recipients/${recipient.recipient}`, t('transfer.live_revoked_one', { name })));
    return row;
  }

  /**
   * @param {string} question
   * @param {string} address
   * @param {string} done
   */
  async function revoke(question, address, done) {
    if (!(await confirmed(root, question))) return;
    try {
      await api.call('DELETE', address);
      await load();
      fill(root, { done });
      part(root, 'state').focus();
    } catch (error) {
      report(root, [problem(error)]);
    }
  }

  part(root, 'revoke').addEventListener('click', () =>
    revoke(state === 'sealed' ? 'revoke' : 'cancel', path, t('transfer.live_revoked')));
  look();
}

/** @param {Transfer} transfer */
function reason({ state, reason: code }) {
  return state === 'refused' ? t(`refused.${code}`) : t(`ended.${code}`);
}

/**
 * What happened with one recipient, oldest first.
 * @param {Transfer} transfer
 * @param {Recipient} recipient
 * @returns {[string, number | null, string][]} words, instant, tone
 */
function events({ state, files }, recipient) {
  const { told_at: told, opened_at: opened, collected_files: collected, collected_at: last, revoked_at: revoked } = recipient;
  const found = /** @type {[string, number | null, string][]} */ ([]);
  const add = (/** @type {string} */ key, /** @type {number | null} */ when, tone = 'done') =>
    found.push([t(`transfer.live_event_${key}`, { count: collected, files }), when, tone]);
  if (told) add('told', told);
  else if (!revoked) add(state === 'sealed' ? 'waiting' : 'untold', null, 'todo');
  if (opened) add('opened', opened);
  if (collected) add(collected >= files ? 'all' : 'some', last, collected >= files ? 'good' : 'done');
  if (revoked) add('revoked', revoked, 'bad');
  else if (told && !opened && state === 'sealed') add('unopened', null, 'todo');
  return found;
}
