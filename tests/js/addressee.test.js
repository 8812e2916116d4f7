import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../chalicelib/static/js/addressee.js';

const ADA = { name: 'Dr Ada', email: 'ada@example.fr', mobile: '06 12 34 56 78', language: 'fr' };
const fields = (changes, at) => faultsOf({ ...ADA, ...changes }, at).map(({ code, field }) => `${field}: ${code}`);

test('somebody who can be reached has no fault', () => {
  assert.deepEqual(fields({}), []);
  assert.deepEqual(fields({ mobile: null }), [], 'where no code can be sent, a phrase is told');
});

test('each fault is told at its field', () => {
  assert.deepEqual(fields({ name: '', email: 'ada', mobile: '06' }), ['name: bad_name', 'email: bad_email', 'mobile: bad_mobile']);
  assert.deepEqual(fields({ email: 'a*@example.fr' }, 'recipients.3.'), ['recipients.3.email: bad_email']);
});
