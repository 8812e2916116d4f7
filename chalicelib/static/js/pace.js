/** How fast it goes, smoothed, and how long it may still take. */

const MEMORY = 5; // seconds
const SHORTEST = 0.25; // seconds between two measures

export class Pace {
  #rate = 0;
  #at = 0;
  #bytes = 0;

  /** @param {() => number} [now] milliseconds */
  constructor(now = () => performance.now()) {
    this.now = now;
  }

  /**
   * Start to measure, from so many bytes already there.
   * @param {number} bytes
   */
  start(bytes) {
    [this.#rate, this.#at, this.#bytes] = [0, this.now() / 1000, bytes];
  }

  /**
   * @param {number} bytes done
   * @param {number} total
   * @returns {{bytesPerSecond: number, secondsLeft: number | null}} null: not known yet
   */
  measure(bytes, total) {
    const now = this.now() / 1000;
    const passed = now - this.#at;
    if (passed >= SHORTEST) {
      const rate = Math.max(0, bytes - this.#bytes) / passed;
      this.#rate = this.#rate ? this.#rate + (rate - this.#rate) * (1 - Math.exp(-passed / MEMORY)) : rate;
      [this.#at, this.#bytes] = [now, bytes];
    }
    const secondsLeft = this.#rate ? Math.ceil((total - bytes) / this.#rate) : null;
    return { bytesPerSecond: Math.round(this.#rate), secondsLeft };
  }
}
