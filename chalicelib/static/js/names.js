/** Names that a stranger chose, made harmless. */

const LONGEST = 200; // characters
const HEAVIEST = 240; // bytes; file systems take 255
const LONGEST_EXTENSION = 20;
const INVISIBLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u034f\u115f\u1160\u2800\u3164\uffa0]/gu; // joiners stay: words need them
const FORBIDDEN = /[/\\<>:"|?*]/g; // separators, streams and wildcards of one system or another
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)/i; // Windows devices

/**
 * A name that saves, reads and sorts as one plain file on any system. Safe names stay as they are.
 * @param {string} name
 * @returns {string} 1 to 200 characters, NFC
 */
export function safeName(name) {
  let safe = trim(name.toWellFormed().replace(INVISIBLE, '').replace(FORBIDDEN, '_').replace(/\s+/g, ' ').normalize('NFC'));
  if (RESERVED.test(safe)) safe = `_${safe}`;
  const characters = [...safe];
  const dot = characters.lastIndexOf('.');
  const extension = dot > 0 && characters.length - dot <= LONGEST_EXTENSION ? characters.splice(dot) : [];
  while (characters.length + extension.length > LONGEST || weight(characters) + weight(extension) > HEAVIEST) {
    characters.pop();
  }
  safe = trim(characters.join('').trimEnd() + extension.join(''));
  return safe || 'file';
}

/**
 * @param {string} path folders
 * @returns {string} the same with safe names, and never a way up or to a root
 */
export function safePath(path) {
  const folders = path.split(/[/\\]/).filter((folder) => !/^[. ]*$/.test(folder));
  return folders.map(safeName).join('/');
}

/**
 * @param {string} name with or without its folders
 * @param {number} n 1 for the name as it is
 */
export function numbered(name, n) {
  return n === 1 ? name : name.replace(/(\.[^./]*)?$/, ` (${n})$1`);
}

/**
 * Safe names with their folders, of which no two are one file, or a file and a folder, to any system: the later gets a number.
 * @param {string[]} names
 * @returns {string[]}
 */
export function distinct(names) {
  const taken = new Set(names.flatMap((name) => [...name.matchAll(/\//g)].map(({ index }) => folded(name.slice(0, index)))));
  return names.map((name) => {
    let n = 1;
    while (taken.has(folded(numbered(name, n)))) n += 1;
    taken.add(folded(numbered(name, n)));
    return numbered(name, n);
  });
}

/** @param {string} name */
function folded(name) {
  return name.normalize('NFKC').toUpperCase().toLowerCase();
}

/** @param {string} name */
function trim(name) {
  return name.replace(/^[.\s]+|[.\s]+$/g, '');
}

/** @param {string[]} characters */
function weight(characters) {
  return new TextEncoder().encode(characters.join('')).length;
}
