import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offered, proven, satisfied } from '../../chalicelib/static/js/proving.js';
import { Refusal } from './fakes.js';

const refusal = (error) => new Refusal(403, { error }, null);

/** Work that is refused for each reason in turn, then done. */
function refusedFor(...reasons) {
  const left = [...reasons];
  return async () => {
    const reason = left.shift();
    if (reason) throw refusal(reason);
    return 'done';
  };
}

test('what is not refused needs no proof', async () => {
  assert.equal(await proven(refusedFor(), () => assert.fail()), 'done');
});

test('what was asked is done again once a fresh proof is given', async () => {
  const wanted = [];
  const prove = async (code) => wanted.push(code) > 0;

  assert.equal(await proven(refusedFor('proof_too_old', 'passkey_required'), prove), 'done');
  assert.deepEqual(wanted, ['proof_too_old', 'passkey_required']);
});

test('without the proof the refusal stands', async () => {
  await assert.rejects(proven(refusedFor('proof_too_old'), async () => false), { code: 'proof_too_old', stuck: false });
  await assert.rejects(proven(refusedFor('proof_too_old'), async () => null), { code: 'proof_too_old', stuck: true });
});

test('a proof the server will not take is not asked for without end', async () => {
  let asked = 0;

  await assert.rejects(proven(refusedFor(...Array(9).fill('proof_too_old')), async () => (asked += 1) > 0), { code: 'proof_too_old' });
  assert.equal(asked, 2);
});

test('other refusals are not turned by a proof', async () => {
  await assert.rejects(proven(refusedFor('means_needed'), () => assert.fail()), { code: 'means_needed' });
});

test('only what the browser knows is offered, and only what no false page can take where that is wanted', () => {
  const session = { next: ['passkey', 'psc', 'password', 'sms'] };

  assert.deepEqual(offered(session, 'proof_too_old', true), ['passkey', 'psc', 'password', 'sms']);
  assert.deepEqual(offered(session, 'proof_too_old', false), ['psc', 'password', 'sms']);
  assert.deepEqual(offered(session, 'passkey_required', true), ['passkey', 'psc']);
  assert.deepEqual(offered({ next: ['password'] }, 'passkey_required', true), []);
});

test('one proof may not be enough', () => {
  const session = { enough: true, fresh: true, proofs: ['password', 'authenticator'] };

  assert.equal(satisfied(session, 'proof_too_old'), true);
  assert.equal(satisfied({ ...session, fresh: false }, 'proof_too_old'), false);
  assert.equal(satisfied(session, 'passkey_required'), false);
  assert.equal(satisfied({ ...session, proofs: ['psc'] }, 'passkey_required'), true);
  assert.equal(satisfied({ ...session, enough: false }, 'second_factor_required'), false);
});
