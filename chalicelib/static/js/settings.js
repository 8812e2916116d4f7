/** The clinic's rules for signing in: the risk its administrator may accept, and the report for its homologation file. */
import { busy, confirmed, fill, part } from './dom.js';
import { clear, problem, report } from './problems.js';
import { pageData, t } from './texts.js';
import { api } from './api.js';
import { moment } from './format.js';
import { proving } from './proving.js';
import { save } from './saving.js';
import { writeReport } from './report.js';

const REASON_LEAST = 20; // characters
const REPORT = 'sceau-connexions.json';

/** @typedef {{by: string, at: number, reason: string}} Acceptance */

/** @param {HTMLElement} root */
export function start(root) {
  const run = proving(document.body);
  const told = part(root, 'told');
  let made = /** @type {{[name: string]: unknown} | null} */ (null);

  /**
   * @param {() => Promise<unknown>} work
   * @param {HTMLElement} [form] where what goes wrong is told
   */
  async function act(work, form = told) {
    clear(form);
    fill(root, { done: '' });
    try {
      await run(work);
    } catch (error) {
      report(form, [problem(error)]);
    }
  }

  /** @param {string} text */
  async function saying(text) {
    await load();
    fill(root, { done: text });
    part(root, 'done').focus();
  }

  async function load() {
    const { acceptance, unsecured } = await api.call('GET', '/api/policy');
    write(acceptance);
    fill(root, { unsecured: t('settings.live_unsecured', { count: unsecured }) });
  }

  /** @param {Acceptance | null} acceptance */
  function write(acceptance) {
    part(root, 'accepted').hidden = acceptance === null;
    part(root, 'unaccepted').hidden = acceptance !== null;
    fill(root, {
      'email-codes': t(acceptance ? 'settings.live_email_on' : 'settings.live_email_off'),
      by: acceptance ? t('settings.live_by', { by: acceptance.by, date: moment(acceptance.at, pageData().language) }) : '',
      reason: acceptance?.reason ?? '',
    });
  }

  const form = root.querySelector('form[data-form]');
  if (form instanceof HTMLFormElement) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const reason = String(new FormData(form).get('reason')).trim();
      if ([...reason].length < REASON_LEAST) {
        report(form, [{ code: 'bad_reason', field: 'reason' }]);
        return;
      }
      busy(form.querySelector('[type="submit"]'), () => act(async () => {
        await api.call('PUT', '/api/policy/acceptance', { reason });
        form.reset();
        await saying(t('settings.live_accepted'));
      }, form));
    });
  }
  const withdraw = root.querySelector('[data-withdraw]');
  withdraw?.addEventListener('click', () => busy(withdraw, async () => {
    if (!(await confirmed(root, 'withdraw'))) return;
    await act(async () => {
      await api.call('DELETE', '/api/policy/acceptance', {});
      await saying(t('settings.live_withdrawn'));
    });
  }));
  const [make, keep] = [part(root, 'make'), part(root, 'save')];
  make.addEventListener('click', () => busy(make, () => act(async () => {
    made = (await api.call('GET', '/api/reports/sign-in')).report;
    writeReport(root, made ?? {});
    fill(root, { done: t('settings.live_reported') });
    part(root, 'report').focus();
    keep.hidden = false;
  })));
  keep.addEventListener('click', () => save(`${JSON.stringify(made, null, 2)}\n`, 'application/json', REPORT));
  load().catch((error) => {
    fill(root, { 'email-codes': '' });
    report(told, [problem(error)]);
  });
}
