/** Names that a stranger chose, made harmless. */

const LONGEST = 200; // characters
const LONGEST_EXTENSION = 20;
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb]/gu;
const FORBIDDEN = /[/\\<>:"|?*]/g; // separators, streams and wildcards of one system or another
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)/i; // Windows devices

/**
 * A name that saves, reads and sorts as one plain file on any system. Safe names stay as they are.
 * @param {string} name
 * @returns {string} 1 to 200 characters, NFC
 */
export function safeName(name) {
  let safe = trim(name.toWellFormed().replace(INVISIBLE, '').replace(FORBIDDEN, '_').normalize('NFC'));
  if (RESERVED.test(safe)) safe = `_${safe}`;
  const characters = [...safe];
  if (characters.length > LONGEST) {
    const dot = characters.lastIndexOf('.');
    const extension = characters.length - dot <= LONGEST_EXTENSION ? characters.slice(dot) : [];
    safe = trim([...characters.slice(0, LONGEST - extension.length), ...extension].join(''));
  }
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

/** @param {string} name */
function trim(name) {
  return name.replace(/^[.\s]+|[.\s]+$/g, '');
}
