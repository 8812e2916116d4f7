import assert from 'node:assert/strict';
import test from 'node:test';
import { BucketError, Offline, opened, wait } from './fakes.js';
import { codeOf, pattern } from './vectors.js';
import { RANGE, readRanges } from '../../chalicelib/static/js/ranges.js';
import { importDataKey, sealedSize } from '../../chalicelib/static/js/envelope.js';
import { newMessageId, sealFrames, sealHeader } from '../../chalicelib/static/js/envelope-seal.js';
import { openFile } from '../../chalicelib/static/js/opening.js';
import { PIECE_LENGTH, fileDigest, sha256 } from '../../chalicelib/static/js/digest.js';

const SIZE = 5 * RANGE + 70_001; // bytes: six ranges
const bytes = pattern(SIZE);

/** A bucket of one object, whose URLs live until it is told otherwise; `spoil` may throw or replace each chunk. */
class Bucket {
  asked = 0;
  dead = new Set();
  requests = [];
  open = 0;
  most = 0;
  waiting = 0; // bytes that were read ahead

  constructor(object, spoil = (chunk) => chunk) {
    Object.assign(this, { object, spoil });
  }

  url = async () => `${(this.asked += 1)}`;

  read = async function* (url, start, end) {
    this.requests.push([url, start, end]);
    await wait();
    if (this.dead.has(url)) throw new BucketError('bucket_refused');
    this.most = Math.max(this.most, (this.open += 1));
    try {
      for (let at = start; at < (end ?? this.object.length); at += 500_000) {
        await wait();
        yield await this.spoil(this.object.slice(at, Math.min(at + 500_000, end ?? this.object.length)), url, at);
      }
    } finally {
      this.open -= 1;
    }
  }.bind(this);

  ranges(size = this.object.length) {
    return readRanges(size, { url: this.url, read: this.read, wait, onprogress: (count) => (this.waiting += count) });
  }
}

async function all(chunks) {
  const got = [];
  for await (const chunk of chunks) got.push(chunk);
  return Buffer.concat(got);
}

/** Numbers that look random, the same for the same seed. */
function dice(seed) {
  return () => ((seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31);
}

test('ranges come in order, three at once, under one URL', async () => {
  const roll = dice(1);
  const bucket = new Bucket(bytes, async (chunk) => {
    for (let n = roll() * 5; n > 0; n -= 1) await wait();
    return chunk;
  });

  const got = await all(bucket.ranges());

  assert.ok(got.equals(Buffer.from(bytes)));
  assert.deepEqual([bucket.asked, bucket.most, bucket.requests.length], [1, 3, 6]);
  assert.deepEqual(bucket.requests.at(-1), ['1', 5 * RANGE, null], 'the last one takes what should not be there, too');
});

test('a small object is asked for whole', async () => {
  const bucket = new Bucket(bytes.subarray(0, 1000));

  assert.equal((await all(bucket.ranges())).length, 1000);
  assert.deepEqual(bucket.requests, [['1', 0, null]]);
});

test('no more than three ranges wait for somebody who does not read', async () => {
  const bucket = new Bucket(bytes);
  const chunks = bucket.ranges();
  let taken = (await chunks.next()).value.length;

  for (let n = 0; n < 200; n += 1) await wait();
  assert.ok(bucket.waiting - taken <= 3 * (RANGE + 500_000), `${bucket.waiting - taken} bytes`);

  for await (const chunk of chunks) taken += chunk.length;
  assert.equal(taken, SIZE);
});

test('whoever stops reading leaves nothing open', async () => {
  const bucket = new Bucket(bytes);
  for await (const chunk of bucket.ranges()) if (chunk) break;

  for (let n = 0; n < 20; n += 1) await wait();

  assert.equal(bucket.open, 0);
});

test('two hundred cuts anywhere lose no byte, and none comes twice', async () => {
  const roll = dice(7);
  for (let round = 0; round < 20; round += 1) {
    let cuts = 0;
    const bucket = new Bucket(bytes, (chunk) => {
      if (cuts === 10 || roll() > 0.3) return chunk;
      cuts += 1;
      if (roll() > 0.5) throw new BucketError(roll() > 0.5 ? 'offline' : 'bucket_failed');
      return chunk.subarray(0, Math.floor(roll() * chunk.length)); // then the rest seems to have been given
    });
    bucket.read = cutting(bucket);

    const got = await all(bucket.ranges());

    assert.equal(cuts, 10);
    assert.ok(got.equals(Buffer.from(bytes)), `round ${round}`);
    assert.equal(bucket.asked, 1);
  }
});

/** A connection that ends where a chunk came short. */
function cutting({ read, object }) {
  return async function* (url, start, end) {
    let at = start;
    for await (const chunk of read(url, start, end)) {
      if (chunk.length) yield chunk;
      at += chunk.length;
      if (chunk.length < Math.min(500_000, (end ?? object.length) - at + chunk.length)) throw new BucketError('offline');
    }
  };
}

test('a URL that expires is replaced once for all ranges, and what came stays', async () => {
  const bucket = new Bucket(bytes, (chunk, url, at) => {
    if (at >= RANGE + 3_000_000) bucket.dead.add('1');
    if (bucket.dead.has(url)) throw new BucketError('offline'); // all three at once
    return chunk;
  });

  const got = await all(bucket.ranges());

  assert.ok(got.equals(Buffer.from(bytes)));
  assert.equal(bucket.asked, 2);
});

test('on a slow line the rest is one request, which no expiry stops', async () => {
  const long = new Uint8Array(12 * RANGE);
  const bucket = new Bucket(long, (chunk, url, at) => bucket.dead.add(at < 9 * RANGE ? '1' : '2') && chunk);

  const got = await all(bucket.ranges());

  const [url, start, end] = bucket.requests.at(-1);
  assert.deepEqual([got.length, bucket.asked, url, end], [long.length, 2, '2', null]);
  assert.ok(start <= 6 * RANGE, `from ${start}`);
});

test('one request for all the rest does not fill the memory either', async () => {
  const bucket = new Bucket(new Uint8Array(12 * RANGE), (chunk) => bucket.dead.add('1') && chunk);
  const chunks = bucket.ranges();
  let taken = 0;
  while (taken < 6.5 * RANGE) taken += (await chunks.next()).value.length;

  for (let n = 0; n < 300; n += 1) await wait();

  assert.equal(bucket.requests.at(-1)[2], null);
  assert.ok(bucket.waiting - taken <= RANGE + 500_000, `${bucket.waiting - taken} bytes`);
  await chunks.return();
});

test('URLs may die again and again as long as bytes come', async () => {
  const bucket = new Bucket(bytes.subarray(0, 5_000_000), (chunk, url) => {
    if (bucket.dead.has(url)) throw new BucketError('bucket_refused');
    bucket.dead.add(url);
    return chunk;
  });

  const got = await all(bucket.ranges());

  assert.ok(got.equals(Buffer.from(bytes.subarray(0, 5_000_000))));
  assert.equal(bucket.asked, 10);
});

test('what never passes is told, and how often it was tried', async () => {
  for (const [code, most, urls] of [['offline', 8, 1], ['bucket_failed', 8, 1], ['bucket_refused', 2, 2]]) {
    const bucket = new Bucket(bytes.subarray(0, 1000), () => {
      throw new BucketError(code);
    });

    assert.equal(await codeOf(all(bucket.ranges())), code);
    assert.deepEqual([bucket.requests.length, bucket.asked], [most, urls]);
  }
});

test('a URL that cannot be had ends the reading', async () => {
  const bucket = new Bucket(bytes);
  bucket.url = async () => Promise.reject(new Offline());

  assert.equal(await codeOf(all(bucket.ranges())), 'offline');
});

/** A sealed file, and what its opener must expect. */
async function sealedFile(size) {
  const clear = bytes.subarray(0, size);
  const [dataKey, messageId, context] = [await importDataKey(new Uint8Array(32).fill(7)), newMessageId(), { clinic: 'c', transfer: 't' }];
  const fields = { messageId, context, keyArn: 'arn', wrappedKey: new Uint8Array(8) };
  const { frameKey } = await sealHeader(dataKey, fields);
  const out = new Uint8Array(sealedSize(size));
  await sealFrames(frameKey, messageId, clear, { index: 0, last: true, out });
  const pieces = [];
  for (let at = 0; at < size; at += PIECE_LENGTH) pieces.push(await sha256(clear.slice(at, at + PIECE_LENGTH)));
  return { clear, sealed: out, expected: { frameKey, messageId, size, digest: await fileDigest(pieces) } };
}

/** What is handed over of a spoiled file, and why it ended. */
async function spoiled(change) {
  const file = await sealedFile(PIECE_LENGTH + 150_000);
  const handed = [];
  const sealed = change(file) ?? file.sealed;
  const code = await codeOf(openFile(file.expected, new Bucket(sealed).ranges(file.sealed.length), async (piece) => handed.push(piece.length)));
  return { code, handed };
}

test('the last piece is handed over with the whole only', async () => {
  const end = ({ sealed }) => sealed.length - 1;

  assert.deepEqual(await spoiled(() => {}), { code: null, handed: [PIECE_LENGTH, 150_000] });
  assert.deepEqual(await spoiled((file) => void (file.sealed[end(file)] ^= 1)), { code: 'frame_tag', handed: [PIECE_LENGTH] });
  assert.deepEqual(await spoiled((file) => void (file.expected.digest[0] ^= 1)), { code: 'digest', handed: [PIECE_LENGTH] });
  assert.deepEqual(await spoiled((file) => file.sealed.subarray(0, end(file))), { code: 'truncated', handed: [PIECE_LENGTH] });
  assert.deepEqual(await spoiled((file) => new Uint8Array([...file.sealed, 0])), { code: 'trailing_bytes', handed: [PIECE_LENGTH] });
  assert.deepEqual(await spoiled((file) => void (file.sealed[20] ^= 1)), { code: 'frame_tag', handed: [] });
});

test('an object that ends anywhere is refused, and no end of it is handed over', async () => {
  const roll = dice(11);
  const { clear, sealed, expected } = await sealedFile(1_000_000);
  for (let round = 0; round < 200; round += 1) {
    const shorter = new Bucket(sealed.subarray(0, Math.floor(roll() * sealed.length)));

    const code = await codeOf(openFile(expected, shorter.ranges(sealed.length), async () => assert.fail('handed over')));

    assert.ok(['truncated', 'final_frame'].includes(code), code);
  }
  assert.deepEqual(await opened(expected, [sealed]), clear);
});

test('a disk that is slow is waited for, and little is opened ahead of it', async () => {
  const { sealed, expected } = await sealedFile(4 * PIECE_LENGTH);
  const bucket = new Bucket(sealed);
  const kept = [];
  let ready = () => {};
  const opening = openFile(expected, bucket.ranges(), (piece) => new Promise((resolve) => {
    kept.push(piece.length);
    ready = resolve;
  }));

  for (let n = 0; n < 300; n += 1) await wait();
  assert.ok(kept.length <= 1);
  assert.ok(bucket.waiting < sealed.length, 'all of it was read ahead');
  for (let done = false; !done; ready()) done = await Promise.race([opening.then(() => true), wait()]);

  assert.deepEqual(kept, Array(4).fill(PIECE_LENGTH));
});
