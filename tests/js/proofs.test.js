import assert from 'node:assert/strict';
import { test } from 'node:test';
import { provePasskey, recoveryCode } from '../../chalicelib/static/js/proofs.js';
import { addPasskey } from '../../chalicelib/static/js/enrolling.js';
import { PasskeyTrouble } from '../../chalicelib/static/js/passkeys.js';
import { Refusal } from './fakes.js';
import { saying } from '../../chalicelib/static/js/problems.js';

/** An API whose calls are written down; `refuse` is the path it says no to. */
function clinic(refuse, code) {
  const calls = [];
  return {
    calls,
    call: async (method, path, body) => {
      calls.push([method, path, body]);
      if (path === refuse) throw new Refusal(409, { error: code }, null);
      return path.endsWith('/options') ? { options: { challenge: 'AQ' } } : {};
    },
  };
}

test('a recovery code is read however it was typed', () => {
  for (const typed of ['abcde-fgh23', 'ABCDE FGH23', ' abcdefgh23 ', 'a b c d e f g h 2 3']) assert.equal(recoveryCode(typed), 'abcde-fgh23');
  for (const typed of ['', 'abcde', 'abcde-fgh2', 'abcde-fgh234', 'abcde_fgh23', 'abcd-efgh23']) assert.equal(recoveryCode(typed), null);
});

test('a passkey answers what the server asked', async () => {
  const api = clinic();
  const ask = async (options, how) => ({ options, how });

  await provePasskey({ api, ask, mediation: 'conditional' });

  assert.deepEqual(api.calls, [
    ['POST', '/api/signin/passkey/options', {}],
    ['POST', '/api/signin/passkey', { credential: { options: { challenge: 'AQ' }, how: { mediation: 'conditional' } } }],
  ]);
});

test('a passkey that was not shown is not sent', async () => {
  const api = clinic();
  const ask = async () => { throw new PasskeyTrouble('passkey_cancelled'); };

  await assert.rejects(provePasskey({ api, ask }), { code: 'passkey_cancelled' });
  assert.equal(api.calls.length, 1);
});

test('an answer that comes late is said in other words than a late code', async () => {
  await assert.rejects(provePasskey({ api: clinic('/api/signin/passkey', 'code_spent'), ask: async () => ({}) }), { code: 'passkey_late' });
  await assert.rejects(provePasskey({ api: clinic('/api/signin/passkey', 'passkey_refused'), ask: async () => ({}) }), { code: 'passkey_refused' });
});

test('a new passkey is kept under its name', async () => {
  const api = clinic();

  await addPasskey('Chrome, Linux', { api, make: async (options) => ({ options }) });

  assert.deepEqual(api.calls, [
    ['POST', '/api/account/passkeys/options', {}],
    ['POST', '/api/account/passkeys', { name: 'Chrome, Linux', credential: { options: { challenge: 'AQ' } } }],
  ]);
});

test('other words keep how long to wait', () => {
  const refusal = new Refusal(429, { error: 'wrong_code' }, 15);

  assert.throws(() => saying({ wrong_code: 'wrong_recovery' })(refusal), { code: 'wrong_recovery', retryAfter: 15 });
  assert.throws(() => saying({ other: 'x' })(refusal), { code: 'wrong_recovery' });
});
