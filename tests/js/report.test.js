import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tablesOf } from '../../chalicelib/static/js/report.js';

const texts = {
  'settings.live_report.summary': 'In short', 'settings.live_report.none': 'None', 'settings.live_report.yes': 'Yes', 'settings.live_report.no': 'No',
  'settings.live_report.psc': 'Pro Santé Connect', 'settings.live_report.psc.off': 'Not offered', 'settings.live_report.means': 'By means',
  'settings.live_report.code': 'Codes', 'settings.live_report.code.tries': 'Tries', 'proofs.means.passkey': 'Passkey',
};
const page = { texts, language: 'en' };

test('what stands alone is told first, and each group has its table', () => {
  const tables = tablesOf({ psc: 'off', means: { passkey: 2 }, acceptance: null, code: { tries: 1000 } }, page);

  assert.deepEqual(tables, [
    { caption: 'In short', facts: [{ name: 'Pro Santé Connect', value: 'Not offered' }, { name: 'acceptance', value: 'None' }] },
    { caption: 'By means', facts: [{ name: 'Passkey', value: '2' }] },
    { caption: 'Codes', facts: [{ name: 'Tries', value: '1,000' }] },
  ]);
});

test('what has no words yet is shown all the same', () => {
  const [table] = tablesOf({ new: { deep: { a: [1, 2], b: true }, flag: false } }, page);

  assert.deepEqual(table, { caption: 'new', facts: [{ name: 'deep', value: 'a 1, 2, b Yes' }, { name: 'flag', value: 'No' }] });
});

test('an instant is written as people read it', () => {
  const [{ facts }] = tablesOf({ at: 1_782_900_000 }, page);

  assert.match(facts[0].value, /2026/);
});
