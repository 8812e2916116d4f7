/** The list of transfers: one row each, kept fresh while there is something to wait for. */
import { busy, confirmed, copy, fill, part, parts } from './dom.js';
import { bytes, day, duration, initials } from './format.js';
import { clear, problem, report } from './problems.js';
import { pageData, t } from './texts.js';
import { alive, over, sealOf, tally, unopened } from './standing.js';
import { api } from './api.js';
import { press } from './seal.js';

const GROUPS = /** @type {{[show: string]: string[]}} */ ({
  progress: ['draft', 'landing'], sealed: ['sealed'], over: ['refused', 'shredded'],
});
const SOON = 5_000; // milliseconds between two looks while files are landing
const LATER = 60_000;
const FRESH = 3_600; // seconds; what takes longer is looked at less often
const FACES = 3; // initials shown

/** @param {HTMLElement} root */
export function start(root) {
  const asked = new URLSearchParams(location.search).get('show') ?? '';
  const group = asked in GROUPS ? asked : 'all';
  part(root, `show="${group}"`).setAttribute('aria-current', 'page');
  const rows = /** @type {Map<string, HTMLElement>} */ (new Map());
  const known = /** @type {Map<string, Transfer>} */ (new Map());
  const list = part(root, 'list');
  const more = part(root, 'more');
  let next = /** @type {string | null} */ (null);

  /** @param {Transfer} transfer */
  function draw(transfer) {
    const wanted = group === 'all' || GROUPS[group].includes(transfer.state);
    let row = rows.get(transfer.transfer);
    known.set(transfer.transfer, transfer);
    if (!wanted) {
      row?.remove();
      rows.delete(transfer.transfer);
      return;
    }
    if (!row) {
      row = copy(root, 'row');
      part(row, 'revoke').addEventListener('click', () => revoke(transfer.transfer));
      rows.set(transfer.transfer, row);
      const older = [...rows].find(([id]) => (known.get(id)?.created_at ?? 0) < transfer.created_at)?.[1] ?? null;
      list.insertBefore(row, older);
    }
    write(row, transfer);
  }

  /** @param {string} [after] */
  async function load(after) {
    const answer = await api.call('GET', `/api/transfers${after ? `?after=${encodeURIComponent(after)}` : ''}`);
    answer.transfers.forEach(draw);
    if (after || known.size === answer.transfers.length) next = answer.next;
    const count = list.childElementCount;
    more.hidden = next === null;
    part(root, 'empty="none"').hidden = known.size > 0;
    part(root, 'empty="filter"').hidden = known.size === 0 || count > 0;
    const status = count ? t('transfers.live_shown', { count }) : '';
    fill(root, { status });
  }

  async function look() {
    if (!document.hidden) await load().then(() => clear(root), told);
    const fresh = Date.now() / 1000 - FRESH;
    const landing = [...known.values()].some(({ state, created_at: made }) => GROUPS.progress.includes(state) && made > fresh);
    setTimeout(look, landing ? SOON : LATER);
  }

  /** @param {unknown} error */
  function told(error) {
    if (part(root, 'summary').hidden) report(root, [problem(error)]);
    fill(root, { status: '' });
  }

  /** @param {string} id */
  async function revoke(id) {
    const sealed = known.get(id)?.state === 'sealed';
    if (!(await confirmed(root, sealed ? 'revoke' : 'cancel'))) return;
    try {
      await api.call('DELETE', `/api/transfers/${id}`);
      draw((await api.call('GET', `/api/transfers/${id}`)).transfer);
      fill(root, { status: t('transfers.live_revoked') });
    } catch (error) {
      told(error);
    }
  }

  more.addEventListener('click', () => busy(more, () => load(next ?? undefined).catch(told)));
  look();
}

/**
 * @param {HTMLElement} row
 * @param {Transfer} transfer
 */
function write(row, transfer) {
  const { language } = pageData();
  const { recipients, files: count } = transfer;
  const { seal, share, words } = sealOf(transfer);
  const [first, others] = [recipients[0]?.name ?? '', recipients.length - 1];
  const who = others > 0 ? t('transfers.live_who', { name: first, count: others }) : first;
  const left = transfer.expires_at - Date.now() / 1000;
  const live = alive(transfer);
  const since = transfer.shredded_at
    ? t('transfers.live_ended', { date: day(transfer.shredded_at, language, 'medium') })
    : t('transfers.live_since', { date: day(transfer.created_at, language, 'medium') });
  const bounced = live ? recipients.filter((one) => unopened(one) && one.bounced_at !== null).length : 0;
  press(part(row, 'seal', SVGElement), seal, share);
  row.dataset.state = transfer.state;
  fill(row, {
    link: who,
    state: t(`state.${words}`),
    trouble: bounced ? t('transfers.live_bounced', { count: bounced }) : '',
    opened: opened(transfer),
    files: t('transfers.live_files', { count, size: bytes(transfer.bytes, language) }),
    left: live ? t('transfers.live_left', { time: duration(left, language) }) : since,
  });
  part(row, 'trouble').hidden = bounced === 0;
  part(row, 'link', HTMLAnchorElement).href = `/transfers/${transfer.transfer}`;
  const bar = part(row, 'bar');
  bar.hidden = !live;
  bar.style.setProperty('--share', (left / (transfer.expires_at - transfer.created_at)).toFixed(3));
  const revoke = part(row, 'revoke');
  const action = transfer.state === 'sealed' ? 'revoke' : 'cancel';
  revoke.hidden = over(transfer);
  revoke.textContent = t(`transfers.live_${action}`);
  revoke.setAttribute('aria-label', t(`transfers.live_${action}_named`, { who }));
  const faces = recipients.slice(0, FACES).map(({ name }) => initials(name));
  if (recipients.length > FACES) faces.push(`+${recipients.length - FACES}`);
  const initial = part(row, 'initials');
  if (parts(initial, 'one').map((one) => one.textContent).join() === faces.join()) return;
  initial.replaceChildren(...faces.map((text) => {
    const one = document.createElement('li');
    [one.className, one.dataset.one, one.textContent] = ['initials__one', '', text];
    return one;
  }));
}

/**
 * How many have opened it; when its time is over, how many have not.
 * @param {Transfer} transfer
 */
function opened(transfer) {
  const { opened, never, total } = tally(transfer);
  if (!transfer.sealed_at) return t('transfers.live_not_told');
  if (transfer.reason === 'expired' && never > 0) return t('transfers.live_unopened', { count: never, total });
  return t('transfers.live_opened', { opened, total });
}
