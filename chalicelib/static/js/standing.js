/** How a transfer stands: its seal and the words beside it, who it is for, and who has not opened. Pure. */

/** @typedef {import('./seal.js').Seal} Seal */

const ENDINGS = ['expired', 'revoked', 'cancelled', 'abandoned'];

/**
 * How a transfer looks: its seal, how far the ring is, and which `state.` words stand beside it.
 * @param {Pick<Transfer, 'state' | 'reason' | 'files' | 'landed' | 'recipients'>} transfer
 * @returns {{seal: Seal, share: number, words: string}}
 */
export function sealOf(transfer) {
  const { state, reason, files, landed, recipients } = transfer;
  if (ended(transfer)) return { seal: 'dust', share: 0, words: String(reason) };
  if (state === 'shredded') return { seal: 'dust', share: 0, words: reason ? 'refused' : 'shredded' };
  if (state === 'landing') return { seal: 'pressing', share: files ? landed / files : 0, words: 'landing' };
  if (state !== 'sealed') return { seal: 'open', share: 0, words: state };
  const readers = expected(recipients).filter((reader) => reader.revoked_at === null);
  const all = readers.length > 0 && readers.every((reader) => reader.collected_files >= files);
  return { seal: all ? 'broken' : 'closed', share: 0, words: all ? 'collected' : 'sealed' };
}

/**
 * Whether time or its sender ended it; a fault does not count.
 * @param {Pick<Transfer, 'reason'>} transfer
 */
export function ended({ reason }) {
  return ENDINGS.includes(reason ?? '');
}

/**
 * Whether nothing but destruction is left for it.
 * @param {Pick<Transfer, 'state' | 'reason'>} transfer
 */
export function over({ state, reason }) {
  return reason !== null || state === 'refused' || state === 'shredded';
}

/**
 * Whether it may be opened now.
 * @param {Pick<Transfer, 'state' | 'reason' | 'expires_at'>} transfer
 * @param {number} [now] seconds
 */
export function alive({ state, reason, expires_at: ends }, now = Date.now() / 1000) {
  return state === 'sealed' && reason === null && now < ends;
}

/**
 * Everybody but those who stand by and whose turn has not come.
 * @param {Followed[]} recipients
 */
function expected(recipients) {
  return recipients.filter((one) => !one.standby || one.told_at !== null);
}

/**
 * How many it is for, how many have opened it, and how many have not and still might.
 * @param {Pick<Transfer, 'recipients'>} transfer
 */
export function tally({ recipients }) {
  const readers = expected(recipients);
  const opened = readers.filter((one) => one.opened_at !== null).length;
  return { total: readers.length, opened, never: readers.filter(unopened).length };
}

/** @param {Followed} one */
export function unopened(one) {
  return one.opened_at === null && one.revoked_at === null;
}

/**
 * Whether the e-mail to this address is known not to serve.
 * @param {Followed} one
 */
export function unreached(one) {
  return unopened(one) && (one.bounced_at !== null || one.complained_at !== null);
}

/**
 * Whether a reminder could still help: told, reachable, and nothing opened.
 * @param {Followed} one
 */
export function waiting(one) {
  return unopened(one) && one.told_at !== null && !unreached(one);
}
