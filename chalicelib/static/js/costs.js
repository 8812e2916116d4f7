/** What the clinic costs: one month at a time, as a sum, as a picture, and as the lines it is made of. */
import { ceiling, draw } from './bars.js';
import { busy, copy, fill, part } from './dom.js';
import { count, date, euros, monthName } from './figures.js';
import { daysIn, families } from './billing.js';
import { bytes } from './format.js';
import { clear, problem, report } from './problems.js';
import { pageData, t } from './texts.js';
import { api } from './api.js';
import { save } from './saving.js';

const GB = 1e9;
const WEEKS = [1, 8, 15, 22, 29];
const IN_BYTES = ['storage', 'network'];

/** @typedef {{day: string, euros: number, transfers: number}} Day */
/**
 * @typedef {{month: string, total: number, idle: number, after_allowances: number, per_transfer: number | null,
 *   counts: {[name: string]: number}, lines: import('./billing.js').Line[], days: Day[],
 *   prices: {as_of: string, to_confirm: boolean}}} Usage
 */

/** @param {HTMLElement} root */
export function start(root) {
  const told = part(root, 'told');
  const choice = part(root, 'choice').querySelector('select');
  let asked = 0;

  /** @param {string} [month] */
  async function load(month) {
    const mine = (asked += 1);
    clear(told);
    fill(root, { status: t('costs.live_loading') });
    try {
      const { usage, months } = await api.call('GET', month ? `/api/usage?month=${month}` : '/api/usage');
      if (mine === asked) write(usage, months);
    } catch (error) {
      fill(root, { status: '' });
      report(told, [problem(error)]);
    }
  }

  /**
   * @param {Usage} usage
   * @param {string[]} months
   */
  function write(usage, months) {
    offer(months, usage.month);
    const { language } = pageData();
    const counted = Object.values(usage.counts).some((one) => one > 0);
    const when = monthName(usage.month, language);
    fill(root, {
      status: counted ? '' : t('costs.live_nothing', { month: when }),
      when: usage.days.length < daysIn(usage.month) ? t('costs.live_until', { date: date(usage.days[usage.days.length - 1].day, language) }) : when,
      total: euros(usage.total, language),
      after: t('costs.live_after', { amount: euros(usage.after_allowances, language) }),
      transfers: count(usage.counts.transfers, language),
      each: usage.per_transfer === null ? t('costs.live_none') : euros(usage.per_transfer, language),
      idle: euros(usage.idle, language),
      prices: t(usage.prices.to_confirm ? 'costs.live_prices_to_confirm' : 'costs.live_prices', { date: date(usage.prices.as_of, language) }),
    });
    picture(root, usage);
    lines(root, usage);
    part(root, 'bill').hidden = false;
  }

  /**
   * @param {string[]} months
   * @param {string} chosen
   */
  function offer(months, chosen) {
    const { language } = pageData();
    choice?.replaceChildren(...months.map((month) => new Option(monthName(month, language), month, month === chosen, month === chosen)));
    part(root, 'choice').hidden = false;
  }

  choice?.addEventListener('change', () => load(choice.value));
  const take = part(root, 'export');
  take.addEventListener('click', () => busy(take, async () => {
    clear(told);
    try {
      const { csv, name } = await api.call('GET', `/api/usage/days?month=${choice?.value}`);
      save(`\ufeff${csv}`, 'text/csv', name); // the mark tells spreadsheets that it is UTF-8
    } catch (error) {
      report(told, [problem(error)]);
    }
  }));
  load();
}

/**
 * @param {HTMLElement} root
 * @param {Usage} usage
 */
function picture(root, usage) {
  const { language } = pageData();
  const idle = usage.idle / usage.days.length;
  const days = daysIn(usage.month);
  const said = usage.days.map(({ day, transfers, euros: cost }) => ({
    at: Number(day.slice(8)), transfers, cost, amount: Math.max(0, cost - idle), date: date(day, language),
  }));
  const most = ceiling(said.map(({ amount }) => amount));
  const dearest = said.reduce((one, other) => (other.amount > one.amount ? other : one));
  const drawing = part(root, 'bars', SVGElement);
  const bars = said.map(({ at, amount, date: when, transfers }) => ({
    at, amount, title: t('costs.live_bar', { date: when, euros: euros(amount, language), count: transfers }),
  }));
  draw(drawing, bars, days, most);
  drawing.setAttribute('aria-label', t('costs.live_picture', { date: dearest.date, amount: euros(dearest.amount, language) }));
  fill(root, { most: euros(most, language), resting: t('costs.live_resting', { amount: euros(idle, language) }) });
  part(root, 'dates').replaceChildren(...WEEKS.filter((day) => day <= days).map((day) => {
    const label = document.createElement('span');
    label.textContent = String(day);
    label.style.setProperty('--at', `${((day - 0.5) / days) * 100}%`);
    return label;
  }));
  part(root, 'days').replaceChildren(...said.map(({ at, transfers, cost }) => (
    figures(root, String(at), count(transfers, language), euros(cost, language)))));
}

/**
 * @param {HTMLElement} root
 * @param {Usage} usage
 */
function lines(root, usage) {
  const { language } = pageData();
  part(root, 'shares').replaceChildren(...families(usage.lines).map(({ name, amount, euros: cost, share }) => {
    const row = copy(root, 'share');
    const said = IN_BYTES.includes(name) ? bytes(amount * GB, language) : count(Math.round(amount), language);
    fill(row, { name: t(`costs.live_family.${name}`), euros: euros(cost, language), hint: t(`costs.live_hint.${name}`, { amount: said }) });
    part(row, 'bar').style.setProperty('--share', String(share));
    return row;
  }));
  part(root, 'lines').replaceChildren(...usage.lines.filter(({ amount }) => amount > 0).map(({ line, amount, euros: cost }) => (
    figures(root, t(`costs.live_line.${line}`), count(amount, language), euros(cost, language)))));
}

/**
 * @param {HTMLElement} root
 * @param {string} name
 * @param {string} amount
 * @param {string} cost
 */
function figures(root, name, amount, cost) {
  const row = copy(root, 'figures');
  fill(row, { name, amount, euros: cost });
  return row;
}
