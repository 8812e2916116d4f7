/** Where somebody goes once they are signed in: the page that led to the door, or the first page of their role. */

const OURS = /^\/(?:account|costs|health|members|settings|transfers\/[a-z2-7]{26})$/; // nothing else is believed

/**
 * @param {string} hash what stands behind the `#` of the sign-in page
 * @returns {string | null} the page that was meant
 */
export function meant(hash) {
  const path = hash.slice(1);
  return OURS.test(path) ? path : null;
}

/**
 * @param {{member: {role: string}}} session
 * @param {string} [hash]
 * @returns {string}
 */
export function onward({ member }, hash = '') {
  return meant(hash) ?? (member.role === 'dpo' ? '/members' : '/send');
}
