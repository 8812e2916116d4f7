import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerIn, settled } from '../../chalicelib/static/js/psc.js';
import { Refusal } from './fakes.js';

const ANSWER = { code: 'c', state: 's' };
const MEMBER = { member: { role: 'sender' } };

/** An API that answers what it is told, in turn. */
function told(...answers) {
  const calls = [];
  return {
    calls,
    call: async (method, path, body) => {
      calls.push([method, path, body]);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}

test('the answer is read from the address', () => {
  assert.deepEqual(answerIn('?code=c&state=s&session_state=x'), ANSWER);
  assert.deepEqual(answerIn('?error=access_denied&state=s'), { refused: 'psc_cancelled' });
  for (const search of ['', '?code=c', '?state=s', '?error=server_error']) assert.deepEqual(answerIn(search), { refused: 'psc_lost' });
});

test('the answer is shown once, and the way goes on', async () => {
  const api = told({ linked: false }, { enough: true, proofs: ['psc'], ...MEMBER });

  assert.deepEqual(await settled(ANSWER, api), { on: '/send', places: [] });
  assert.deepEqual(api.calls, [['POST', '/api/signin/psc/answer', ANSWER], ['GET', '/api/session', undefined]]);
});

test('whoever linked an account goes back to theirs, or finishes joining', async () => {
  const session = { enough: true, ...MEMBER };

  assert.equal((await settled(ANSWER, told({ linked: true }, { ...session, proofs: ['passkey', 'psc'] }))).on, '/account');
  assert.equal((await settled(ANSWER, told({ linked: true }, { ...session, proofs: ['invitation', 'psc'] }))).on, '/join#done');
});

test('among several places of practice one is chosen, once', async () => {
  const places = [{ place: '1', name: 'One' }, { place: '2', name: 'Two' }];
  const session = { enough: true, proofs: ['psc'], ...MEMBER };

  assert.deepEqual((await settled(ANSWER, told({ linked: false, places, place: null }, session))).places, places);
  assert.deepEqual((await settled(ANSWER, told({ linked: false, places, place: '2' }, session))).places, []);
  assert.deepEqual((await settled(ANSWER, told({ linked: false, places: places.slice(1), place: null }, session))).places, []);
});

test('a session that is still half goes back to the door', async () => {
  assert.equal((await settled(ANSWER, told({ linked: false }, { enough: false, proofs: ['psc'], ...MEMBER }))).on, '/signin');
});

test('what was refused over there asks nothing here', async () => {
  const api = told();

  await assert.rejects(settled({ refused: 'psc_cancelled' }, api), { code: 'psc_cancelled' });
  assert.deepEqual(api.calls, []);
});

test('an answer that comes late is said to be late', async () => {
  for (const code of ['code_spent', 'signin_required']) {
    await assert.rejects(settled(ANSWER, told(new Refusal(409, { error: code }, null))), { code: 'psc_late' });
  }
  await assert.rejects(settled(ANSWER, told(new Refusal(403, { error: 'psc_unknown' }, null))), { code: 'psc_unknown' });
});
