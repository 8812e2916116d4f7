/** Waiting: sleeps that can be cut short, and how long to sleep before trying again. */

/**
 * Sleep; a lost network that comes back ends the sleep early.
 * @param {number} milliseconds
 * @param {AbortSignal} [signal] rejects with its reason
 * @returns {Promise<void>}
 */
export function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const end = (/** @type {() => void} */ settle) => () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      globalThis.removeEventListener?.('online', wake);
      settle();
    };
    const wake = end(resolve);
    const abort = end(() => reject(signal?.reason));
    const timer = setTimeout(wake, milliseconds);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    globalThis.addEventListener?.('online', wake);
  });
}

/**
 * Milliseconds before try number `attempt` (from 1): exponential, at most 20 s, half of it random.
 * @param {number} attempt
 * @returns {number}
 */
export function backoff(attempt) {
  const ceiling = Math.min(20_000, 500 * 2 ** (attempt - 1));
  const [random] = crypto.getRandomValues(new Uint32Array(1));
  return ceiling * (0.5 + random / 2 ** 33);
}
