import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problem, words } from '../../chalicelib/static/js/problems.js';
import { sentence } from '../../chalicelib/static/js/texts.js';

const texts = {
  'refusal.failure': 'Failure.', 'refusal.integrity': 'Not as sealed.', 'refusal.file_changed': 'Changed.', 'refusal.out_of_space': 'Full.',
  'refusal.too_many_requests': 'Wait {wait}.', 'refusal.wrong_code': 'Wrong.', 'files.one': '{count} file', 'files.other': '{count} files',
};
globalThis.document = { getElementById: () => ({ textContent: JSON.stringify({ language: 'en', texts, limits: null, member: null, email_codes: false }) }) };

test('a sentence takes its values as they are', () => {
  assert.equal(sentence({ greeting: 'Hello {name}, {name}' }, 'en', 'greeting', { name: '$& {other} <b>' }), 'Hello $& {other} <b>, $& {other} <b>');
});

test('a count chooses the singular or the plural of its language', () => {
  const say = (language, count) => sentence(texts, language, 'files', { count });

  assert.deepEqual([say('en', 0), say('en', 1), say('fr', 0), say('fr', 2)], ['0 files', '1 file', '0 file', '2 files']);
});

test('an unknown sentence is a defect, not a blank', () => {
  assert.throws(() => sentence(texts, 'en', 'nothing', {}), RangeError);
});

test('a refusal the page has words for keeps its code and its field', () => {
  assert.deepEqual(problem({ name: 'Refusal', code: 'wrong_code', field: 'code', retryAfter: null }), { code: 'wrong_code', field: 'code', retryAfter: null });
});

test('a refusal without words, or a surprise, is the one calm sentence', () => {
  assert.equal(problem({ name: 'Refusal', code: 'header_suite', field: null }).code, 'failure');
  assert.equal(problem(new TypeError('x is not a function')).code, 'failure');
});

test('whatever is wrong with an envelope is said in one sentence', () => {
  for (const code of ['header_tag', 'frame_order', 'too_short', 'digest']) {
    assert.equal(problem({ name: 'EnvelopeError', code }).code, 'integrity');
  }
});

test('a full disk and a file that moved are told apart', () => {
  assert.equal(problem(new DOMException('', 'QuotaExceededError')).code, 'out_of_space');
  assert.equal(problem(new DOMException('', 'NotReadableError')).code, 'file_changed');
});

test('too many requests say how long to wait', () => {
  assert.equal(words(problem({ name: 'Refusal', code: 'too_many_requests', retryAfter: 240 })), 'Wait 4 minutes.');
  assert.equal(words({ code: 'wrong_code' }), 'Wrong.');
});
