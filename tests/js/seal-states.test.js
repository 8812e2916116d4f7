import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sealOf } from '../../chalicelib/static/js/seal.js';

const reader = (collected_files, revoked_at = null) => ({ collected_files, revoked_at });
const transfer = (changes) => ({ state: 'sealed', reason: null, files: 2, landed: 2, recipients: [reader(0)], ...changes });

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

test('what is destroyed is dust, and says why', () => {
  assert.deepEqual(sealOf(transfer({ state: 'shredded', reason: 'revoked' })), { seal: 'dust', share: 0, words: 'revoked' });
});
