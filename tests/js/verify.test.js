import assert from 'node:assert/strict';
import test from 'node:test';
import { certificateIn, verdictOf } from '../../chalicelib/static/js/verify.js';

const TRUE = { format: 'sceau-certificate/1', clinic: { id: 'demo', name: 'Cli{nique "d’été"\\' }, files: [{ sealed_bytes: 1 }], signature: { key: 'k' } };
const utf8 = (text) => new TextEncoder().encode(text);
const ascii = (value) => JSON.stringify(value).replace(/[^ -~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
const pdf = (...parts) => Uint8Array.from(['%PDF-1.7\n%\xe2\xe3\xcf\xd3 "{ \n', ...parts, '\nendstream } "'].join(''), (sign) => sign.charCodeAt(0));
const spaced = ascii(TRUE).replace('"format":', '"format": ');

test('a certificate is found in its JSON file', () => {
  assert.deepEqual(certificateIn(utf8(JSON.stringify(TRUE))), TRUE);
  assert.deepEqual(certificateIn(utf8(`\ufeff\n${JSON.stringify(TRUE, null, 2)}\r\n`)), TRUE);
});

test('a certificate is found in its PDF, whatever braces and quotes stand around and inside', () => {
  assert.deepEqual(certificateIn(pdf('stream\n', ascii(TRUE))), TRUE);
  assert.deepEqual(certificateIn(pdf('stream\n', spaced)), TRUE);
});

test('a certificate is found in a text around it', () => {
  assert.deepEqual(certificateIn(utf8(`Bonjour, ${spaced} Merci`)), TRUE);
});

for (const [name, content] of Object.entries({
  nothing: utf8(''),
  'another file': utf8('{"format": "letter"}'),
  'no object': utf8('null'),
  'a PDF without one': pdf('stream'),
  'two certificates': pdf(spaced, spaced),
  'half a certificate': Uint8Array.from('%PDF '.concat(spaced.slice(0, -1)), (sign) => sign.charCodeAt(0)),
  'another version': utf8(JSON.stringify({ ...TRUE, format: 'sceau-certificate/2' })),
  'text after it': utf8(`${JSON.stringify(TRUE)}{}`),
  'no UTF-8': Uint8Array.of(0x7b, 0xff, 0x7d),
  'a very large file': utf8(JSON.stringify({ ...TRUE, more: 'x'.repeat(8_000_000) })),
  'quotes without end': pdf(spaced.slice(0, -2), '\\"'.repeat(1_000_000)),
})) {
  test(`${name}: no certificate`, () => {
    assert.throws(() => certificateIn(content));
  });
}

test('a verdict says what the signature and the records say', () => {
  assert.equal(verdictOf({ genuine: true, records: 'agree' }, false), 'agree');
  assert.equal(verdictOf({ genuine: true, records: 'unknown' }, false), 'unknown');
  assert.equal(verdictOf({ genuine: true, records: 'differ' }, false), 'differ');
  assert.equal(verdictOf({ genuine: false, records: 'unknown' }, false), 'false');
  assert.equal(verdictOf({ genuine: false, records: 'unknown' }, true), 'foreign');
});
