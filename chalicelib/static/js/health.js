/** The state of the service: what waits, when the sweeper came, what ends when, what code runs; first, what wants somebody. */
import { copy, fill, part } from './dom.js';
import { count, date } from './figures.js';
import { clear, problem, report } from './problems.js';
import { pageData, t } from './texts.js';
import { api } from './api.js';
import { moment } from './format.js';
import { troubles } from './troubles.js';

/** @param {HTMLElement} root */
export async function start(root) {
  const told = part(root, 'told');
  clear(told);
  try {
    const { health } = await api.call('GET', '/api/health');
    write(root, health);
  } catch (error) {
    fill(root, { status: '' });
    report(told, [problem(error)]);
  }
}

/**
 * @param {HTMLElement} root
 * @param {import('./troubles.js').Health} health
 */
function write(root, health) {
  const { language } = pageData();
  const found = troubles(health);
  fill(root, {
    status: t(found.length ? 'health.live_look' : 'health.live_well', { count: found.length, date: moment(health.now, language) }),
    sweep: health.sweep.at === null ? t('health.live_never') : moment(health.sweep.at, language),
    certificate: health.certificate.until === null ? t('health.live_no_name') : moment(health.certificate.until, language),
    hosting: health.hosting.until === null ? t('health.live_unconfirmed') : date(health.hosting.until, language),
    code: t('health.live_since', { date: moment(health.code.at, language) }),
    digest: health.code.digest,
  });
  part(root, 'troubles').replaceChildren(...found.map(({ name, values }) => {
    const line = copy(root, 'trouble');
    line.textContent = t(`health.live_trouble.${name}`, values);
    return line;
  }));
  part(root, 'queues').replaceChildren(...health.queues.map(({ queue, waiting, working, dead }) => {
    const row = copy(root, 'queue');
    const kept = dead === null ? t('health.live_none_kept') : count(dead, language);
    fill(row, { name: t(`health.live_queue.${queue}`), waiting: count(waiting, language), working: count(working, language), dead: kept });
    return row;
  }));
  part(root, 'seen').hidden = false;
}
