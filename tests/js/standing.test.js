import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alive, over, sealOf, tally, unreached, waiting } from '../../chalicelib/static/js/standing.js';
import { recipient, transfer } from './followed.js';

const reader = (collected_files, revoked_at = null) => recipient({ told_at: 1, collected_files, revoked_at });

test('a draft and a refused transfer are open', () => {
  assert.deepEqual(sealOf(transfer({ state: 'draft' })), { seal: 'open', share: 0, words: 'draft' });
  assert.deepEqual(sealOf(transfer({ state: 'refused', reason: 'not_whole' })), { seal: 'open', share: 0, words: 'refused' });
});

test('while files land, the ring is the share that has landed', () => {
  assert.deepEqual(sealOf(transfer({ state: 'landing', landed: 1 })), { seal: 'pressing', share: 0.5, words: 'landing' });
});

test('the seal is broken when every recipient who still may has everything', () => {
  assert.equal(sealOf(transfer({ recipients: [reader(2), reader(1)] })).seal, 'closed');
  assert.equal(sealOf(transfer({ recipients: [reader(2), reader(0, 5)] })).seal, 'broken');
  assert.equal(sealOf(transfer({ recipients: [reader(2, 5)] })).seal, 'closed');
});

test('who stands by is waited for only once told', () => {
  const standby = recipient({ standby: true });

  assert.equal(sealOf(transfer({ recipients: [reader(2), standby] })).seal, 'broken');
  assert.equal(sealOf(transfer({ recipients: [reader(2), { ...standby, told_at: 5 }] })).seal, 'closed');
  assert.deepEqual(tally(transfer({ recipients: [reader(2), standby] })), { total: 1, opened: 0, never: 1 });
});

test('what is destroyed is dust, and says why', () => {
  const words = (state, reason) => Object.values(sealOf(transfer({ state, reason })));

  assert.deepEqual(words('shredded', 'revoked'), ['dust', 0, 'revoked']);
  assert.deepEqual(words('sealed', 'expired'), ['dust', 0, 'expired'], 'closed to all, keys and objects on their way out');
  assert.deepEqual(words('shredded', 'size_differs'), ['dust', 0, 'refused']);
  assert.deepEqual(words('shredded', 'replaced'), ['dust', 0, 'refused']);
});

test('it may be opened while it is sealed and its time is not over', () => {
  assert.ok(alive(transfer({ expires_at: 10 }), 9));
  assert.ok(!alive(transfer({ expires_at: 10 }), 10));
  assert.ok(!alive(transfer({ reason: 'revoked' }), 9));
  assert.ok(!alive(transfer({ state: 'landing' }), 9));
  assert.ok(over(transfer({ reason: 'revoked' })) && over(transfer({ state: 'refused', reason: 'missing' })) && !over(transfer()));
});

test('a reminder helps whoever was told, can be reached, and has opened nothing', () => {
  const told = recipient({ told_at: 1 });
  const may = [told, { ...told, delayed_at: 2 }, { ...told, asked_at: 3 }].map(waiting);
  const not = [
    recipient(), { ...told, opened_at: 2 }, { ...told, bounced_at: 2 }, { ...told, complained_at: 2 }, { ...told, revoked_at: 2 },
  ].map(waiting);

  assert.deepEqual([...new Set(may), ...new Set(not)], [true, false]);
  assert.ok(!unreached({ ...told, bounced_at: 5, opened_at: 4 }), 'who opened was reached');
});

test('those who never opened are counted without those whose access was revoked', () => {
  const people = [recipient({ told_at: 1, opened_at: 2 }), recipient({ told_at: 1 }), recipient({ told_at: 1, revoked_at: 3 })];

  assert.deepEqual(tally({ recipients: people }), { total: 3, opened: 1, never: 1 });
});
