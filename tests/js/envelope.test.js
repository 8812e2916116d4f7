import assert from 'node:assert/strict';
import test from 'node:test';
import { opened } from './fakes.js';
import { base64, codeOf, inChunks, pattern, read, unbase64 } from './vectors.js';
import { concat, importDataKey, requireCrypto, sealedSize } from '../../chalicelib/static/js/envelope.js';
import { newMessageId, sealFrames, sealHeader, sealMessage } from '../../chalicelib/static/js/envelope-seal.js';
import { openHeader, openMessage } from '../../chalicelib/static/js/envelope-open.js';
import { sha256 } from '../../chalicelib/static/js/digest.js';

const { messages, bad_files: badFiles, header_flips: flips } = read('envelope');
const good = Object.fromEntries(messages.map((message) => [message.name, message]));
const dataKey = (message) => importDataKey(unbase64(message.data_key));
const fields = (message) => ({
  messageId: unbase64(message.message_id),
  context: message.context,
  keyArn: message.key_arn,
  wrappedKey: unbase64(message.wrapped_key),
});
const sealed = new Map();

/** The frames of a good message: as written down, or sealed here once it is sure that we seal the same. */
async function framesOf(message) {
  if (message.frames) return unbase64(message.frames);
  if (!sealed.has(message.name)) {
    const { frameKey } = await sealHeader(await dataKey(message), fields(message));
    const out = new Uint8Array(sealedSize(message.size));
    const place = { index: 0, last: true, out };
    await sealFrames(frameKey, unbase64(message.message_id), pattern(message.size), place);
    sealed.set(message.name, out);
  }
  return sealed.get(message.name);
}

async function built(pieces) {
  const bytes = pieces.map(async ({ hex, of, message, from, to }) => {
    if (hex !== undefined) return new Uint8Array(Buffer.from(hex, 'hex'));
    const whole = of === 'header' ? unbase64(good[message].header) : await framesOf(good[message]);
    return whole.slice(from, to ?? undefined);
  });
  return concat(...(await Promise.all(bytes)));
}

/** Open as a recipient does: header from the table, frames from the bucket, expectations from the manifest. */
async function openDetached(key, header, frames, expect, chunks) {
  const messageId = unbase64(expect.message_id);
  const { frameKey } = await openHeader(key, header, { context: expect.context, messageId, detached: true });
  const expected = { frameKey, messageId, size: expect.size, digest: unbase64(expect.digest) };
  return opened(expected, inChunks(frames, chunks));
}

// The stock SDK ends a message of whole frames with one more, empty frame. We never write that, and refuse it of a file.
const ours = messages.filter((message) => !message.empty_last_frame);

for (const message of ours) {
  test(`sealing ${message.name} gives the bytes of the stock SDK`, async () => {
    const { header } = await sealHeader(await dataKey(message), fields(message));

    const frames = await framesOf({ ...message, frames: undefined });

    assert.equal(base64(header), message.header);
    assert.equal(base64(await sha256(frames)), message.frames_sha256);
  });

  test(`${message.name} opens as a file`, async () => {
    const frames = await framesOf(message);

    const clear = await openDetached(await dataKey(message), unbase64(message.header), frames, message);

    assert.deepEqual(Buffer.from(clear), Buffer.from(pattern(message.size)));
  });
}

for (const message of messages) {
  test(`${message.name} opens as one message`, async () => {
    const whole = concat(unbase64(message.header), await framesOf(message));

    const clear = await openMessage(await dataKey(message), whole, { context: message.context });

    assert.deepEqual(Buffer.from(clear), Buffer.from(pattern(message.size)));
  });
}

for (const bad of badFiles) {
  test(`${bad.name} is refused: ${bad.code}`, async () => {
    const [header, frames] = [await built(bad.header), await built(bad.frames)];

    const code = await codeOf(openDetached(await dataKey(bad), header, frames, bad.expect));
    const atOnce = await codeOf(openDetached(await dataKey(bad), header, frames, bad.expect, [frames.length + 1]));

    assert.deepEqual([code, atOnce], [bad.code, bad.code]);
  });
}

test('a header with any one bit changed is refused', async () => {
  const message = good[flips.message];
  const frames = await framesOf(message);
  const codes = [];

  for (let at = 0; at < unbase64(message.header).length; at += 1) {
    const header = unbase64(message.header);
    header[at] ^= 1;
    codes.push(await codeOf(openDetached(await dataKey(message), header, frames, message)));
  }

  assert.deepEqual(codes, flips.codes);
});

test('a header cut anywhere is refused', async () => {
  const message = good.small;
  const header = unbase64(message.header);
  const key = await dataKey(message);

  for (let size = 0; size < header.length; size += 1) {
    const code = await codeOf(openHeader(key, header.slice(0, size), { context: message.context, detached: true }));
    assert.equal(code, 'header_malformed', `${size}`);
  }
});

test('frames cut anywhere are refused', async () => {
  const message = good.small;
  const [key, header, frames] = [await dataKey(message), unbase64(message.header), await framesOf(message)];

  for (let size = 0; size < frames.length; size += 61) {
    const code = await codeOf(openDetached(key, header, frames.slice(0, size), message));
    assert.equal(code, 'truncated', `${size}`);
  }
});

test('a whole message refuses what follows it', async () => {
  const message = good.small;
  const whole = concat(unbase64(message.header), await framesOf(message));
  const key = await dataKey(message);

  for (const more of [Uint8Array.of(0), new Uint8Array(100), whole]) {
    const code = await codeOf(openMessage(key, concat(whole, more), { context: message.context }));
    assert.equal(code, 'trailing_bytes');
  }
});

test('a manifest seals and opens', async () => {
  const key = await dataKey(good.small);
  const own = { ...fields(good.small), messageId: newMessageId() };
  const clear = pattern(70_000);

  const message = await sealMessage(key, own, clear);

  assert.deepEqual(await openMessage(key, message, { context: own.context, messageId: own.messageId }), clear);
});

test('the keys cannot be taken out, and the bytes they came from are erased', async () => {
  const bytes = unbase64(good.small.data_key);

  const key = await importDataKey(bytes);
  const { frameKey } = await sealHeader(key, fields(good.small));

  assert.ok(bytes.every((byte) => byte === 0));
  await assert.rejects(crypto.subtle.exportKey('raw', key));
  await assert.rejects(crypto.subtle.exportKey('raw', frameKey));
  assert.equal(await codeOf(importDataKey(new Uint8Array(16))), 'data_key');
});

test('without WebCrypto nothing starts', (t) => {
  const true_ = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  t.after(() => Object.defineProperty(globalThis, 'crypto', true_));

  for (const value of [undefined, {}, { subtle: {} }, { subtle: crypto.subtle }, { getRandomValues() {} }]) {
    Object.defineProperty(globalThis, 'crypto', { value, configurable: true });
    assert.throws(requireCrypto, { code: 'no_crypto' });
  }
});
