import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceOf } from '../../chalicelib/static/js/device.js';
import { inOrder } from '../../chalicelib/static/js/sessions.js';

const AGENTS = [
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0', 'edge', 'windows'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0', 'firefox', 'windows'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15', 'safari', 'macos'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/130.0 Mobile/15E148 Safari/604.1', 'chrome', 'ios'],
  ['Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36', 'chrome', 'android'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0', 'firefox', 'linux'],
  ['curl/8.0', 'other', 'other'],
];

for (const [agent, browser, system] of AGENTS) {
  test(`${browser} on ${system} is told by what it says`, () => {
    assert.deepEqual(deviceOf(agent), { browser, system });
  });
}

test('of several sessions this one comes first, then the one used last', () => {
  const seen = (session, seen_at, here = false) => ({ session, seen_at, here });

  assert.deepEqual(inOrder([seen('a', 1), seen('b', 3), seen('c', 2, true)]).map(({ session }) => session), ['c', 'b', 'a']);
});
