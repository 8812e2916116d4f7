/** All files of a transfer at once: one by one, or as one zip that the service worker makes of what passes. */
import { distinct, safeName } from './names.js';
import { streamed } from './streaming.js';

/** @typedef {import('./letter.js').Row} Row */

/**
 * One zip, as a download of the browser's own.
 * @param {CollectContents} contents
 * @returns {Promise<Saving | null>} null where the browser does not do this
 */
export function zipped({ sender, files, sealed_at: at }) {
  const names = distinct(files.map(({ name, path }) => (path ? `${path}/${name}` : name)));
  const day = new Date(at * 1000).toISOString().slice(0, 10);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const entries = files.map((file, n) => ({ name: names[n], size: file.size }));
  return streamed(safeName(`${sender.name} ${day}.zip`), size, { files: entries, at });
}

/**
 * @param {Row[]} rows
 * @param {Save} where
 */
export async function each(rows, where) {
  for (const row of rows) if (!(await row.receives(where))) break;
}

/**
 * Put all files into one saving; nothing is said to be saved before the whole is.
 * @param {Row[]} rows
 * @param {Saving} whole
 */
export async function together(rows, whole) {
  const stop = new AbortController();
  const part = { ...whole, close: async () => {} };
  for (const row of rows) row.begins(stop);
  for (const row of rows) {
    const one = row === rows.at(-1) ? whole : part;
    if (await row.gets(async () => one)) continue;
    for (const other of rows) other.drops();
    return;
  }
  for (const row of rows) await row.keeps();
}
