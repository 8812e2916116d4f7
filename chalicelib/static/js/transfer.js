/** One transfer: its seal, what happened with each recipient, and what its sender may do. */
import { alive, ended, over, sealOf } from './standing.js';
import { confirmed, fill, part, parts } from './dom.js';
import { bytes, duration, moment } from './format.js';
import { clear, problem, report } from './problems.js';
import { pageData, t } from './texts.js';
import { Lifetime } from './lifetime.js';
import { People } from './people.js';
import { Reminding } from './reminding.js';
import { api } from './api.js';
import { certificate } from './certificate.js';
import { press } from './seal.js';

const SOON = 3_000; // milliseconds between two looks while files are landing, or just after something was done
const LATER = 30_000;

/** @param {HTMLElement} root */
export function start(root) {
  const path = `/api/transfers/${root.dataset.transfer}`;
  const { language } = pageData();
  const people = new People(root, { path, act, revoke: revokeOne });
  const reminding = new Reminding(root, { path, act });
  const lifetime = new Lifetime(root, { path, act });
  let [shown, state, lost] = ['', '', false];
  let [timer, busyUntil] = [0, 0];

  async function load() {
    const { transfer } = await api.call('GET', path);
    const seen = JSON.stringify(transfer);
    if (seen !== shown) write(transfer);
    [shown, state] = [seen, transfer.state];
    fill(root, { expires: ends(transfer) });
    if (lost) clear(root);
    lost = false;
  }

  async function look() {
    if (!document.hidden) await load().catch(told);
    const quiet = state === 'sealed' && Date.now() > busyUntil;
    clearTimeout(timer);
    if (!['refused', 'shredded'].includes(state)) timer = setTimeout(look, quiet ? LATER : SOON);
  }

  /** Look again soon, for a while: messages are about to leave. */
  function hurry() {
    busyUntil = Date.now() + LATER;
    return look();
  }

  /** @param {unknown} error */
  function told(error) {
    if (part(root, 'summary').hidden) report(root, [problem(error)]);
    lost = true;
    if (!shown) fill(root, { why: '' });
    if (/** @type {{code?: string}} */ (error).code === 'not_found') state = 'shredded';
  }

  /** @param {Transfer} transfer */
  function ends({ expires_at: expires, shredded_at: shredded, ...rest }) {
    const day = moment(shredded ?? expires, language);
    const time = duration(expires - Date.now() / 1000, language);
    return alive({ ...rest, expires_at: expires }) ? `${day} (${t('transfers.live_left', { time })})` : day;
  }

  /** @param {Transfer} transfer */
  function write(transfer) {
    const { files, landed } = transfer;
    const { seal, share, words } = sealOf(transfer);
    const [live, whole] = [alive(transfer), transfer.expires_at - transfer.created_at];
    press(part(root, 'seal', SVGElement), seal, share);
    root.dataset.state = transfer.state;
    document.title = document.title.replace(/^.*(?= – )/, t(`state.${words}`));
    fill(root, {
      state: t(`state.${words}`),
      why: over(transfer) ? reason(transfer) : t(`transfer.live_why_${transfer.state}`, { landed, files, date: moment(transfer.expires_at, language) }),
      files: t('transfers.live_files', { count: files, size: bytes(transfer.bytes, language) }),
      created: moment(transfer.created_at, language),
      revoke: t(transfer.state === 'sealed' ? 'revoke.whole' : 'sending.cancel_yes'),
      after: t(transfer.state === 'sealed' ? 'revoke.text' : 'sending.cancel_text'),
      ends: t(transfer.shredded_at ? 'transfer.live_ended' : 'transfer.live_expires'),
      basis: t(`basis.${transfer.basis}`),
    });
    part(root, 'until').hidden = transfer.state === 'refused';
    part(root, 'bar').hidden = !live;
    part(root, 'bar').style.setProperty('--share', ((transfer.expires_at - Date.now() / 1000) / whole).toFixed(3));
    people.write(transfer);
    lifetime.write(transfer);
    reminding.write(transfer);
    for (const act of parts(root, 'live')) act.hidden = !live;
    part(root, 'certificate').hidden = transfer.state !== 'shredded';
    part(root, 'foot').hidden = over(transfer);
    part(root, 'resume').hidden = transfer.state !== 'landing' || over(transfer);
    part(root, 'loaded').hidden = false;
  }

  /**
   * Do something, look again, and say what was done; what went wrong is told in the form it came from, while that is shown.
   * @type {Act}
   */
  async function act(work, said = () => '', form = root, done = () => {}) {
    let words;
    fill(root, { done: '' });
    try {
      words = said(await work());
    } catch (error) {
      report(form, [problem(error)]);
      await load().catch(() => {}); // it may have changed meanwhile
      if (form.offsetParent === null) report(root, [problem(error)]);
      return;
    }
    clear(form);
    done();
    fill(root, { done: words });
    await hurry();
    if (words) part(root, 'state').focus();
  }

  /**
   * @param {string} question
   * @param {string} address
   * @param {string} done
   */
  async function revoke(question, address, done) {
    if (await confirmed(root, question)) await act(() => api.call('DELETE', address), () => done);
  }

  /** @param {Followed} one */
  function revokeOne({ name, recipient }) {
    revoke('revoke-one', `${path}/recipients/${recipient}`, t('transfer.live_revoked_one', { name }));
  }

  part(root, 'revoke').addEventListener('click', () =>
    revoke(state === 'sealed' ? 'revoke' : 'cancel', path, t('transfer.live_revoked')));
  certificate(root, { path, act });
  hurry();
}

/** @param {Transfer} transfer */
function reason(transfer) {
  return ended(transfer) ? t(`ended.${transfer.reason}`) : t(`refused.${transfer.reason}`);
}
