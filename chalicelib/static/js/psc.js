/** Back from Pro Santé Connect: its answer leaves the address bar at once, is shown to the server, and the way goes on. */
import { busy, copy, fill, part, step } from './dom.js';
import { problem, report, saying, words } from './problems.js';
import { api } from './api.js';
import { onward } from './onward.js';

/** @typedef {{place: string, name: string}} Place where somebody practises */

/**
 * What stands in the address.
 * @param {string} search
 * @returns {{code: string, state: string} | {refused: string}}
 */
export function answerIn(search) {
  const given = new URLSearchParams(search);
  const [code, state] = [given.get('code'), given.get('state')];
  if (code && state) return { code, state };
  return { refused: given.get('error') === 'access_denied' ? 'psc_cancelled' : 'psc_lost' };
}

/**
 * Show the answer, and tell where to go, or among which places of practice to choose first.
 * @param {ReturnType<typeof answerIn>} answer
 * @param {ApiPort} port
 * @returns {Promise<{on: string, places: Place[]}>}
 */
export async function settled(answer, port) {
  if ('refused' in answer) throw Object.assign(new Error(), { code: answer.refused });
  const { linked, places = [], place = null } = await port.call('POST', '/api/signin/psc/answer', answer).catch(
    saying({ code_spent: 'psc_late', signin_required: 'psc_late' }),
  );
  const session = await port.call('GET', '/api/session');
  const several = session.enough && !place && places.length > 1;
  return { on: onwardFrom(linked, session), places: several ? places : [] };
}

/**
 * @param {boolean} linked whether an account was linked, and not signed in with
 * @param {{enough: boolean, proofs: string[], member: {role: string}}} session
 */
function onwardFrom(linked, session) {
  if (linked) return session.proofs.includes('invitation') ? '/join#done' : '/account';
  return session.enough ? onward(session) : '/signin';
}

/** @param {HTMLElement} root */
export async function start(root) {
  const answer = answerIn(location.search);
  history.replaceState(null, '', location.pathname);
  try {
    const { on, places } = await settled(answer, api);
    if (places.length > 0) choose(root, places, on);
    else location.replace(on);
  } catch (error) {
    fill(root, { words: words(problem(error)) });
    step(root, 'trouble');
  }
}

/**
 * @param {HTMLElement} root
 * @param {Place[]} places
 * @param {string} on
 */
function choose(root, places, on) {
  const form = part(root, 'step="place"', HTMLFormElement);
  part(form, 'places').replaceChildren(...places.map(({ place, name }, n) => {
    const line = copy(root, 'place');
    const input = part(line, 'place', HTMLInputElement);
    Object.assign(input, { value: place, checked: n === 0 });
    fill(line, { name });
    return line;
  }));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(form.querySelector('[type="submit"]'), async () => {
      try {
        await api.call('PUT', '/api/account/place', { place: new FormData(form).get('place') });
        location.replace(on);
      } catch (error) {
        report(form, [{ ...problem(error), field: null }]);
      }
    });
  });
  step(root, 'place');
}
