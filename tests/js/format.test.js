import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, day, duration, initials, moment, percent, phone, speed } from '../../chalicelib/static/js/format.js';

const plain = (text) => text.replace(/[\u00a0\u202f]/g, ' ');

test('sizes are decimal, with one digit while it matters', () => {
  const said = [0, 1, 999, 1000, 3_200_000, 48_000_000, 830_000, 2_140_000_000, 99_960_000].map((size) => plain(bytes(size, 'fr')));

  assert.deepEqual(said, ['0 octet', '1 octet', '999 octets', '1 ko', '3,2 Mo', '48 Mo', '830 ko', '2,1 Go', '100 Mo']);
});

test('sizes and speeds are said in English too', () => {
  assert.equal(plain(bytes(3_200_000, 'en')), '3.2 MB');
  assert.equal(plain(bytes(12, 'en')), '12 bytes');
  assert.equal(plain(speed(12_400_000, 'fr')), '12,4 Mo/s');
});

test('a time to wait is rounded up to what a person can use', () => {
  const said = [0, 3.2, 11, 44, 60, 61, 119, 3600, 5 * 3600, 47 * 3600, 5 * 86_400 - 20].map((seconds) => plain(duration(seconds, 'fr')));

  assert.deepEqual(said, [
    '1 seconde', '4 secondes', '15 secondes', '45 secondes', '60 secondes', '2 minutes', '2 minutes', '60 minutes', '5 heures', '47 heures', '5 jours',
  ]);
});

test('a share is never rounded up: 100 % means all of it', () => {
  assert.equal(plain(percent(0.999, 'fr')), '99 %');
  assert.equal(plain(percent(1, 'fr')), '100 %');
});

test('dates are written in words', () => {
  const noon = new Date(2026, 10, 30, 14, 5).getTime() / 1000;

  assert.equal(plain(day(noon, 'fr')), '30 novembre 2026');
  assert.equal(plain(moment(noon, 'fr')), '30 novembre 2026 à 14:05');
  assert.equal(plain(moment(noon, 'en')), '30 November 2026 at 14:05');
});

test('initials leave titles out', () => {
  const said = ['Dr Ada Benali', 'Mme Jeanne Lefèvre', 'élodie', 'Secrétariat du Centre Beausoleil', '李 雷', '  ', '(x)'].map(initials);

  assert.deepEqual(said, ['AB', 'JL', 'É', 'SB', '李雷', '', 'X']);
});

test('a French number is written by pairs, another is left alone', () => {
  assert.equal(plain(phone('+33612345678')), '+33 6 12 34 56 78');
  assert.equal(phone('+441632960961'), '+441632960961');
  assert.equal(phone(''), '');
});
