import assert from 'node:assert/strict';
import test from 'node:test';
import { Clinic, FakeFile, digests, wait } from './fakes.js';
import { pattern } from './vectors.js';
import { Resuming } from '../../chalicelib/static/js/resuming.js';
import { Sending } from '../../chalicelib/static/js/sender.js';

const MIB = 1024 * 1024;
const TRANSFER = 'tttttttttttttttttttttttttt';

/** A sending of which the page was closed after so many parts, that one among them. */
async function torn(files, puts = 3, part = null) {
  const clinic = new Clinic();
  const parts = { api: clinic, digests: digests(), files, draft: {}, message: 'Bonjour', wait };
  const one = new Sending({ ...parts, bucket: { send: clinic.send, wait } });
  clinic.afterPut = () => {
    if (clinic.objects.size >= puts && (!part || clinic.objects.has(part))) one.pause();
  };
  await one.start();
  clinic.afterPut = () => {};
  clinic.puts.length = 0;
  return clinic;
}

const going = (clinic, beginning) => new Sending({ api: clinic, digests: digests(), beginning, wait, bucket: { send: clinic.send, wait } });
const again = (file, name = file.name) => new FakeFile(Uint8Array.from(file.bytes), name);

test('a closed page loses nothing: only the parts that are not there are sent, and all of it arrives', async () => {
  const files = [new FakeFile(pattern(20 * MIB + 7), 'image.dcm'), new FakeFile(pattern(5), 'lettre.txt', 'a/b'), new FakeFile(pattern(30 * MIB), 'film.mp4')];
  const clinic = await torn(files);
  const before = new Set(clinic.objects.keys());
  assert.ok(before.size >= 3 && before.size < 8, `${[...before]}`);

  const resuming = await Resuming.of(clinic, TRANSFER);
  const wanted = resuming.missing.map(({ file }) => file.name);
  for (const file of files) resuming.give({ file: again(file), path: file.name === 'lettre.txt' ? 'a/b' : '' });
  const last = await going(clinic, resuming).start();

  assert.equal(last.state, 'sealed');
  assert.equal(last.progress.sentBytes, last.progress.totalBytes);
  assert.ok(wanted.includes('film.mp4'));
  assert.deepEqual(clinic.puts.filter((key) => before.has(key)), []);
  const { message, contents } = await clinic.collected();
  assert.equal(message, 'Bonjour');
  contents.forEach((bytes, n) => assert.ok(Buffer.from(bytes).equals(Buffer.from(files[n].bytes)), `file ${n}`));
});

test('what has arrived whole is not asked for again', async () => {
  const files = [new FakeFile(pattern(9), 'a'), new FakeFile(pattern(40 * MIB), 'b')];
  const clinic = await torn(files, 2, '0.1');

  const resuming = await Resuming.of(clinic, TRANSFER);

  assert.deepEqual(resuming.missing.map(({ file }) => file.name), ['b']);
  assert.equal(resuming.give({ file: again(files[0]), path: '' }).fate, 'there');
  assert.deepEqual(resuming.give({ file: again(files[1]), path: '' }), { fate: 'taken', index: 1 });
  assert.equal((await going(clinic, resuming).start()).state, 'sealed');
});

test('everything has arrived, only the answer was lost: there is nothing to choose', async () => {
  const files = [new FakeFile(pattern(9), 'a'), new FakeFile(pattern(10 * MIB), 'b')];
  const clinic = await torn(files, 3);
  clinic.complete.add(1);

  const resuming = await Resuming.of(clinic, TRANSFER);

  assert.deepEqual(resuming.missing, []);
  assert.equal((await going(clinic, resuming).start()).state, 'sealed');
  assert.deepEqual(clinic.puts, []);
});

test('a file that changed, its size the same, is refused by name before a byte of it is sealed', async () => {
  const files = [new FakeFile(pattern(30 * MIB), 'a'), new FakeFile(pattern(30 * MIB), 'b')];
  const clinic = await torn(files);
  const resuming = await Resuming.of(clinic, TRANSFER);
  const edited = again(files[1]);
  edited.bytes[17 * MIB] ^= 1;
  resuming.give({ file: again(files[0]), path: '' });
  resuming.give({ file: edited, path: '' });

  const { state, error } = await going(clinic, resuming).start();

  assert.equal(state, 'failed');
  assert.deepEqual([error.code, error.file, error.retry], ['file_changed', 1, false]);
  assert.deepEqual(clinic.puts, []);
  assert.deepEqual(resuming.missing.map(({ index }) => index), [1]);
  resuming.give({ file: again(files[1]), path: '' });
  assert.equal((await going(clinic, resuming).start()).state, 'sealed');
});

test('another size is told at once, and a name of elsewhere', async () => {
  const clinic = await torn([new FakeFile(pattern(30 * MIB), 'a')], 1);
  const resuming = await Resuming.of(clinic, TRANSFER);

  assert.deepEqual(resuming.give({ file: new FakeFile(pattern(7), 'a'), path: '' }), { fate: 'changed', index: 0 });
  assert.deepEqual(resuming.give({ file: new FakeFile(pattern(30 * MIB), 'b'), path: '' }), { fate: 'unknown', index: null });
  assert.equal(resuming.missing.length, 1);
});

test('two files of one name are told apart by folder, by size, and at last by turn', async () => {
  const size = 17 * MIB;
  const files = [new FakeFile(pattern(size), 'x', 'un'), new FakeFile(pattern(size), 'x', 'deux'), new FakeFile(pattern(size + 1), 'x', 'trois')];
  const clinic = await torn(files, 1);
  const resuming = await Resuming.of(clinic, TRANSFER);
  const give = (file, path) => resuming.give({ file: again(file), path }).index;

  assert.equal(give(files[2], ''), 2);
  assert.equal(give(files[1], 'deux'), 1);
  assert.equal(give(files[0], ''), 0);
  assert.equal((await going(clinic, resuming).start()).state, 'sealed');
});

test('a name whose accents another system wrote otherwise is the same name', async () => {
  const clinic = await torn([new FakeFile(pattern(30 * MIB), 'échographie.pdf'.normalize('NFC'))], 1);
  const resuming = await Resuming.of(clinic, TRANSFER);

  assert.equal(resuming.give({ file: new FakeFile(pattern(30 * MIB), 'échographie.pdf'.normalize('NFD')), path: '' }).fate, 'taken');
});

test('what the clinic gives is believed only if it opens under the key and is of this transfer', async () => {
  const clinic = await torn([new FakeFile(pattern(30 * MIB), 'a')], 1);
  const good = clinic.resume();
  const refused = async (change) => {
    clinic.resume = () => ({ ...good, ...change });
    return Resuming.of(clinic, TRANSFER).then(() => null, ({ code }) => code);
  };

  assert.equal(await refused({}), null);
  assert.equal(await refused({ arrived: [] }), 'plan');
  assert.equal(await refused({ context: { ...good.context, transfer: 'uuuuuuuuuuuuuuuuuuuuuuuuuu' } }), 'plan');
  assert.equal(await refused({ manifest: good.headers[0] }), 'truncated');
  assert.match(await refused({ headers: [good.manifest] }), /message_id|trailing/);
  assert.match(await refused({ data_key: Buffer.alloc(32).toString('base64') }), /header/);
});
