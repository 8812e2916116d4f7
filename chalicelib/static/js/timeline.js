/** What happened between a transfer and one recipient, oldest first, and whom to look at first. Pure: keys, no words. */
import { alive, unopened, unreached } from './standing.js';

/** @typedef {{key: string, at: number | null, tone: 'done' | 'todo' | 'good' | 'bad', count: number, name?: string}} Happening */

/**
 * Only what happened, and the one thing awaited, if any.
 * @param {Transfer} transfer
 * @param {Followed} one
 * @returns {Happening[]}
 */
export function timeline(transfer, one) {
  const found = /** @type {(Happening & {at: number})[]} */ ([]);
  const add = (/** @type {string} */ key, /** @type {number | null} */ at, /** @type {Happening['tone']} */ tone = 'done', count = 0) => {
    if (at !== null) found.push({ key, at, tone, count });
  };
  const whole = one.collected_files >= transfer.files;
  add('corrected', one.corrected_at);
  add('told', one.told_at);
  if (one.delivered_at === null && one.bounced_at === null) add('delayed', one.delayed_at, 'todo');
  add('delivered', one.delivered_at);
  add('bounced', one.bounced_at, 'bad');
  add('complained', one.complained_at, 'bad');
  add('reminded', one.reminded_at);
  if (one.asked_at !== one.phrase_asked_at) add('asked', one.asked_at);
  add('phrase', one.phrase_asked_at);
  add(one.proved_by ? `proved_${one.proved_by}` : 'proved', one.proved_at);
  for (const { name, at } of one.names) found.push({ key: 'named', at, tone: 'done', count: 0, name });
  add(one.openings > 1 ? 'reopened' : 'opened', one.opened_at, 'done', one.openings);
  add('fetched', one.fetched_at, 'done', one.fetched_files);
  add(whole ? 'all' : 'some', one.collected_at, whole ? 'good' : 'done', one.collected_files);
  add('revoked', one.revoked_at, 'bad');
  found.sort((before, after) => before.at - after.at); // what shares a second keeps the order above
  const [key, tone] = last(transfer, one);
  return key ? [...found, { key, at: null, tone, count: 0 }] : found;
}

/**
 * What is awaited, or what never came.
 * @param {Transfer} transfer
 * @param {Followed} one
 * @returns {[string, Happening['tone']]}
 */
function last(transfer, one) {
  const { state, reason } = transfer;
  if (one.revoked_at !== null || finished(transfer, one)) return ['', 'todo'];
  if (state !== 'sealed' || reason !== null) {
    if (one.opened_at !== null) return ['', 'todo'];
    return one.told_at === null ? ['untold', 'todo'] : ['never', reason === 'expired' ? 'bad' : 'todo'];
  }
  if (one.opened_at === null) return [beforeOpening(one), 'todo'];
  return [one.fetched_files + one.collected_files === 0 ? 'uncollected' : 'incomplete', 'todo'];
}

/**
 * How a recipient stands, in one event: whole or closed whatever came to be known afterwards, else the last of them.
 * @param {Happening[]} events
 * @returns {Happening | undefined}
 */
export function standing(events) {
  return events.find(({ key }) => key === 'revoked') ?? events.find(({ key }) => key === 'all') ?? events.at(-1);
}

/** @param {Followed} one */
function beforeOpening(one) {
  if (one.bounced_at !== null) return 'address';
  if (one.told_at === null) return one.standby ? 'standby' : 'waiting';
  if (one.asked_at === null || one.proved_at !== null) return 'unopened';
  return one.phrase_asked_at === null ? 'uncoded' : 'untold_phrase';
}

/**
 * @param {Transfer} transfer
 * @param {Followed} one
 */
export function finished(transfer, one) {
  return one.collected_files >= transfer.files;
}

/**
 * Whether the sender should do something about this address.
 * @param {Transfer} transfer
 * @param {Followed} one
 */
export function troubled(transfer, one) {
  return alive(transfer) && unreached(one);
}

/**
 * The recipients in the order of a reader's interest: trouble, those who have not opened, then the others; else as they were named.
 * @param {Transfer} transfer
 * @returns {Followed[]}
 */
export function ordered(transfer) {
  const rank = (/** @type {Followed} */ one) => {
    if (one.revoked_at !== null) return 5;
    if (troubled(transfer, one)) return 0;
    if (unopened(one)) return one.told_at !== null ? 1 : one.standby ? 4 : 2;
    return finished(transfer, one) ? 4 : 3;
  };
  return [...transfer.recipients].sort((before, after) => rank(before) - rank(after));
}
