import assert from 'node:assert/strict';
import { test } from 'node:test';
import { troubles } from '../../chalicelib/static/js/troubles.js';

const WELL = {
  now: 1, well: true, code: { digest: 'ab', at: 1 },
  queues: [{ queue: 'landed', waiting: 3, working: 1, dead: 0 }, { queue: 'codes', waiting: 0, working: 0, dead: null }],
  sweep: { at: 1, overdue: false }, certificate: { until: null, soon: false }, hosting: { until: '2030-01-01', soon: false },
};

test('a service that is well wants nobody, however much waits', () => {
  assert.deepEqual(troubles(WELL), []);
});

test('what is most pressing comes first', () => {
  const health = {
    ...WELL, queues: [{ queue: 'landed', waiting: 0, working: 0, dead: 2 }], sweep: { at: null, overdue: true },
    certificate: { until: 5, soon: true }, hosting: { until: null, soon: true },
  };

  assert.deepEqual(troubles(health).map(({ name }) => name), ['sweep', 'dead_landed', 'certificate', 'hosting']);
  assert.deepEqual(troubles(health)[1].values, { count: 2 });
});
