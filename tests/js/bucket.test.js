import assert from 'node:assert/strict';
import test from 'node:test';
import { putPart, readObject } from '../../chalicelib/static/js/bucket.js';

const wait = async () => {};
const place = { url: 'https://bucket/1', headers: { 'x-amz-checksum-sha256': 'AA==' } };
const body = new ArrayBuffer(3);

/** Put where the answers are a list of statuses; gives the outcome and what was sent. */
async function put(...statuses) {
  const [sent, renewals] = [[], []];
  const send = async (where, bytes) => {
    sent.push([where.url, bytes]);
    const status = statuses.shift();
    return { status, etag: status === 200 ? '"e"' : null };
  };
  const renew = async () => renewals.push(1) && { ...place, url: `https://bucket/new${renewals.length}` };
  const signal = new AbortController().signal;
  const outcome = await putPart(place, body, { signal, onprogress() {}, renew, send, wait }).catch((error) => error.code);
  return { outcome, urls: sent.map(([url]) => url), same: sent.every(([, bytes]) => bytes === body) };
}

test('a part is put, and put again for what may pass', async () => {
  assert.equal((await put(200)).outcome, '"e"');
  const { outcome, same } = await put(0, 500, 503, 429, 400, 200);
  assert.deepEqual([outcome, same], ['"e"', true]);
});

test('a 412 is the same bytes, already there', async () => {
  assert.equal((await put(0, 412)).outcome, null);
});

test('a 403 asks for one new URL; two in a row are a refusal', async () => {
  assert.deepEqual(await put(403, 200), { outcome: '"e"', urls: ['https://bucket/1', 'https://bucket/new1'], same: true });
  assert.equal((await put(403, 403)).outcome, 'bucket_refused');
  assert.equal((await put(403, 0, 403, 200)).outcome, '"e"');
});

test('tries end', async () => {
  assert.equal((await put(...Array(8).fill(0))).outcome, 'offline');
  assert.equal((await put(...Array(8).fill(503))).outcome, 'bucket_failed');
  assert.equal((await put(404)).outcome, 'bucket_refused');
});

/** A browser's XMLHttpRequest, as far as a put uses it. */
class FakeRequest {
  static last;
  status = 0;
  upload = {};
  set = {};
  constructor() {
    FakeRequest.last = this;
  }
  open(method, url) {
    this.opened = [method, url];
  }
  setRequestHeader(name, value) {
    this.set[name] = value;
  }
  getResponseHeader() {
    return '"tag"';
  }
  send(sent) {
    this.sent = sent;
  }
  abort() {
    this.onloadend();
  }
  answer(status) {
    this.status = status;
    this.onloadend();
  }
}

test('the request carries exactly the signed headers that a page may set', async (t) => {
  globalThis.XMLHttpRequest = FakeRequest;
  t.after(() => delete globalThis.XMLHttpRequest);
  const progress = [];
  const headers = { 'Content-Length': '3', Host: 'bucket', 'If-None-Match': '*', 'x-amz-checksum-sha256': 'AA==' };
  const watch = { signal: new AbortController().signal, onprogress: (bytes) => progress.push(bytes), renew: async () => place };

  const done = putPart({ url: 'https://bucket/1', headers }, body, watch);
  const request = FakeRequest.last;
  request.upload.onprogress({ loaded: 2 });
  request.answer(200);

  assert.equal(await done, '"tag"');
  assert.deepEqual(request.opened, ['PUT', 'https://bucket/1']);
  assert.deepEqual(request.set, { 'If-None-Match': '*', 'x-amz-checksum-sha256': 'AA==' });
  assert.deepEqual([request.sent.size, request.sent.type], [3, '']);
  assert.deepEqual(progress, [2]);
});

test('giving up ends the request', async (t) => {
  globalThis.XMLHttpRequest = FakeRequest;
  t.after(() => delete globalThis.XMLHttpRequest);
  const given = new AbortController();

  const done = putPart(place, body, { signal: given.signal, onprogress() {}, renew: async () => place });
  given.abort(new Error('enough'));

  await assert.rejects(done, { message: 'enough' });
});

const stream = (chunks, end) =>
  new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk) controller.enqueue(chunk);
      else if (end) controller.error(end);
      else controller.close();
    },
  });

async function read(start, end, response) {
  const [got, requests] = [[], []];
  const get = async (url, request) => (requests.push(request), response());
  try {
    for await (const chunk of readObject('https://bucket/1', start, end, get)) got.push(...chunk);
  } catch (error) {
    return [got, error.code, requests[0].headers];
  }
  return [got, null, requests[0].headers];
}

test('an object, its end, or a range of it is read as it comes', async () => {
  const chunks = () => stream([Uint8Array.of(1, 2), Uint8Array.of(3)]);

  assert.deepEqual(await read(0, null, () => new Response(chunks())), [[1, 2, 3], null, undefined]);
  assert.deepEqual(await read(5, null, () => new Response(chunks(), { status: 206 })), [[1, 2, 3], null, { Range: 'bytes=5-' }]);
  assert.deepEqual(await read(0, 3, () => new Response(chunks(), { status: 206 })), [[1, 2, 3], null, { Range: 'bytes=0-2' }]);
  assert.deepEqual(await read(5, null, () => new Response('', { status: 416 })), [[], null, { Range: 'bytes=5-' }]);
});

test('a cut, a refusal and a failure are told apart', async () => {
  const cut = () => new Response(stream([Uint8Array.of(1)], new TypeError('network')));

  assert.deepEqual((await read(0, null, cut)).slice(0, 2), [[1], 'offline']);
  assert.equal((await read(0, null, () => Promise.reject(new TypeError('network'))))[1], 'offline');
  assert.equal((await read(0, null, () => new Response('', { status: 403 })))[1], 'bucket_refused');
  assert.equal((await read(0, null, () => new Response('', { status: 503 })))[1], 'bucket_failed');
  assert.equal((await read(5, null, () => new Response('', { status: 200 })))[1], 'bucket_refused', 'a range was asked for');
});
