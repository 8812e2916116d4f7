/** The sending form: what is asked, what is missing, and the start of a sending. */
import { Digests, Sending } from './sender.js';
import { busy, fill, part, parts } from './dom.js';
import { bytes, day } from './format.js';
import { clear, problem, report } from './problems.js';
import { pageData, t } from './texts.js';
import { Drop } from './drop.js';
import { Recipients } from './recipients.js';
import { api } from './api.js';
import { unfinished } from './unfinished.js';
import { watch } from './sending.js';

const DAY = 86_400; // seconds
const ID = 'abcdefghijklmnopqrstuvwxyz234567';

/** @param {HTMLElement} root */
export function start(root) {
  const form = part(root, 'form', HTMLFormElement);
  const digests = new Digests();
  const recipients = new Recipients(form);
  const drop = new Drop(form, digests);
  const read = (/** @type {string} */ name) => String(new FormData(form).get(name) ?? '');
  let request = newRequest();

  const { limits, language } = pageData();
  if (limits) {
    const [each, total] = [limits.max_file_bytes, limits.max_transfer_bytes].map((size) => bytes(Math.floor(size / 1e9) * 1e9 || size, language));
    fill(form, { limits: t('send.files_hint', { files: limits.max_files, each, total }) });
  }
  const left = unfinished();
  part(form, 'unfinished').hidden = !left;
  part(form, 'unfinished-link', HTMLAnchorElement).href = `/transfers/${left}/resume`;
  form.addEventListener('change', refresh);
  refresh();

  function refresh() {
    const ends = Date.now() / 1000 + Number(read('lifetime_days')) * DAY;
    fill(form, { until: t('send.until', { date: day(ends, language) }) });
    for (const more of parts(form, 'more')) more.hidden = more.dataset.more !== read('basis');
  }

  function problems() {
    const found = [...recipients.problems, ...drop.problems];
    const basis = read('basis');
    if (!basis) found.push({ code: 'unknown_basis', field: 'basis' });
    if (basis === 'patient_consent' && !read('consent_date')) found.push({ code: 'consent_date_required', field: 'consent_date' });
    if (basis === 'other_legal_duty' && !read('legal_duty')) found.push({ code: 'legal_duty_required', field: 'legal_duty' });
    return found;
  }

  function draft() {
    const basis = read('basis');
    return {
      request,
      recipients: recipients.values,
      lifetime_days: Number(read('lifetime_days')),
      basis,
      consent_date: basis === 'patient_consent' ? read('consent_date') : null,
      legal_duty: basis === 'other_legal_duty' ? read('legal_duty') : null,
    };
  }

  async function send() {
    const found = problems();
    if (found.length > 0) {
      report(form, found);
      return;
    }
    clear(form);
    const files = drop.chosen.map(({ file }) => file);
    const paths = drop.chosen.map(({ path }) => path);
    const sending = new Sending({ api, digests, files, paths, draft: draft(), message: read('message') });
    form.hidden = true;
    const error = await watch(part(root, 'sending'), sending, { chosen: drop.chosen, recipients: recipients.values });
    form.hidden = false;
    if (sending.state.transfer || error?.code === 'request_used') request = newRequest();
    if (error) report(form, [problem(error.code === 'file_changed' ? { ...error, field: 'sizes' } : error)]);
    else form.querySelector('button[type="submit"]')?.scrollIntoView({ block: 'center' });
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(form.querySelector('button[type="submit"]'), send);
  });
}

/** The name of one wish to send: however often it reaches the server, it makes one transfer. */
function newRequest() {
  return Array.from(crypto.getRandomValues(new Uint8Array(26)), (byte) => ID[byte % 32]).join('');
}
