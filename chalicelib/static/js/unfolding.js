/** A panel that a button opens and closes; the focus goes in with it, and back. */
import { part } from './dom.js';

/**
 * @param {HTMLElement} root with `data-open`, `data-panel` and in it `data-close`
 * @param {{opened?: () => unknown, closed?: () => void, focus?: string}} [then] `focus` is what takes it inside
 * @returns {(open: boolean) => void}
 */
export function unfolding(root, { opened = () => {}, closed = () => {}, focus = 'input, select, textarea' } = {}) {
  const [button, panel] = [part(root, 'open'), part(root, 'panel')];

  /** @param {boolean} open */
  function show(open) {
    if (open !== panel.hidden) return;
    panel.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (!open) closed();
    const target = open ? panel.querySelector(focus) : button;
    if (target instanceof HTMLElement) target.focus();
    if (open) opened();
  }

  button.addEventListener('click', () => show(panel.hidden === true));
  part(panel, 'close').addEventListener('click', () => show(false));
  return show;
}
