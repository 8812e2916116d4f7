import assert from 'node:assert/strict';
import test from 'node:test';
import { Api, Offline, Refusal } from '../../chalicelib/static/js/api.js';
import { backoff, sleep } from '../../chalicelib/static/js/patience.js';

/** An API whose answers are a list: Response, or an error to throw. */
function scripted(...answers) {
  return shownTo(undefined, ...answers);
}

/** The same, on a page that was shown to somebody. */
function shownTo(member, ...answers) {
  const [requests, slept] = [[], []];
  const fetch = async (url, request) => {
    requests.push([url, request]);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const api = new Api({ fetch, sleep: async (milliseconds) => void slept.push(milliseconds), member: () => member });
  return { api, requests, slept };
}

const json = (status, value, headers = {}) => new Response(JSON.stringify(value), { status, headers });
const cut = () => new TypeError('network');

test('a call sends JSON and gives JSON', async () => {
  const { api, requests } = scripted(json(201, { ok: 1 }), new Response(null, { status: 204 }), json(200, {}));

  assert.deepEqual(await api.call('POST', '/api/x', { a: 1 }), { ok: 1 });
  assert.equal(await api.call('DELETE', '/api/x'), null);
  await api.call('GET', '/api/x');

  const [post, remove, get] = requests.map(([, request]) => request);
  assert.deepEqual([post.body, [...post.headers], post.credentials], ['{"a":1}', [['content-type', 'application/json']], 'same-origin']);
  assert.deepEqual([remove.body, [...remove.headers]], [undefined, [['content-type', 'application/json']]]);
  assert.deepEqual([get.body, [...get.headers]], [undefined, []]);
});

test('a call says whom its page was shown to', async () => {
  const { api, requests } = shownTo('somebody', json(200, {}), json(200, {}));

  await api.call('GET', '/api/x');
  await api.call('DELETE', '/api/x');

  assert.deepEqual(requests.map(([, request]) => request.headers.get('Sceau-Member')), ['somebody', 'somebody']);
});

test('a refusal says its code, field and wait', async () => {
  const { api } = scripted(json(429, { error: 'too_many_codes', field: 'email' }, { 'Retry-After': '300' }));

  await assert.rejects(api.call('POST', '/api/x'), (error) => {
    assert.ok(error instanceof Refusal);
    assert.deepEqual([error.code, error.field, error.status, error.retryAfter], ['too_many_codes', 'email', 429, 300]);
    return true;
  });
});

test('a failure keeps its reference, whatever shape it has', async () => {
  const { api } = scripted(json(500, { error: 'failure', reference: 'r1' }), new Response('<html>', { status: 502 }));

  await assert.rejects(api.call('POST', '/x'), { code: 'failure', status: 500, reference: 'r1' });
  await assert.rejects(api.call('POST', '/x'), { code: 'failure', status: 502, reference: null });
});

test('what may be repeated is repeated when nothing answers, on 5xx and on a short 429', async () => {
  const answers = [cut(), json(503, {}), json(429, {}, { 'Retry-After': '7' }), json(200, { ok: 1 })];
  const { api, slept } = scripted(...answers);

  assert.deepEqual(await api.call('GET', '/api/x'), { ok: 1 });

  assert.equal(slept.length, 3);
  assert.ok(slept[2] >= 7000);
});

test('tries end, and what may not be repeated is not', async () => {
  const { api, requests } = scripted(cut(), cut(), cut(), cut(), cut(), cut(), json(429, {}, { 'Retry-After': '600' }), json(422, { error: 'bad' }));

  await assert.rejects(api.call('PUT', '/api/x', {}), Offline);
  assert.equal(requests.length, 5);
  await assert.rejects(api.call('POST', '/api/x', {}), { code: 'offline' });
  await assert.rejects(api.call('GET', '/api/x'), { status: 429 });
  await assert.rejects(api.call('GET', '/api/x'), { code: 'bad' });
  assert.equal(requests.length, 8);
});

test('a caller who gives up gets the reason, and nothing is tried again', async () => {
  const given = new AbortController();
  const reason = new Error('enough');
  const { api, requests } = scripted(cut(), cut());
  given.abort(reason);

  await assert.rejects(api.call('GET', '/api/x', undefined, { signal: given.signal }), reason);
  assert.equal(requests.length, 1);
});

test('backoff grows, stays under 20 s, and is never the same for everyone', () => {
  for (let attempt = 1; attempt < 12; attempt += 1) {
    const ceiling = Math.min(20_000, 250 * 2 ** attempt);
    const times = Array.from({ length: 20 }, () => backoff(attempt));
    assert.ok(times.every((time) => time >= ceiling / 2 && time <= ceiling));
    assert.ok(new Set(times).size > 10);
  }
});

test('sleep ends at its time, or with the reason of who gave up', async () => {
  await sleep(1);
  const given = new AbortController();
  const asleep = sleep(60_000, given.signal);
  given.abort(new Error('enough'));

  await assert.rejects(asleep, { message: 'enough' });
  await assert.rejects(sleep(60_000, given.signal), { message: 'enough' });
});
