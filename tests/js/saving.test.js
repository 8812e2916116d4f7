import assert from 'node:assert/strict';
import test from 'node:test';
import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import { wait } from './fakes.js';

const listeners = {};
globalThis.self = { addEventListener: (name, listener) => (listeners[name] = listener) };
const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
globalThis.importScripts = (name) => runInThisContext(read(`chalicelib/static/js/${name}`));
await import('../../chalicelib/static/js/saving-worker.js');

/** A page that has opened a download, and what it hears. */
function opened(id, { name = 'a.bin', size = 6, files } = {}) {
  const { port1, port2 } = new MessageChannel();
  const heard = [];
  port1.onmessage = ({ data }) => heard.push(...Object.keys(data));
  listeners.message({ data: { open: id, name, size, files, at: 1764000000 }, ports: [port2] });
  return { heard, say: (message) => port1.postMessage(message), close: () => port1.close() };
}

/** What the worker answers to an address; undefined: nothing, the network will. */
function asked(path) {
  let answer;
  listeners.fetch({ request: { url: `https://clinic.example${path}` }, respondWith: (response) => (answer = response) });
  return answer;
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 5)); // a port takes a moment
const piece = (...bytes) => ({ piece: Uint8Array.from(bytes) });

test('nothing but its own path is answered, and no address is guessed or used twice', async () => {
  const page = opened('one');

  for (const path of ['/', '/c', '/api/collect', '/static/x/js/saving-worker.js', '/savings/one']) assert.equal(asked(path), undefined);
  assert.equal(asked('/saving/two').status, 404);
  assert.equal(asked('/saving/one').status, 200);
  assert.equal(asked('/saving/one').status, 404);

  page.say({ abort: true });
  await soon();
  page.close();
});

test('the answer is saved under its name, kept nowhere, and never shown', async () => {
  const page = opened('named', { name: "l'été (1) « 🩺 ».html" });

  const { headers } = asked('/saving/named');

  const name = "l%27%C3%A9t%C3%A9%20%281%29%20%C2%AB%20%F0%9F%A9%BA%20%C2%BB.html";
  assert.deepEqual(Object.fromEntries(headers), {
    'cache-control': 'no-store',
    'content-disposition': `attachment; filename*=UTF-8''${name}`,
    'content-length': '6',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'content-type': 'application/octet-stream',
    'x-content-type-options': 'nosniff',
  });
  page.say({ abort: true });
  await soon();
  page.close();
});

test('each piece is asked for when the one before has gone, and the end comes with the whole', async () => {
  const page = opened('whole');
  const reader = asked('/saving/whole').body.getReader();
  await soon();
  assert.deepEqual(page.heard, ['ready', 'more']);

  page.say(piece(1, 2, 3));
  await soon();
  assert.deepEqual(page.heard, ['ready', 'more'], 'nobody has read yet');
  assert.deepEqual([...(await reader.read()).value], [1, 2, 3]);
  await soon();
  assert.deepEqual(page.heard, ['ready', 'more', 'more']);
  page.say(piece(4, 5, 6));
  assert.deepEqual([...(await reader.read()).value], [4, 5, 6]);
  page.say({ end: true });

  assert.equal((await reader.read()).done, true);
  page.close();
});

for (const [id, last] of Object.entries({ early: { end: true }, given_up: { abort: true } })) {
  test(`what is not whole ends in an error: ${id}`, async () => {
    const page = opened(id);
    const reader = asked(`/saving/${id}`).body.getReader();
    page.say(piece(1, 2, 3));
    await reader.read();

    page.say(last);

    await assert.rejects(reader.read(), { message: 'not whole' });
    page.close();
  });
}

test('a page learns that its download is lost when the worker was ended meanwhile', () => {
  const told = [];
  listeners.message({ data: { awake: 'before' }, ports: [], source: { postMessage: (message) => told.push(message) } });

  assert.deepEqual(told, [{ lost: 'before' }]);
});

test('whoever cancels is heard', async () => {
  const page = opened('cancelled');
  const { body } = asked('/saving/cancelled');
  await soon();

  await body.cancel();
  await soon();

  assert.deepEqual(page.heard, ['ready', 'more', 'stopped']);
  page.close();
});

test('a page that falls silent for a minute is taken for dead; one that lives is not', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const page = opened('silent');
  const reader = asked('/saving/silent').body.getReader();

  for (let seconds = 0; seconds < 300; seconds += 50) {
    t.mock.timers.tick(50_000);
    listeners.message({ data: { awake: 'silent' }, ports: [] });
  }
  const read = reader.read();
  assert.equal(await Promise.race([read, wait()]), undefined, 'it waits');
  t.mock.timers.tick(60_000);

  await assert.rejects(read, { message: 'not whole' });
  page.close();
});

test('what makes the zip is what npm gave, to the byte', () => {
  for (const [ours, theirs] of [['client-zip.js', 'worker.js'], ['client-zip.LICENSE.txt', 'LICENSE.txt']]) {
    assert.equal(read(`chalicelib/static/js/${ours}`), read(`node_modules/client-zip/${theirs}`));
  }
});

const FILES = [{ name: 'dossier/é.txt', size: 3 }, { name: 'vide', size: 0 }, { name: 'b.bin', size: 3 }];

/** A page that has opened a zip, and all that comes of it once it has said something. */
async function zipping(id, messages) {
  const page = opened(id, { name: 'a.zip', files: FILES });
  const { headers, body } = asked(`/saving/${id}`);
  messages.forEach(page.say);
  const chunks = [];
  try {
    for await (const chunk of body) chunks.push(chunk);
  } finally {
    page.close();
  }
  return { size: Number(headers.get('content-length')), zip: Buffer.concat(chunks), heard: page.heard };
}

test('files are put into one zip of the length that was told', async () => {
  const { size, zip } = await zipping('zip', [piece(1, 2), piece(3), piece(4, 5, 6), { end: true }]);

  assert.equal(zip.length, size);
  assert.equal(zip.readUInt32BE(), 0x504b0304);
  assert.ok(zip.includes(Buffer.from('dossier/é.txt')) && zip.includes(Buffer.from([1, 2, 3])) && zip.includes(Buffer.from([4, 5, 6])));
  assert.equal(zip.readUInt16LE(zip.length - 12), FILES.length);
});

const SPOILED = {
  'given up': [piece(1, 2, 3), piece(4), { abort: true }],
  'given up after the last byte': [piece(1, 2, 3), piece(4, 5, 6), { abort: true }],
  'ended too soon': [piece(1, 2, 3), { end: true }],
  'bytes of two files in one piece': [piece(1, 2, 3, 4), piece(5, 6), { end: true }],
  'more than there should be': [piece(1, 2, 3), piece(4, 5, 6), piece(7), { end: true }],
};

for (const [what, messages] of Object.entries(SPOILED)) {
  test(`a zip that is not whole ends in an error: ${what}`, async () => {
    await assert.rejects(zipping(what.replaceAll(' ', '-'), messages), { message: 'not whole' });
  });
}

test('whoever cancels a zip is heard', async () => {
  const page = opened('zip-cancelled', { files: FILES });
  const { body } = asked('/saving/zip-cancelled');
  await soon();

  await body.cancel();
  await soon();

  assert.ok(page.heard.includes('stopped'));
  page.close();
});
