import assert from 'node:assert/strict';
import test from 'node:test';
import { codeOf, read, unbase64 } from './vectors.js';
import { decodeManifest, encodeManifest } from '../../chalicelib/static/js/manifest.js';
import { distinct, safeName, safePath } from '../../chalicelib/static/js/names.js';

const { good, bad } = read('manifests');

for (const { name, bytes, count } of good) {
  test(`manifest ${name} is read, and written the same`, () => {
    const manifest = decodeManifest(unbase64(bytes), count);

    assert.equal(manifest.files.length, count);
    assert.deepEqual(decodeManifest(encodeManifest(manifest), count), manifest);
  });
}

for (const { name, bytes, count, code } of bad) {
  test(`manifest ${name} is refused: ${code}`, async () => {
    assert.equal(await codeOf((async () => decodeManifest(unbase64(bytes), count))()), code);
  });
}

test('a manifest that would be refused is not written', async () => {
  const files = [{ name: '', path: '', type: '', size: 0, digest: new Uint8Array(32), message_id: new Uint8Array(32) }];

  assert.throws(() => encodeManifest({ message: '', files }), { code: 'manifest_malformed' });
});

for (const [raw, safe] of read('names')) {
  test(`the name ${JSON.stringify(raw.slice(0, 40))} is saved as ${JSON.stringify(safe.slice(0, 40))}`, () => {
    assert.equal(safeName(raw), safe);
    assert.equal(safeName(safe), safe);
  });
}

test('no name of strange characters is unsafe, and a safe name stays as it is', () => {
  const alphabet = ['.', ' ', '/', '\\', ':', 'a', 'é', 'e\u0301', '\u202e', '\0', 'con', 'nul', '.txt', '\ud83d', '\u{1f642}', '\u3000', '\n'];
  let seed = 1;
  const next = (most) => (seed = (seed * 48271) % 2147483647) % most;

  for (let round = 0; round < 5000; round += 1) {
    const raw = Array.from({ length: next(12) }, () => alphabet[next(alphabet.length)]).join('');
    const safe = safeName(raw);
    assert.match(safe, /^[^./\\:\p{Cc}\s][^/\\:\p{Cc}\u202e]*$/u);
    assert.doesNotMatch(safe, /[. ]$|^(con|nul)(\.|$)/i);
    assert.ok(safe.isWellFormed() && safe === safe.normalize('NFC') && safe === safeName(safe), JSON.stringify([raw, safe]));
  }
});

test('a path never leads up or to a root', () => {
  const paths = ['', '/', '..', '../..', '/etc', 'a/../b', 'a//b', 'C:\\x', 'a/. ./b', 'con/x'];

  assert.deepEqual(paths.map(safePath), ['', '', '', '', 'etc', 'a/b', 'a/b', 'C_/x', 'a/b', '_con/x']);
});

const TWINS = {
  'the same name twice': [['a.txt', 'a.txt', 'a.txt'], ['a.txt', 'a (2).txt', 'a (3).txt']],
  'upper and lower case': [['Bilan.PDF', 'bilan.pdf', 'STRASSE', 'straße'], ['Bilan.PDF', 'bilan (2).pdf', 'STRASSE', 'straße (2)']],
  'composed and not': [['\u00e9t\u00e9', 'e\u0301te\u0301'], ['\u00e9t\u00e9', 'e\u0301te\u0301 (2)']],
  'what a number would make': [['a (2).txt', 'a.txt', 'a.txt'], ['a (2).txt', 'a.txt', 'a (3).txt']],
  'the same name in other folders': [['a/x', 'b/x', 'x'], ['a/x', 'b/x', 'x']],
  'a file and a folder': [['scan.d', 'Scan.D/x', 'scan.d/sub/x', 'scan.d/SUB'], ['scan (2).d', 'Scan.D/x', 'scan.d/sub/x', 'scan.d/SUB (2)']],
};

for (const [what, [names, apart]] of Object.entries(TWINS)) {
  test(`no two files of a zip are one on any system: ${what}`, () => assert.deepEqual(distinct(names), apart));
}
