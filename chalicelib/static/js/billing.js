/** What a bill says, in the few families people think in. Pure. */

/** @typedef {{line: string, amount: number, euros: number}} Line */
/** @typedef {{name: string, amount: number, euros: number, share: number}} Family `share` is of the whole, from 0 to 1 */

/** @type {{[family: string]: {lines: string[], counted: string}}} the lines of each family, and the one that says how much */
export const FAMILIES = {
  key: { lines: ['key', 'kms'], counted: 'kms' },
  storage: { lines: ['storage', 'records'], counted: 'storage' },
  requests: { lines: ['calls', 'runs', 'seconds', 'reads', 'writes', 'puts', 'gets', 'queue', 'logs'], counted: 'runs' },
  network: { lines: ['out'], counted: 'out' },
  emails: { lines: ['emails'], counted: 'emails' },
  texts: { lines: ['texts'], counted: 'texts' },
  guard: { lines: ['firewall', 'rules', 'checked', 'alarms', 'metrics', 'dashboard', 'events'], counted: 'checked' },
};

/**
 * @param {Line[]} lines
 * @returns {Family[]} the dearest first
 */
export function families(lines) {
  const total = lines.reduce((sum, { euros }) => sum + euros, 0);
  const found = Object.entries(FAMILIES).map(([name, { lines: mine, counted }]) => {
    const euros = lines.filter(({ line }) => mine.includes(line)).reduce((sum, one) => sum + one.euros, 0);
    const amount = lines.find(({ line }) => line === counted)?.amount ?? 0;
    return { name, amount, euros, share: total > 0 ? euros / total : 0 };
  });
  return found.sort((one, other) => other.euros - one.euros);
}

/**
 * @param {string} month "2026-11"
 * @returns {number} how many days it has
 */
export function daysIn(month) {
  const [year, number] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 0)).getUTCDate();
}
