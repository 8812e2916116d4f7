/** The seal that templates/pages/seal.html draws, kept up to date. */

/** @typedef {'open' | 'pressing' | 'closed' | 'broken' | 'dust'} Seal */
/** @typedef {{collected_files: number, revoked_at: number | null}} Reader */
/** @typedef {{state: string, reason: string | null, files: number, landed: number, recipients: Reader[]}} Sealed */

/**
 * @param {Element} svg
 * @param {Seal} state
 * @param {number} [share] of the ring, from 0 to 1
 */
export function press(svg, state, share = 0) {
  if (!(svg instanceof SVGElement)) return;
  if (svg.dataset.seal !== state) svg.querySelector('use')?.setAttribute('href', `#seal-${state}`);
  svg.dataset.seal = state;
  svg.style.setProperty('--share', share.toFixed(3));
}

/**
 * How a transfer looks: its seal, how far the ring is, and which `state.` words stand beside it.
 * @param {Sealed} transfer
 * @returns {{seal: Seal, share: number, words: string}}
 */
export function sealOf({ state, reason, files, landed, recipients }) {
  if (state === 'landing') return { seal: 'pressing', share: files ? landed / files : 0, words: 'landing' };
  if (state === 'shredded') return { seal: 'dust', share: 0, words: reason ?? 'shredded' };
  if (state !== 'sealed') return { seal: 'open', share: 0, words: state };
  const readers = recipients.filter((reader) => reader.revoked_at === null);
  const all = readers.length > 0 && readers.every((reader) => reader.collected_files >= files);
  return { seal: all ? 'broken' : 'closed', share: 0, words: all ? 'collected' : 'sealed' };
}
