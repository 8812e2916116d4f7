/** Which sending of this browser is not over, so that a page that was closed can be taken up: two ids, and nothing else. */
import { pageData } from './texts.js';

const KEY = 'unfinished';

/** @param {string | null} transfer null: it is over */
export function remember(transfer) {
  try {
    if (transfer) localStorage.setItem(KEY, `${pageData().member?.member} ${transfer}`);
    else localStorage.removeItem(KEY);
  } catch {
    // a browser that keeps nothing: the list of sendings leads there too
  }
}

/** @returns {string | null} the transfer, if it is of the member this page was shown to */
export function unfinished() {
  try {
    const [member, transfer] = (localStorage.getItem(KEY) ?? '').split(' ');
    return transfer && member === pageData().member?.member ? transfer : null;
  } catch {
    return null;
  }
}
