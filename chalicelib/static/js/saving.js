/** Let the browser save what the page holds. */

/**
 * @param {BlobPart} content
 * @param {string} type
 * @param {string} name
 */
export function save(content, type, name) {
  const anchor = document.createElement('a');
  Object.assign(anchor, { href: URL.createObjectURL(new Blob([content], { type })), download: name, hidden: true });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 60_000);
}
