/** Keep the screen from going dark while something is under way, where the browser can. */

/**
 * @param {{request: (kind: 'screen') => Promise<{release: () => Promise<void>}>} | undefined} [wakeLock] replaced in tests
 * @returns {(wanted: boolean) => Promise<void>} call it at each change, and when the page is seen again
 */
export function awake(wakeLock = navigator.wakeLock) {
  let held = /** @type {Promise<{release: () => Promise<void>} | null> | null} */ (null);
  return async (wanted) => {
    const before = await held;
    if (before) await before.release().catch(() => {});
    held = wanted && wakeLock ? wakeLock.request('screen').catch(() => null) : null; // refused on a low battery
    await held;
  };
}
