/** The seal that templates/pages/seal.html draws, kept up to date. */

/** @typedef {'open' | 'pressing' | 'closed' | 'broken' | 'dust'} Seal */

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
