import assert from 'node:assert/strict';
import test from 'node:test';
import { inLanes } from '../../chalicelib/static/js/lanes.js';

/** Things to do that each take as long as said, on a clock of their own; tells how many were under way as each began. */
async function run(took) {
  const [pending, begun] = [[], []];
  let clock = 0;
  const work = (milliseconds) => new Promise((resolve) => {
    pending.push({ at: clock + milliseconds, resolve });
    begun.push(pending.length);
  });
  const all = inLanes(took.values(), work, () => clock);
  while (pending.length) {
    pending.sort((a, b) => a.at - b.at);
    const next = pending.shift();
    clock = next.at;
    next.resolve();
    await new Promise(setImmediate);
  }
  await all;
  assert.equal(begun.length, took.length);
  return begun;
}

const many = (milliseconds, number = 12) => Array.from({ length: number }, () => milliseconds);

test('on a quick network three go at once', async () => {
  assert.deepEqual((await run(many(1000))).slice(0, 4), [1, 2, 2, 3]);
  assert.equal(Math.max(...(await run(many(1000)))), 3);
});

test('on a network that is neither quick nor slow it stays at two', async () => {
  assert.equal(Math.max(...(await run(many(20_000)))), 2);
});

test('on a slow network it comes down to one', async () => {
  assert.deepEqual((await run(many(60_000, 6))), [1, 2, 1, 1, 1, 1]);
});

test('a network that gets better is used again', async () => {
  assert.equal(Math.max(...(await run([...many(60_000, 6), ...many(1000)]))), 3);
});

test('nothing to do is done at once', async () => {
  assert.deepEqual(await run([]), []);
});

test('the first error is told', async () => {
  await assert.rejects(inLanes([1, 2, 3].values(), async (one) => assert.notEqual(one, 2)));
});
