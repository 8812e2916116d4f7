/** What of the state of the service wants somebody, the most pressing first. */

/**
 * @typedef {{now: number, well: boolean, code: {digest: string, at: number},
 *   queues: {queue: string, waiting: number, working: number, dead: number | null}[],
 *   sweep: {at: number | null, overdue: boolean}, certificate: {until: number | null, soon: boolean},
 *   hosting: {until: string | null, soon: boolean}}} Health
 */

/**
 * @param {Health} health
 * @returns {{name: string, values: {[name: string]: number}}[]} keys of sentences
 */
export function troubles({ queues, sweep, certificate, hosting }) {
  const dead = queues.filter((one) => one.dead).map((one) => ({ name: `dead_${one.queue}`, values: { count: Number(one.dead) } }));
  const plain = /** @type {const} */ ([['sweep', sweep.overdue], ['certificate', certificate.soon], ['hosting', hosting.soon]]);
  const [overdue, ...ending] = plain.map(([name, is]) => (is ? [{ name, values: {} }] : []));
  return [...overdue, ...dead, ...ending.flat()];
}
