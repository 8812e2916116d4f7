import assert from 'node:assert/strict';
import test from 'node:test';
import { Clinic, FakeFile, Offline, Refusal, digests, wait } from './fakes.js';
import { pattern } from './vectors.js';
import { Sending } from '../../chalicelib/static/js/sender.js';

const MIB = 1024 * 1024;

function sending(clinic, files, more = {}) {
  const states = [];
  const parts = { api: clinic, digests: digests(), files, draft: { basis: 'same_care_team' }, message: 'Bonjour', wait };
  const made = new Sending({ ...parts, bucket: { send: clinic.send, wait }, ...more });
  made.onchange = (state) => states.push(state);
  made.phases = () => states.map(({ state }) => state).filter((state, n, all) => state !== all[n - 1]);
  made.states = states;
  return made;
}

async function arrived(clinic, files) {
  const { contents } = await clinic.collected();
  contents.forEach((bytes, n) => assert.ok(Buffer.from(bytes).equals(Buffer.from(files[n].bytes)), `file ${n}`));
}

/** Until a condition holds, for as long as it takes other promises to make it so. */
async function until(condition) {
  while (!condition()) await wait();
}

test('files of every size arrive', async () => {
  const clinic = new Clinic();
  const sizes = [0, 1, 65536, 65537, 8 * MIB, 8 * MIB + 1, 20 * MIB];
  const files = sizes.map((size, n) => new FakeFile(pattern(size), `file ${n}`, n === 1 ? 'a/b' : ''));
  const one = sending(clinic, files);

  const last = await one.start();

  assert.equal(last.state, 'sealed');
  assert.deepEqual(one.phases(), ['preparing', 'sending', 'waiting', 'sealed']);
  assert.equal(last.progress.sentBytes, last.progress.totalBytes);
  assert.ok(last.progress.perFile.every(({ sentBytes, totalBytes }) => sentBytes === totalBytes));
  assert.deepEqual([...clinic.complete], [5, 6]);
  await arrived(clinic, files);
  const { message, files: listed } = await clinic.collected();
  assert.equal(message, 'Bonjour');
  assert.deepEqual(listed.map(({ name, path }) => [name, path]), sizes.map((_, n) => [`file ${n}`, n === 1 ? 'a/b' : '']));
});

test('many small files take few calls', async () => {
  const clinic = new Clinic();
  const files = Array.from({ length: 100 }, (_, n) => new FakeFile(pattern(n * 10)));

  await sending(clinic, files).start();

  const asked = clinic.calls.filter(([, path]) => path.endsWith('/parts')).map(([, , { parts }]) => parts.length);
  assert.deepEqual(asked, [32, 32, 32, 4]);
  await arrived(clinic, files);
});

test('parts that are not whole pieces are sealed right', async () => {
  const clinic = new Clinic();
  clinic.framesPerPart = 100;
  const files = [new FakeFile(pattern(17 * MIB + 5))];

  assert.equal((await sending(clinic, files).start()).state, 'sealed');

  await arrived(clinic, files);
});

test('memory stays bounded: few parts are sealed and not yet sent', async () => {
  const clinic = new Clinic();
  clinic.framesPerPart = 64;
  const passes = digests();
  let [now, most] = [0, 0];
  const seal = passes.crew.sealPart;
  passes.crew = { ...passes.crew, sealPart: (order) => ((most = Math.max(most, (now += 1))), seal(order)) };
  clinic.afterPut = () => void (now -= 1);

  await sending(clinic, [new FakeFile(new Uint8Array(120 * MIB))], { digests: passes }).start();

  assert.ok(most <= 12, `${most} parts of 4 MiB`);
});

test('a refused form is shown, corrected and sent, without a second first pass', async () => {
  const clinic = new Clinic();
  const one = sending(clinic, [new FakeFile(pattern(10))], { draft: { refuse: 'bad_email' } });

  const { state, error } = await one.start();
  assert.equal(state, 'failed');
  assert.deepEqual([error.code, error.field, error.status, error.draft, error.retry], ['bad_email', 'recipients.0.email', 422, true, true]);

  assert.equal((await one.retry({ basis: 'patient_himself' })).state, 'sealed');
});

test('a draft is asked for under one name, however often, and so made once', async () => {
  const clinic = new Clinic();
  const asked = [];
  const call = async (method, path, body, options) => {
    if (path === '/api/transfers') asked.push([body.request, options?.repeatable]);
    if (asked.length === 1) throw new Offline();
    return clinic.call(method, path, body, options);
  };
  const one = sending(clinic, [new FakeFile(pattern(10))], { api: { call }, draft: { request: 'q' } });

  assert.equal((await one.start()).state, 'failed');
  assert.equal((await one.retry()).state, 'sealed');

  assert.deepEqual(asked, [['q', true], ['q', true]]);
});

test('a changed file is refused before any of its frames is sealed', async () => {
  const clinic = new Clinic();
  const files = [new FakeFile(pattern(10)), new FakeFile(pattern(9 * MIB))];
  clinic.beforeCall = (_method, path) => {
    if (path.endsWith('/envelope')) files[1].bytes = files[1].bytes.map((byte) => byte ^ 1);
  };

  const { state, error } = await sending(clinic, files).start();

  assert.equal(state, 'failed');
  assert.deepEqual([error.code, error.file, error.retry], ['file_changed', 1, false]);
  assert.ok(![...clinic.objects.keys()].includes('1.1'));
});

test('a file that cannot be read is named, and read again at the next try', async () => {
  const clinic = new Clinic();
  const files = [new FakeFile(pattern(10)), new FakeFile(pattern(10))];
  files[1].unreadable = true;
  const one = sending(clinic, files);

  const { error } = await one.start();
  assert.deepEqual([error.code, error.file, error.retry], ['file_unreadable', 1, true]);
  files[1].unreadable = false;

  assert.equal((await one.retry()).state, 'sealed');
});

test('a pause stops, a resume sends what is missing', async () => {
  const clinic = new Clinic();
  const files = [new FakeFile(pattern(60 * MIB))];
  const one = sending(clinic, files);

  const run = one.start();
  await until(() => clinic.objects.size >= 2);
  one.pause();
  assert.equal((await run).state, 'paused');
  const [puts, done] = [clinic.puts.length, clinic.objects.size];
  for (let turn = 0; turn < 50; turn += 1) await wait();
  assert.equal(clinic.puts.length, puts, 'nothing moves while paused');

  assert.equal((await one.resume()).state, 'sealed');
  assert.ok(clinic.puts.length - puts <= 8 - done + 6);
  await arrived(clinic, files);
});

test('a pause at any moment loses nothing', async () => {
  for (let moment = 0; moment < 40; moment += 3) {
    const clinic = new Clinic();
    clinic.framesPerPart = 2;
    const files = [new FakeFile(pattern(400_000)), new FakeFile(pattern(0)), new FakeFile(pattern(70_000))];
    const one = sending(clinic, files);

    const run = one.start();
    for (let turn = 0; turn < moment; turn += 1) await wait();
    one.pause();
    await run;
    const { state, error } = await one.resume();

    assert.equal(state, 'sealed', JSON.stringify(error));
    assert.equal(clinic.calls.filter(([, path]) => path === '/api/transfers').length, 1);
    await arrived(clinic, files);
  }
});

test('a cancel stops and tells the server', async () => {
  const clinic = new Clinic();
  const one = sending(clinic, [new FakeFile(pattern(60 * MIB))]);

  const run = one.start();
  await until(() => clinic.objects.size >= 1);
  await one.cancel();

  assert.equal((await run).state, 'cancelling');
  assert.equal(one.state.state, 'cancelled');
  assert.ok(clinic.deleted);
  assert.equal((await one.resume()).state, 'cancelled');
});

test('a cancel that the server did not hear of is not shown as done, and may be asked again', async () => {
  const clinic = new Clinic();
  const one = sending(clinic, [new FakeFile(pattern(60 * MIB))]);
  const call = clinic.call.bind(clinic);
  let deaf = true;
  one.parts.api = { call: async (method, ...rest) => {
    if (method === 'DELETE' && deaf) throw Object.assign(new Error(), { code: 'offline' });
    return call(method, ...rest);
  } };

  const run = one.start();
  await until(() => clinic.objects.size >= 1);
  await one.cancel();
  await run;
  const unheard = one.state.state;
  deaf = false;
  await one.cancel();

  assert.deepEqual([unheard, one.state.state], ['uncancelled', 'cancelled']);
  assert.ok(clinic.deleted);
});

test('an expired URL is asked again once, and the same bytes are sent', async () => {
  const clinic = new Clinic();
  let first = true;
  clinic.beforePut = () => (first ? ((first = false), 403) : undefined);
  const files = [new FakeFile(pattern(10))];

  assert.equal((await sending(clinic, files).start()).state, 'sealed');

  assert.deepEqual(clinic.puts, ['0.1', '0.1']);
  const asked = clinic.calls.filter(([, path]) => path.endsWith('/parts')).map(([, , { parts }]) => parts);
  assert.deepEqual(asked[0], asked[1]);
});

test('a bucket that goes on refusing ends the run, and a retry may follow', async () => {
  const clinic = new Clinic();
  clinic.beforePut = () => 403;
  const one = sending(clinic, [new FakeFile(pattern(10))]);

  const { error } = await one.start();
  assert.deepEqual([error.code, error.retry, error.file], ['bucket_refused', true, 0]);
  clinic.beforePut = () => {};

  assert.equal((await one.retry()).state, 'sealed');
});

test('an answer lost after a single put is found again by the 412', async () => {
  const clinic = new Clinic();
  let lost = 2;
  clinic.afterPut = () => (lost-- > 0 ? 0 : undefined);
  const files = [new FakeFile(pattern(10)), new FakeFile(pattern(20))];

  assert.equal((await sending(clinic, files).start()).state, 'sealed');
  await arrived(clinic, files);
});

test('answers lost after envelope and complete do no harm', async () => {
  const clinic = new Clinic();
  const lost = new Set();
  clinic.afterCall = (_method, path) => {
    if (!/envelope|complete/.test(path) || lost.has(path)) return;
    lost.add(path);
    throw new Offline();
  };
  const one = sending(clinic, [new FakeFile(pattern(9 * MIB))]);

  assert.equal((await one.start()).state, 'sealed');
  assert.equal(lost.size, 2);
});

test('a lost network is waited for; when it stays lost the run ends and may be taken up again', async () => {
  const clinic = new Clinic();
  clinic.framesPerPart = 1;
  const files = [new FakeFile(pattern(700_000))];
  let [unanswered, lost] = [200, true];
  clinic.beforePut = () => (unanswered-- > 0 ? 0 : undefined);

  assert.equal((await sending(clinic, files).start()).state, 'sealed');
  assert.ok(unanswered < 0);
  await arrived(clinic, files);

  const dead = new Clinic();
  dead.beforeCall = (_method, path) => {
    if (lost && path.endsWith('/parts')) throw new Offline();
  };
  const other = sending(dead, files);
  const { state, error } = await other.start();
  assert.deepEqual([state, error.code, error.retry, error.draft], ['failed', 'offline', true, false]);
  assert.equal(dead.calls.filter(([, path]) => path.endsWith('/parts')).length >= 10, true);
  lost = false;
  assert.equal((await other.retry()).state, 'sealed');
  await arrived(dead, files);
});

test('a transfer that was sealed while the last answer was lost is sealed', async () => {
  const clinic = new Clinic();
  const over = (_method, path) => {
    if (path.endsWith('/complete')) throw new Refusal(409, { error: 'transfer_not_landing' }, null);
  };
  clinic.beforeCall = over;
  clinic.polls = 0;
  assert.equal((await sending(clinic, [new FakeFile(pattern(9 * MIB))]).start()).state, 'sealed');

  const late = new Clinic();
  late.beforeCall = over;
  const { state, error } = await sending(late, [new FakeFile(pattern(9 * MIB))]).start();
  assert.deepEqual([state, error.code, error.retry], ['failed', 'transfer_not_landing', false]);
});

test('an upload begun by two calls at once is asked for again', async () => {
  const clinic = new Clinic();
  let clashes = 2;
  clinic.beforeCall = (_method, path) => {
    if (path.endsWith('/parts') && clashes-- > 0) throw new Refusal(409, { error: 'upload_begun_elsewhere' }, null);
  };

  assert.equal((await sending(clinic, [new FakeFile(pattern(10))]).start()).state, 'sealed');
});

test('a plan refused once is not followed by a retry', async () => {
  const clinic = new Clinic();
  clinic.afterCall = (_method, path, answer) => void (path === '/api/transfers' && (answer.frame_length = 4096));
  const one = sending(clinic, [new FakeFile(pattern(10))]);

  await one.start();

  assert.equal((await one.retry()).error.code, 'plan');
});

test('a session that ended is no end: the same draft goes on after signing in', async () => {
  const clinic = new Clinic();
  let out = true;
  clinic.beforeCall = (_method, path) => {
    if (out && path.endsWith('/parts')) throw new Refusal(401, { error: 'signin_required' }, null);
  };
  const one = sending(clinic, [new FakeFile(pattern(10))]);

  const { error } = await one.start();
  assert.deepEqual([error.code, error.retry, error.draft], ['signin_required', true, false]);
  out = false;

  assert.equal((await one.retry()).state, 'sealed');
});

test('a refused landing is told with its reason', async () => {
  const clinic = new Clinic();
  clinic.verdict = { state: 'refused', reason: 'size_differs' };

  const { state, reason } = await sending(clinic, [new FakeFile(pattern(10))]).start();

  assert.deepEqual([state, reason], ['refused', 'size_differs']);
});

test('a plan that is not ours is not followed', async () => {
  const changes = [
    (plan) => (plan.frame_length = 4096),
    (plan) => (plan.context.x = 'y'),
    (plan) => (plan.context.transfer = 'other'),
    (plan) => (plan.files[0].sealed_size += 1),
    (plan) => (plan.files[0].parts = 2),
    (plan) => (plan.files[0].frames_per_part = 0),
    (plan) => plan.files.push(plan.files[0]),
  ];
  for (const change of changes) {
    const clinic = new Clinic();
    clinic.afterCall = (_method, path, answer) => void (path === '/api/transfers' && change(answer));

    const { error } = await sending(clinic, [new FakeFile(pattern(10))]).start();

    assert.deepEqual([error.code, error.retry], ['plan', false]);
    assert.equal(clinic.envelope, undefined);
  }
});

test('without WebCrypto the sending does not start', async (t) => {
  const clinic = new Clinic();
  const one = sending(clinic, [new FakeFile(pattern(10))]);
  const there = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true });
  t.after(() => Object.defineProperty(globalThis, 'crypto', there));

  const { error } = await one.start();

  assert.deepEqual([error.code, error.retry, clinic.calls.length], ['no_crypto', false, 0]);
});

test('no key is in anything that the page is told or the server sent', async () => {
  const clinic = new Clinic();
  const one = sending(clinic, [new FakeFile(pattern(10))]);

  await one.start();

  const key = clinic.dataKey.toString('base64');
  assert.ok(!JSON.stringify([one.states, clinic.calls, one.parts.draft]).includes(key));
});
