import assert from 'node:assert/strict';
import test from 'node:test';
import { createHash } from 'node:crypto';
import { Clinic, FakeFile, Offline, Refusal, digests, wait } from './fakes.js';
import { Resuming } from '../../chalicelib/static/js/resuming.js';
import { Sending } from '../../chalicelib/static/js/sender.js';

const ROUNDS = Number(process.env.ROUNDS ?? 250);

/** Small, seeded, and good enough for choosing what goes wrong. */
function dice(seed) {
  let state = seed * 2654435761 + 1;
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return (state >>> 8) % sides;
  };
}

/** Note every (key, iv) and the clear text and associated data it met; keys are told apart by what they derive from. */
function recorder(t) {
  const { subtle } = crypto;
  const [names, met] = [new WeakMap(), new Map()];
  const calls = { encrypt: 0, repeats: 0, clashes: 0 };
  const hash = (...parts) => parts.reduce((sum, part) => sum.update(part), createHash('sha256')).digest('hex');
  t.mock.method(subtle, 'importKey', wrap('importKey', async (key, [, bytes]) => names.set(key, bytes)), {});
  t.mock.method(subtle, 'deriveKey', wrap('deriveKey', (key, [how, base]) => names.set(key, hash(names.get(base), how.salt, how.info))));
  t.mock.method(subtle, 'encrypt', wrap('encrypt', () => {}, ([{ iv, additionalData }, key, clear]) => {
    calls.encrypt += 1;
    const slot = `${names.get(key)} ${Buffer.from(iv).toString('hex')}`;
    const text = hash(additionalData, clear);
    if (met.has(slot)) calls[met.get(slot) === text ? 'repeats' : 'clashes'] += 1;
    met.set(slot, text);
  }));
  return calls;

  function wrap(name, after, before = () => {}) {
    const true_ = subtle[name].bind(subtle);
    return async (...values) => {
      before(values);
      const bytes = name === 'importKey' ? hash(values[1]) : null;
      const result = await true_(...values);
      after(result, bytes ? [, bytes] : values);
      return result;
    };
  }
}

test('no key and iv ever meet two clear texts, whatever breaks, changes or resumes', async (t) => {
  const calls = recorder(t);
  const ends = {};
  let reopened = 0;

  for (let round = 0; round < ROUNDS; round += 1) {
    const roll = dice(round + 1);
    const clinic = new Clinic();
    clinic.framesPerPart = 1 + roll(4);
    const files = Array.from({ length: 1 + roll(3) }, () => {
      const bytes = new Uint8Array(roll(5) ? roll(400_000) : 0);
      for (let at = 0; at < bytes.length; at += 997) bytes[at] = roll(256);
      return new FakeFile(bytes);
    });
    const edit = () => {
      const file = files[roll(files.length)];
      const kind = roll(4);
      if (kind === 0) file.bytes = file.bytes.subarray(0, Math.floor(file.bytes.length / 2));
      else if (kind === 1) file.bytes = Uint8Array.from([...file.bytes.subarray(0, 70_000), 1, 2, 3]);
      else if (kind === 2 && file.bytes.length) file.bytes = file.bytes.map((byte, at) => (at % 50_000 ? byte : byte ^ 1));
      else file.unreadable = !file.unreadable;
    };
    const trouble = () => {
      if (!roll(30)) edit();
      const kind = roll(25);
      if (kind === 0) throw new Offline();
      if (kind === 1) throw new Refusal([401, 429, 500, 503][roll(4)], { error: 'failure' }, null);
    };
    clinic.beforeCall = clinic.afterCall = trouble;
    clinic.beforePut = clinic.afterPut = () => {
      if (!roll(30)) edit();
      return [undefined, undefined, undefined, undefined, undefined, undefined, 0, 403, 503][roll(9)];
    };
    const parts = () => ({ api: clinic, digests: digests(), wait, bucket: { send: clinic.send, wait } });
    const reopen = async () => {
      const beginning = await Resuming.of(clinic, clinic.drafted.transfer);
      for (const file of files) beginning.give({ file, path: '' });
      if (beginning.missing.length) throw Object.assign(new Error(), { code: 'file_changed' });
      return new Sending({ ...parts(), beginning });
    };
    let one = new Sending({ ...parts(), files, draft: {}, message: '' });
    const closed = async () => { // the page, and what it knew; another is opened
      one.pause();
      await run;
      for (let attempt = 0; attempt < 5; attempt += 1) {
        try {
          one = await reopen();
          reopened += 1;
          return null;
        } catch (error) {
          if (!['offline', 'failure'].includes(error.code)) return error.code;
        }
      }
      return 'offline';
    };

    let run = one.start();
    let stopped = null;
    for (let step = 0; step < 12; step += 1) {
      if (roll(2)) {
        for (let turn = roll(40); turn > 0; turn -= 1) await wait();
        one.pause();
        if (!roll(3)) edit();
        run = one.resume();
      }
      const { state, error } = await run;
      if (state === 'sealed' || (state === 'failed' && !error.retry)) break;
      if (clinic.envelope && !roll(3)) {
        stopped = await closed();
        if (stopped) break;
        if (!roll(3)) edit();
      }
      run = one.retry();
    }
    await run;
    const { state, error } = stopped ? { state: 'failed', error: { code: stopped } } : one.state;
    assert.notEqual(error?.code, 'unexpected');
    ends[error?.code ?? state] = (ends[error?.code ?? state] ?? 0) + 1;
    await one.cancel();
    if (state === 'sealed' && !calls.clashes) await clinic.collected();
  }

  assert.equal(calls.clashes, 0, 'one nonce met two clear texts');
  assert.ok(calls.encrypt > ROUNDS && calls.repeats > ROUNDS / 4, JSON.stringify(calls));
  assert.ok(reopened > ROUNDS / 10, `${reopened}`);
  assert.ok(ends.sealed > ROUNDS / 20 && ends.file_changed > ROUNDS / 20, JSON.stringify(ends));
  t.diagnostic(JSON.stringify({ ...calls, ...ends, reopened }));
});
