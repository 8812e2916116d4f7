/** How many things go at once: one more after each that was quick, one fewer after each that was slow. */

const FIRST = 2;
const MOST = 3;
const QUICK = 10_000; // milliseconds
const SLOW = 30_000; // on a slow network the less is on its way, the less is sent twice when it is cut

/**
 * Do all of it, some at once.
 * @template T
 * @param {Iterator<T, void>} waiting
 * @param {(one: T) => Promise<void>} work
 * @param {() => number} [now] milliseconds
 * @returns {Promise<void>} rejects with the first error; what was begun may still go on then
 */
export async function inLanes(waiting, work, now = () => performance.now()) {
  let [wanted, open] = [FIRST, 0];
  const lane = async () => {
    const others = [];
    while (open <= wanted) {
      const next = waiting.next();
      if (next.done) break;
      const begun = now();
      await work(next.value);
      const took = now() - begun;
      if (took < QUICK) wanted = Math.min(MOST, wanted + 1);
      if (took > SLOW) wanted = Math.max(1, wanted - 1);
      if (open < wanted) others.push(another());
    }
    open -= 1;
    await Promise.all(others);
  };
  const another = () => ((open += 1), lane());
  await Promise.all(Array.from({ length: FIRST }, another));
}
