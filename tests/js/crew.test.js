import assert from 'node:assert/strict';
import test from 'node:test';
import { Crew } from '../../chalicelib/static/js/crew.js';
import { Digests } from '../../chalicelib/static/js/digests.js';
import { Pace } from '../../chalicelib/static/js/pace.js';
import { codeOf } from './vectors.js';
import { FakeFile, wait } from './fakes.js';

class FakeWorker {
  static all = [];
  constructor(url) {
    assert.match(`${url}`, /sealing-worker\.js$/);
    FakeWorker.all.push(this);
  }
  postMessage(message) {
    assert.equal(this.asked, undefined, 'one order at a time');
    this.asked = message;
  }
  answer(data) {
    this.asked = undefined;
    this.onmessage({ data });
  }
  terminate() {
    this.ended = true;
  }
}

function crew(t) {
  FakeWorker.all = [];
  globalThis.Worker = FakeWorker;
  t.after(() => delete globalThis.Worker);
  return new Crew();
}

test('two workers take turns', async (t) => {
  const hands = crew(t);
  const answers = [1, 2, 3].map((piece) => hands.digestPiece({ piece }));
  await wait();

  assert.deepEqual(FakeWorker.all.map(({ asked }) => asked.order.piece), [1, 2]);
  FakeWorker.all[1].answer({ result: 'two' });
  await wait();
  assert.equal(FakeWorker.all[1].asked.order.piece, 3);
  FakeWorker.all[1].answer({ error: 'file_changed' });
  FakeWorker.all[0].answer({ result: 'one' });

  assert.deepEqual([await answers[0], await answers[1], await codeOf(answers[2])], ['one', 'two', 'file_changed']);
});

test('a worker that dies is replaced', async (t) => {
  const hands = crew(t);
  const [first] = [1, 2, 3].map((piece) => codeOf(hands.sealPart({ piece })));
  await wait();

  FakeWorker.all[0].onerror();

  assert.equal(await first, 'worker_failed');
  await wait();
  assert.ok(FakeWorker.all[0].ended);
  assert.deepEqual(FakeWorker.all[2].asked.order.piece, 3);
});

test('a dropped file stops being read; asking again starts afresh', async () => {
  let read = 0;
  const digests = new Digests({ digestPiece: async () => ((read += 1), await wait(), new Uint8Array(32)) });
  const file = new FakeFile({ length: 100 * 8 * 1024 * 1024 });

  const first = digests.of(file);
  await wait();
  digests.drop(file);
  assert.equal(await codeOf(first), 'dropped');
  assert.ok(read < 10);

  assert.equal((await digests.of(file)).pieces.length, 100);
  assert.equal(digests.seen([file]), file.size);
});

test('the pace is smooth and knows when it knows nothing', () => {
  let now = 0;
  const pace = new Pace(() => now);
  pace.start(1000);

  assert.deepEqual(pace.measure(1000, 11_000), { bytesPerSecond: 0, secondsLeft: null });
  now = 1000;
  assert.deepEqual(pace.measure(2000, 11_000), { bytesPerSecond: 1000, secondsLeft: 9 });
  now = 2000;
  const { bytesPerSecond } = pace.measure(7000, 11_000);
  assert.ok(bytesPerSecond > 1000 && bytesPerSecond < 2500);
});
