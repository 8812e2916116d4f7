import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOf, linkIn } from '../../chalicelib/static/js/join.js';

const MEMBER = 'a'.repeat(26);
const SECRET = 'S-_9'.repeat(11).slice(0, 43);

test('a link names a member and a secret', () => {
  assert.deepEqual(linkIn(`#${MEMBER}.${SECRET}`), { member: MEMBER, secret: SECRET });
});

test('anything else is no link', () => {
  for (const hash of ['', '#', '#done', `#${MEMBER}`, `#${MEMBER}.`, `#${MEMBER}.${SECRET}.x`, `#${MEMBER.slice(1)}.${SECRET}`, `#${MEMBER}.${SECRET} `]) {
    assert.equal(linkIn(hash), null);
  }
});

test('a refusal leads to the end that says what to do, or to none', () => {
  assert.equal(endOf({ code: 'invitation_over' }), 'over');
  assert.equal(endOf({ code: 'not_found' }), 'unknown');
  assert.equal(endOf({ code: 'signin_required' }), 'late');
  assert.equal(endOf({ code: 'proof_too_old', stuck: true }), 'late');
  for (const code of ['weak_password', 'proof_too_old', 'second_factor_required']) assert.equal(endOf({ code, stuck: false }), null);
});
