/** A sending whose page was closed: which files it needs once more, then the sending itself. */
import { busy, copy, fill, part } from './dom.js';
import { bytes, moment, percent } from './format.js';
import { clear, problem, report } from './problems.js';
import { pageData, t } from './texts.js';
import { Digests, Sending } from './sender.js';
import { Resuming } from './resuming.js';
import { api } from './api.js';
import { watch } from './sending.js';
import { zone } from './zone.js';

const KEPT = 86_400; // seconds that what has arrived waits for the rest

/** @param {HTMLElement} root */
export function start(root) {
  const identity = String(root.dataset.transfer);
  const form = part(root, 'form', HTMLFormElement);
  const digests = new Digests();
  const changed = new Set();
  let resuming = /** @type {Resuming | null} */ (null);
  let followed = /** @type {Transfer | null} */ (null);
  let strangers = 0;

  async function load() {
    const { language } = pageData();
    const { transfer } = await api.call('GET', `/api/transfers/${identity}`);
    resuming = await Resuming.of(api, identity);
    followed = transfer;
    fill(root, { lead: t('resume.live_lead', { date: moment(transfer.created_at + KEPT, language) }) });
    part(root, 'loaded').hidden = false;
    show();
  }

  function show() {
    const { jobs = [], missing = [] } = resuming ?? {};
    part(form, 'needed').replaceChildren(...jobs.map(row));
    part(form, 'choosing').hidden = jobs.every(({ complete }) => complete);
    const total = missing.length ? t('resume.live_missing', { count: missing.length }) : t('resume.live_ready');
    fill(form, { total, strangers: strangers ? t('resume.live_strangers', { count: strangers }) : '' });
  }

  /** @param {Job} job */
  function row({ index, file, path, size, parts, complete, given, done }) {
    const line = copy(form, 'file');
    const { language } = pageData();
    fill(line, { name: path ? `${path}/${file.name}` : file.name, size: bytes(size, language), fate: fate() });
    part(line, 'fate').classList.toggle('file__state--good', complete || given === true);
    return line;

    function fate() {
      if (complete) return t('resume.live_arrived');
      if (given) return t('resume.live_given');
      if (changed.has(index)) return t('resume.live_changed');
      return done.size ? t('resume.live_partly', { share: percent(done.size / parts, language) }) : t('resume.live_wanted');
    }
  }

  zone(form, {
    add: (chosen) => {
      const { fate, index } = resuming?.give(chosen) ?? { fate: 'unknown', index: null };
      if (fate === 'taken') digests.add(chosen.file);
      if (fate === 'unknown') strangers += 1;
      if (fate === 'changed') changed.add(index);
      else changed.delete(index);
    },
    done: () => {
      show();
      strangers = 0;
      if (!resuming?.missing.length) clear(form);
    },
    failed: (error) => report(form, [{ ...problem(error), field: 'sizes' }]),
  });

  async function send() {
    if (!resuming || !followed) return;
    if (resuming.missing.length) {
      show();
      report(form, [{ code: 'files_missing', field: 'sizes' }]);
      return;
    }
    clear(form);
    const sending = new Sending({ api, digests, beginning: resuming });
    const chosen = resuming.jobs.map(({ file, path }) => ({ file, path }));
    form.hidden = true;
    const error = await watch(part(root, 'sending'), sending, { chosen, recipients: followed.recipients, keep: true });
    if (!error && sending.state.state !== 'failed') return location.assign(`/transfers/${identity}`);
    form.hidden = false;
    if (error?.file != null) changed.add(error.file);
    show();
    if (error) report(form, [{ ...problem(error), field: 'sizes' }]);
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(form.querySelector('button[type="submit"]'), send);
  });
  load().catch((error) => {
    fill(root, { lead: '' });
    part(root, 'see-it').hidden = false;
    report(root, [problem(error)]);
  });
}
