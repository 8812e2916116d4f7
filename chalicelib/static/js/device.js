/** Which browser on which system, in words: to tell one's own devices apart. */
import { t } from './texts.js';

/** @typedef {{browser: string, system: string}} Device */

// What gives each away, the more particular first: every browser also claims to be an older one. As chalicelib/domain/device.py.
const BROWSERS = [['edg', 'edge'], ['firefox/', 'firefox'], ['fxios', 'firefox'], ['chrom', 'chrome'], ['crios', 'chrome'], ['safari/', 'safari']];
const SYSTEMS = [
  ['iphone', 'ios'], ['ipad', 'ios'], ['android', 'android'], ['windows', 'windows'], ['mac os', 'macos'], ['linux', 'linux'], ['x11', 'linux'],
];

/**
 * @param {string} agent what the browser says it is
 * @returns {Device}
 */
export function deviceOf(agent) {
  const said = agent.toLowerCase();
  const found = (/** @type {string[][]} */ signs) => signs.find(([sign]) => said.includes(sign))?.[1] ?? 'other';
  return { browser: found(BROWSERS), system: found(SYSTEMS) };
}

/**
 * @param {Device} device
 * @returns {string} "Firefox, Windows"
 */
export function deviceWords({ browser, system }) {
  const words = [browser === 'other' ? t('device.unknown_browser') : t(`device.browser.${browser}`)];
  if (system !== 'other') words.push(t(`device.system.${system}`));
  return words.join(', ');
}
