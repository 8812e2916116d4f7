import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meant, onward } from '../../chalicelib/static/js/onward.js';

const TRANSFER = `/transfers/${'a'.repeat(26)}`;
const as = (role) => ({ member: { role } });

test('the page that was meant is believed when it is one of ours', () => {
  for (const path of ['/account', '/costs', '/health', '/members', '/settings', TRANSFER]) assert.equal(meant(`#${path}`), path);
});

test('nothing else behind the # is believed', () => {
  for (const hash of ['', '#', '#/', '#account', '#//evil.example', '#/accounts', '#/account/x', '#/transfers/A', `#${TRANSFER}a`, '#javascript:alert(1)']) {
    assert.equal(meant(hash), null);
  }
});

test('without a page that was meant, everybody begins where their role does', () => {
  assert.equal(onward(as('sender')), '/send');
  assert.equal(onward(as('administrator'), '#nothing'), '/send');
  assert.equal(onward(as('dpo')), '/members');
  assert.equal(onward(as('dpo'), '#/account'), '/account');
});
