import assert from 'node:assert/strict';
import test from 'node:test';
import { BucketError, Clinic, FakeFile, FakeSaving, Offline, Refusal, digests, wait } from './fakes.js';
import { codeOf, inChunks, pattern } from './vectors.js';
import { Collecting, readLink, remembered } from '../../chalicelib/static/js/collector.js';
import { Sending } from '../../chalicelib/static/js/sender.js';
import { openFile } from '../../chalicelib/static/js/opening.js';
import { readRanges } from '../../chalicelib/static/js/ranges.js';
import { sealedSize } from '../../chalicelib/static/js/envelope.js';

const SIZES = [0, 1, 65536, 400_000];

/** A sealed transfer as a recipient meets it; `change` spoils the answer, `read` the bucket. */
async function collecting({ change = () => {}, read, transfer, names = [] } = {}) {
  const clinic = new Clinic();
  const files = SIZES.map((size, n) => new FakeFile(pattern(size), names[n] ?? `file ${n}.bin`));
  const parts = { api: clinic, digests: digests(), files, draft: {}, message: 'Bonjour', wait };
  await new Sending({ ...parts, bucket: { send: clinic.send, wait } }).start();
  const calls = [];
  const api = {
    call: async (method, path) => {
      calls.push(path);
      if (path.endsWith('/receipt')) return null;
      if (path.startsWith('/api/collect/files/')) return { url: path, expires_in: 120 };
      const answer = {
        transfer: clinic.context.transfer, sender: { name: 'Dr Ada' }, sealed_at: 1, expires_at: 2, context: { ...clinic.context },
        data_key: clinic.dataKey.toString('base64'), manifest: clinic.envelope.manifest, headers: [...clinic.envelope.headers],
        files: clinic.files.map(({ file, sealed_size }) => ({ file, sealed_size, collected_at: null })),
      };
      change(answer, clinic);
      return answer;
    },
  };
  const fromBucket = (url, start) => inChunks(clinic.sealed(Number(url.split('/').pop())).subarray(start));
  const open = (expected, { url, onprogress, keep }) => {
    const means = { url, onprogress, wait, read: (address, start) => (read ?? fromBucket)(address, start, fromBucket) };
    return openFile(expected, readRanges(sealedSize(expected.size), means), keep);
  };
  const one = new Collecting({ api, transfer, openFile: open });
  const savings = [];
  const save = (name, size) => (savings.push(Object.assign(new FakeSaving(), { name, size })), savings.at(-1));
  return { clinic, files, calls, one, savings, save };
}

test('a transfer is opened, collected and acknowledged', async () => {
  const { files, calls, one, savings, save } = await collecting();
  const ticks = [];

  const contents = await one.open();
  assert.deepEqual([contents.message, contents.sender.name, contents.files.length], ['Bonjour', 'Dr Ada', 4]);
  for (const { file, size } of contents.files) {
    await one.collect(file, { save, onprogress: (tick) => ticks.push(tick) });
    const { name, size: expected, bytes, ended } = savings.at(-1);
    assert.deepEqual([name, expected, ended], [`file ${file}.bin`, size, 'closed']);
    assert.ok(bytes.equals(Buffer.from(files[file].bytes)));
  }
  assert.ok(!calls.some((path) => path.endsWith('receipt')), 'nobody is told before it is where it belongs');
  assert.equal(await one.tell(3), true);
  assert.ok(calls.includes('/api/collect/files/3/receipt'));
  assert.deepEqual([ticks.at(-1).receivedBytes, ticks.at(-1).totalBytes], [400_000, 400_000]);
});

test('hostile names are safe before the page sees them', async () => {
  const { one, save, savings } = await collecting({ names: ['../../x', 'a\u202egpj.exe', 'con', '.'] });

  const { files } = await one.open();

  assert.deepEqual(files.map(({ name }) => name), ['_.._x', 'agpj.exe', '_con', 'file']);
  await one.collect(2, { save });
  assert.equal(savings[0].name, '_con');
});

test('nothing is asked for before there is a place to save it', async () => {
  const { one, calls } = await collecting();
  await one.open();
  const before = calls.length;

  assert.equal(await codeOf(one.collect(3, { save: async () => Promise.reject(new BucketError('nowhere')) })), 'nowhere');

  assert.equal(calls.length, before);
});

test('a disk that takes no more ends the collecting without a receipt', async () => {
  const { one, calls, savings, save } = await collecting();
  await one.open();
  const full = (...args) => Object.assign(save(...args), { write: async () => Promise.reject(new BucketError('full')) });

  assert.equal(await codeOf(one.collect(3, { save: full })), 'full');

  assert.equal(savings[0].ended, 'aborted');
  assert.ok(!calls.some((path) => path.includes('/receipt')));
});

test('a bucket that never answers ends the collecting', async () => {
  let tries = 0;
  for (const [code, most] of [['offline', 8], ['bucket_failed', 8], ['bucket_refused', 2]]) {
    tries = 0;
    const { one, save } = await collecting({
      read: async function* () {
        tries += 1;
        throw new BucketError(code);
      },
    });
    await one.open();

    assert.equal(await codeOf(one.collect(3, { save })), code);
    assert.equal(tries, most);
  }
});

test('a link that ends meanwhile ends the collecting', async () => {
  const { one, save } = await collecting();
  await one.open();
  one.api = { call: async () => Promise.reject(new Refusal(410, { error: 'transfer_revoked' }, null)) };

  assert.equal(await codeOf(one.collect(1, { save })), 'transfer_revoked');
});

test('a receipt that is lost does not lose the file', async () => {
  const { one, save, savings } = await collecting();
  await one.open();
  const { call } = one.api;
  one.api = { call: async (method, path) => (path.endsWith('receipt') ? Promise.reject(new Offline()) : call(method, path)) };

  await one.collect(1, { save });

  assert.equal(savings[0].ended, 'closed');
  assert.equal(await one.tell(1), false);
});

const LIES = {
  'another key': ['header_commitment', (answer) => (answer.data_key = Buffer.alloc(32, 7).toString('base64'))],
  'a short key': ['data_key', (answer) => (answer.data_key = 'AAAA')],
  'another context': ['header_context', (answer) => (answer.context.clinic = 'other')],
  'another transfer than the link': ['header_context', () => {}, 'another'],
  'a header in place of the manifest': ['truncated', (answer) => (answer.manifest = answer.headers[0])],
  'no manifest': ['header_malformed', (answer) => (answer.manifest = '')],
  'no base64': ['header_malformed', (answer) => (answer.manifest = '*')],
  'one file fewer': ['manifest_count', (answer) => answer.files.pop()],
  'one header fewer': ['manifest_count', (answer) => answer.headers.pop()],
  'another size': ['manifest_size', (answer) => (answer.files[2].sealed_size += 1)],
};

for (const [lie, [code, change, transfer]] of Object.entries(LIES)) {
  test(`${lie} is refused before a name is shown: ${code}`, async () => {
    const { one } = await collecting({ transfer, change });

    assert.equal(await codeOf(one.open()), code);
  });
}

test('the manifest of another transfer is refused', async () => {
  const { envelope } = (await collecting()).clinic;
  const { one } = await collecting({ change: (answer) => (answer.manifest = envelope.manifest) });

  assert.equal(await codeOf(one.open()), 'header_commitment');
});

test('the header of one file does not open another', async () => {
  const { one, calls, save } = await collecting({ change: ({ headers }) => headers.reverse() });
  await one.open();

  assert.equal(await codeOf(one.collect(3, { save })), 'message_id');
  assert.ok(!calls.some((path) => path.includes('/files/')));
});

test('the frames of one file do not open as another, and no receipt is given', async () => {
  const { one, calls, savings, save } = await collecting({ read: (_url, start, fromBucket) => fromBucket('/1', start) });
  await one.open();

  assert.equal(await codeOf(one.collect(3, { save })), 'final_frame');
  assert.deepEqual([savings[0].bytes.length, savings[0].ended], [0, 'aborted']);
  assert.ok(!calls.some((path) => path.includes('/receipt')));
});

test('a share link is read from its fragment only when it has the right form', () => {
  const [transfer, recipient, secret] = ['t'.repeat(26), 'r'.repeat(26), 'Abc-_9'];
  const good = `#${transfer}.${recipient}.${secret}`;

  assert.deepEqual(readLink(good), { transfer, recipient, secret });
  for (const bad of ['', '#', good.slice(0, -7), `${good}.x`, good.replace('t', '1'), `${good}&x`, good.replace('.', '')]) {
    assert.equal(readLink(bad), null, bad);
  }
});

test('a device is remembered for the very transfer and person of the link, and only where that was asked', () => {
  const link = { transfer: 't'.repeat(26), recipient: 'r'.repeat(26), secret: 's' };
  const session = { transfer: link.transfer, recipient: link.recipient, remembered: true, ends_at: 1 };

  assert.equal(remembered(session, link), true);
  assert.equal(remembered({ ...session, remembered: false }, link), false, 'for a while only');
  assert.equal(remembered({ ...session, transfer: 'u'.repeat(26) }, link), false, 'another transfer');
  assert.equal(remembered({ ...session, recipient: 'u'.repeat(26) }, link), false, 'another person');
  assert.equal(remembered(null, link), false, 'nobody came in here');
  assert.equal(remembered(session, null), false, 'no link to compare with');
});
