import assert from 'node:assert/strict';
import { test } from 'node:test';
import { howLasting } from '../../chalicelib/static/js/lasting.js';

const session = { heard: 1000, idle: 1500, ends: 15_400 };

test('two minutes before the idle limit it is said, and can be put off', () => {
  assert.equal(howLasting(session, 2379), 'fine');
  assert.equal(howLasting(session, 2380), 'idle');
  assert.equal(howLasting({ ...session, heard: 2380 }, 2380), 'fine');
  assert.equal(howLasting(session, 2500), 'over');
});

test('two minutes before the end it is said, and cannot be put off', () => {
  assert.equal(howLasting({ ...session, heard: 15_000 }, 15_279), 'fine');
  assert.equal(howLasting({ ...session, heard: 15_279 }, 15_280), 'ending');
  assert.equal(howLasting({ ...session, heard: 15_399 }, 15_400), 'over');
});

test('when both come together it cannot be put off', () => {
  assert.equal(howLasting({ heard: 1000, idle: 1500, ends: 2450 }, 2400), 'ending');
});
