/** A sending on its way: the ring, bytes, speed, time left, pause, cancel; it ends on the seal or on what went wrong. */
import { bytes, duration, moment, percent, speed } from './format.js';
import { clear, problem, report } from './problems.js';
import { confirmed, copy, fill, part, parts } from './dom.js';
import { pageData, t } from './texts.js';
import { awake } from './awake.js';
import { press } from './seal.js';
import { remember } from './unfinished.js';

/** @typedef {import('./sender.js').State} State */
/** @typedef {{name: string, mobile: string | null, standby: boolean}} Told */
/** @typedef {{chosen: import('./zone.js').Chosen[], recipients: Told[], keep?: boolean}} Given keep: leaving the panel cancels nothing */

const SPEAK_EVERY = 15_000; // milliseconds between two announcements of progress
const SEALS = /** @type {{[state: string]: import('./seal.js').Seal}} */ ({ sealed: 'closed', refused: 'open', cancelled: 'dust' });
const OVER = ['sealed', 'refused', 'cancelled'];
const RUNNING = ['preparing', 'sending', 'waiting'];

/**
 * Show a sending until the person goes back to the form; resolves with what the form must put right, if anything.
 * @param {HTMLElement} panel
 * @param {import('./sender.js').Sending} sending
 * @param {Given} given
 * @returns {Promise<import('./sender.js').Trouble | null>}
 */
export function watch(panel, sending, given) {
  const { language } = pageData();
  const seal = part(panel, 'seal', SVGElement);
  const title = document.title;
  const away = new AbortController();
  const stay = awake();
  const [bars, bar] = [lines(panel, given), part(panel, 'progress')];
  let [phase, spoken] = ['', 0];

  /** @param {State} now */
  function changed(now) {
    const { sentBytes, totalBytes, preparedBytes } = now.progress;
    const share = totalBytes ? sentBytes / totalBytes : 0;
    if (now.state !== phase) turned(now);
    press(seal, SEALS[now.state] ?? 'pressing', share);
    bars.forEach((line, n) => {
      const file = now.progress.perFile[n];
      line.style.setProperty('--share', (file.sentBytes / file.totalBytes).toFixed(3));
    });
    if (!RUNNING.includes(now.state)) return;
    const done = bytes(now.state === 'preparing' ? preparedBytes : sentBytes, language);
    fill(panel, { bytes: t('sending.live_bytes', { done, total: bytes(totalBytes, language) }), pace: pace(now) });
    bar.setAttribute('aria-valuenow', String(Math.floor(share * 100)));
    bar.setAttribute('aria-valuetext', percent(share, language));
    document.title = `${percent(share, language)} – ${title}`;
    if (Date.now() - spoken > SPEAK_EVERY) speak(`${percent(share, language)}, ${pace(now)}`);
  }

  /** @param {State} now in a new phase */
  function turned({ state, transfer, expiresAt, reason, error }) {
    phase = state;
    stay(RUNNING.includes(state));
    if (state === 'sending') remember(transfer);
    if (OVER.includes(state)) remember(null);
    const heading = t(`sending.live_${state}`);
    for (const element of parts(panel, 'when')) element.hidden = !element.dataset.when?.split(' ').includes(state);
    fill(panel, { heading, pause: t(state === 'paused' ? 'sending.live_resume' : 'sending.live_pause') });
    part(panel, 'see', HTMLAnchorElement).href = `/transfers/${transfer}`;
    document.title = `${heading} – ${title}`;
    speak(heading);
    clear(panel);
    if (error) {
      part(panel, 'retry').hidden = !error.retry;
      report(panel, [problem(error)]);
    }
    if (state === 'sealed') fill(panel, { outcome: sealed(given, expiresAt ?? 0) });
    if (state === 'refused') fill(panel, { outcome: t(`refused.${reason}`) });
    if (state === 'sealed' || state === 'refused') part(panel, 'heading').focus();
  }

  /** @param {State} now */
  function pace({ state, progress: { bytesPerSecond, secondsLeft } }) {
    if (!navigator.onLine) return t('sending.live_offline');
    if (state !== 'sending' || secondsLeft === null) return '';
    return t('sending.live_pace', { speed: speed(bytesPerSecond, language), time: duration(secondsLeft, language) });
  }

  /** @param {string} text */
  function speak(text) {
    spoken = Date.now();
    fill(panel, { announce: text });
  }

  return new Promise((resolve) => {
    const on = (/** @type {string} */ name, /** @type {() => void} */ act) =>
      part(panel, name).addEventListener('click', act, { signal: away.signal });
    const leave = (/** @type {import('./sender.js').Trouble | null} */ error) => {
      away.abort();
      stay(false);
      if (!given.keep) sending.cancel();
      sending.onchange = () => {};
      [panel.hidden, document.title] = [true, title];
      resolve(error);
    };
    const run = async (/** @type {Promise<State>} */ going) => {
      const { state, error } = await going;
      if (state === 'failed' && error && (error.draft || error.code === 'file_changed')) leave(error);
    };
    on('pause', () => (phase === 'paused' ? run(sending.resume()) : sending.pause()));
    on('retry', () => run(sending.retry()));
    on('back', () => leave(null));
    on('cancel', async () => (await confirmed(panel, 'cancel')) && sending.cancel());
    window.addEventListener('beforeunload', (event) => {
      if ([...RUNNING, 'paused', 'failed'].includes(phase)) event.preventDefault();
    }, { signal: away.signal });
    document.addEventListener('visibilitychange', () => stay(!document.hidden && RUNNING.includes(phase)), { signal: away.signal });
    sending.onchange = changed;
    panel.hidden = false;
    part(panel, 'heading').focus();
    run(sending.start());
  });
}

/**
 * @param {Given} given
 * @param {number} until
 */
function sealed({ chosen }, until) {
  const { language } = pageData();
  const size = bytes(chosen.reduce((sum, { file }) => sum + file.size, 0), language);
  return t('sealed.text', { count: chosen.length, size, date: moment(until, language) });
}

/**
 * Draw one thin line for each file, and one entry for each person who will be told.
 * @param {HTMLElement} panel
 * @param {Given} given
 * @returns {HTMLElement[]} the lines
 */
function lines(panel, { chosen, recipients }) {
  const rows = chosen.map(({ file, path }) => {
    const row = copy(panel, 'line');
    fill(row, { name: path ? `${path}/${file.name}` : file.name, size: bytes(file.size, pageData().language) });
    return row;
  });
  part(panel, 'lines').replaceChildren(...rows);
  part(panel, 'told').replaceChildren(...recipients.map(({ name, mobile, standby }) => {
    const row = copy(panel, 'person');
    const way = mobile ? 'sms' : pageData().email_codes ? 'email' : 'phrase';
    fill(row, { name, how: t(`sealed.told_${standby ? 'standby' : way}`) });
    return row;
  }));
  return rows.map((row) => part(row, 'bar'));
}
