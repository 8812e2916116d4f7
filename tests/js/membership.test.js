import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actsFor } from '../../chalicelib/static/js/membership.js';

const member = (standing) => ({ member: 'm', standing });

test('what can be done depends on how a member stands', () => {
  assert.deepEqual(actsFor(member('invited')), ['invitation', 'contact', 'role', 'reset', 'disable']);
  assert.deepEqual(actsFor(member('active')), ['contact', 'role', 'reset', 'disable']);
  assert.deepEqual(actsFor(member('disabled')), ['enable', 'contact', 'role']);
});

test('nobody is offered to shut themselves out', () => {
  assert.deepEqual(actsFor(member('active'), 'm'), ['contact', 'role']);
  assert.deepEqual(actsFor(member('active'), 'n'), ['contact', 'role', 'reset', 'disable']);
});
