import assert from 'node:assert/strict';
import { test } from 'node:test';

process.env.TZ = 'Europe/Paris';
const { choice, dayOf, endOn } = await import('../../chalicelib/static/js/lifetime.js');

const at = (text) => Date.parse(text) / 1000;
const ends = (expires_at, lifetime_ends_at) => ({ expires_at: at(expires_at), lifetime_ends_at: at(lifetime_ends_at) });
const AUTUMN = ends('2026-10-20T12:30:15Z', '2026-11-12T12:30:15Z');

test('an instant has the day of whoever reads it', () => {
  assert.equal(dayOf(at('2026-11-30T23:30:00Z')), '2026-12-01');
  assert.equal(dayOf(at('2026-01-02T10:00:00Z')), '2026-01-02');
});

test('another day keeps the hour of the present end', () => {
  assert.equal(endOn('2026-10-23', AUTUMN), at('2026-10-23T12:30:15Z'));
  assert.equal(endOn('2026-10-20', AUTUMN), AUTUMN.expires_at);
});

test('the hour is that of the clock on the wall, in winter too', () => {
  assert.equal(endOn('2026-10-26', AUTUMN), at('2026-10-26T13:30:15Z'));
});

test('the last day ends no later than it may', () => {
  assert.equal(endOn('2026-11-12', AUTUMN), AUTUMN.lifetime_ends_at);
});

test('days may be chosen from tomorrow to the last, and more than an hour away', () => {
  assert.deepEqual(choice(AUTUMN, at('2026-10-18T08:00:00Z')), { min: '2026-10-19', max: '2026-11-12' });
  assert.deepEqual(choice(ends('2026-10-20T22:10:00Z', '2026-11-12T22:10:00Z'), at('2026-10-18T21:50:00Z')).min, '2026-10-20');
});

test('when no day is left nothing may be chosen', () => {
  const last = ends('2026-11-12T12:30:15Z', '2026-11-12T12:30:15Z');

  assert.equal(choice(last, at('2026-11-12T08:00:00Z')), null);
  assert.equal(choice(last, at('2026-11-11T11:45:00Z')).min, '2026-11-12');
  assert.equal(choice(last, at('2026-11-11T23:30:00Z')), null);
});
