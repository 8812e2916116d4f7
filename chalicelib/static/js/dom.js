/** The generic DOM module: find parts by their `data-` name, copy templates, show and hide. Text goes in as text only. */

/**
 * The first element under `root` with `data-<name>`; a missing one is a defect of the template.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} name
 * @param {new () => T} [kind]
 * @returns {T}
 */
export function part(root, name, kind) {
  const found = root.querySelector(`[data-${name}]`);
  if (!(found instanceof (kind ?? HTMLElement))) throw new TypeError(`data-${name} is missing`);
  return /** @type {T} */ (found);
}

/**
 * @param {ParentNode} root
 * @param {string} name
 * @returns {HTMLElement[]}
 */
export function parts(root, name) {
  return [...root.querySelectorAll(`[data-${name}]`)].filter((element) => element instanceof HTMLElement);
}

/**
 * A copy of the only element of `<template data-template="name">`.
 * @param {ParentNode} root
 * @param {string} name
 * @returns {HTMLElement}
 */
export function copy(root, name) {
  const template = root.querySelector(`template[data-template="${name}"]`);
  const element = template instanceof HTMLTemplateElement ? template.content.firstElementChild?.cloneNode(true) : null;
  if (!(element instanceof HTMLElement)) throw new TypeError(`template ${name} is missing`);
  return element;
}

/**
 * Write texts into parts, touching only what changes.
 * @param {ParentNode} root
 * @param {{[name: string]: string}} texts
 */
export function fill(root, texts) {
  for (const [name, text] of Object.entries(texts)) {
    const element = part(root, name);
    if (element.textContent !== text) element.textContent = text;
  }
}

/**
 * Show one `data-step` of a page and hide the others; its heading takes focus.
 * @param {ParentNode} root
 * @param {string} name
 */
export function step(root, name) {
  for (const element of parts(root, 'step')) {
    element.hidden = element.dataset.step !== name;
    if (!element.hidden) /** @type {HTMLElement | null} */ (element.querySelector('h1, [data-heading]'))?.focus();
  }
}

/**
 * While work is done, a button says so and does nothing; it keeps its place and the focus.
 * @template T
 * @param {Element | null} button
 * @param {() => Promise<T>} work
 * @returns {Promise<T | undefined>}
 */
export async function busy(button, work) {
  if (button?.getAttribute('aria-disabled') === 'true') return undefined;
  button?.setAttribute('aria-disabled', 'true');
  try {
    return await work();
  } finally {
    button?.removeAttribute('aria-disabled');
  }
}

/**
 * Ask before something is destroyed.
 * @param {ParentNode} root
 * @param {string} name of the `data-confirm` dialog
 * @param {string} [about] whom or what it is about
 * @returns {Promise<boolean>}
 */
export function confirmed(root, name, about = '') {
  const dialog = part(root, `confirm="${name}"`, HTMLDialogElement);
  fill(dialog, { about });
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}
