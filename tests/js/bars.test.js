import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ceiling, rectangle } from '../../chalicelib/static/js/bars.js';
import { FAMILIES, daysIn, families } from '../../chalicelib/static/js/billing.js';
import { count, date, euros, monthName } from '../../chalicelib/static/js/figures.js';

const LINES = ['key', 'kms', 'storage', 'puts', 'gets', 'out', 'calls', 'runs', 'seconds', 'reads', 'writes', 'records', 'queue', 'logs', 'emails', 'texts',
  'firewall', 'rules', 'checked', 'alarms', 'metrics', 'dashboard', 'events'];

test('a drawing reaches up to a round amount that holds the highest bar', () => {
  for (const [most, round] of [[0.053, 0.1], [0.11, 0.2], [3, 5], [5, 5], [7, 10], [61.07, 100]]) {
    assert.ok(Math.abs(ceiling([0, most]) - round) < 1e-9, `${most}`);
  }
  assert.equal(ceiling([]), 1);
});

test('a bar stands in its own day, as high as its amount', () => {
  const { x, y, width, height } = rectangle({ at: 30, amount: 3, title: '' }, 30, 10);

  assert.deepEqual([y, height], [70, 30]);
  assert.ok(x > 96 && x + width < 100);
});

test('a day without anything has no bar', () => {
  assert.equal(rectangle({ at: 1, amount: 0, title: '' }, 31, 2).height, 0);
});

test('every line belongs to one family, and they are all of the bill', () => {
  assert.deepEqual(Object.values(FAMILIES).flatMap(({ lines }) => lines).sort(), [...LINES].sort());
  const found = families(LINES.map((line, at) => ({ line, amount: at, euros: at })));

  assert.equal(found.reduce((sum, one) => sum + one.euros, 0), 253);
  assert.ok(Math.abs(found.reduce((sum, one) => sum + one.share, 0) - 1) < 1e-9);
  assert.deepEqual(found.map((one) => one.euros), found.map((one) => one.euros).sort((one, other) => other - one));
  assert.equal(found.find(({ name }) => name === 'texts')?.amount, 15);
});

test('a bill of nothing has no shares', () => {
  assert.deepEqual(families([]).map(({ share }) => share), [0, 0, 0, 0, 0, 0, 0]);
});

test('months have their days', () => {
  assert.deepEqual(['2026-11', '2026-12', '2028-02', '2027-02'].map(daysIn), [30, 31, 29, 28]);
});

test('money is written to the cent, and what is small to a hundredth of one', () => {
  const said = [0, 2.414, 0.0537, 0.00193, 0.00001].map((one) => euros(one, 'fr').replace(/\s/g, ' '));

  assert.deepEqual(said, ['0,00 €', '2,41 €', '0,0537 €', '0,0019 €', '< 0,0001 €']);
  assert.equal(euros(1234.5, 'en'), '€1,234.50');
});

test('counts, months and days are written wherever one is', () => {
  assert.equal(count(12345.6, 'en'), '12,346');
  assert.equal(count(1.234, 'fr'), '1,23');
  assert.equal(monthName('2026-11', 'fr'), 'novembre 2026');
  assert.equal(date('2026-11-01', 'en'), '1 November 2026');
  assert.deepEqual(['2026-11-01', '2026-11-11'].map((day) => date(day, 'fr')), ['1er novembre 2026', '11 novembre 2026']);
});
