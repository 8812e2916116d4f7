import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PasskeyTrouble, able, create, fromUrl, offersInFields, show, toUrl } from '../../chalicelib/static/js/passkeys.js';

const bytes = (...values) => Uint8Array.from(values).buffer;
const CREATION = {
  challenge: '-_8', rp: { id: 'clinic.example', name: 'Clinic' }, user: { id: 'AQI', name: 'ada', displayName: 'Ada' },
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }], excludeCredentials: [{ type: 'public-key', id: 'Aw' }],
};
const ASSERTION = {
  id: 'BQ', rawId: bytes(5), type: 'public-key', authenticatorAttachment: null, getClientExtensionResults: () => ({}),
  response: { clientDataJSON: bytes(1), authenticatorData: bytes(2), signature: bytes(251, 255), userHandle: null },
};

test('base64url is read and written without padding', () => {
  assert.deepEqual([...fromUrl('-_8')], [251, 255]);
  assert.equal(toUrl(bytes(251, 255)), '-_8');
  assert.equal(toUrl(bytes()), '');
});

test('a browser that cannot read JSON gets bytes, and its answer becomes JSON', async () => {
  const asked = [];
  const credentials = {
    create: async ({ publicKey }) => {
      asked.push(publicKey);
      return {
        ...ASSERTION, authenticatorAttachment: 'platform',
        response: { clientDataJSON: bytes(1), attestationObject: bytes(2), getTransports: () => ['internal'] },
      };
    },
  };

  const given = await create(CREATION, credentials);

  assert.deepEqual([[...asked[0].challenge], [...asked[0].user.id], [...asked[0].excludeCredentials[0].id]], [[251, 255], [1, 2], [3]]);
  assert.deepEqual(asked[0].rp, CREATION.rp);
  assert.deepEqual(given, {
    id: 'BQ', rawId: 'BQ', type: 'public-key', authenticatorAttachment: 'platform', clientExtensionResults: {},
    response: { clientDataJSON: 'AQ', attestationObject: 'Ag', transports: ['internal'] },
  });
});

test('a passkey is shown, with the signal and the way it is offered', async () => {
  const { signal } = new AbortController();
  let asked;

  const given = await show({ challenge: 'AQ' }, { signal, mediation: 'conditional' }, { get: async (options) => ((asked = options), ASSERTION) });

  assert.deepEqual([[...asked.publicKey.challenge], asked.signal, asked.mediation], [[1], signal, 'conditional']);
  assert.deepEqual(given.response, { clientDataJSON: 'AQ', authenticatorData: 'Ag', signature: '-_8' });
});

test('an answer that writes itself is taken as it is, and one that fails to is written here', async () => {
  const writing = { ...ASSERTION, toJSON: () => ({ id: 'written' }) };
  const failing = { ...ASSERTION, toJSON: () => { throw new TypeError('illegal invocation'); } };

  assert.deepEqual(await show({ challenge: 'AQ' }, {}, { get: async () => writing }), { id: 'written' });
  assert.equal((await show({ challenge: 'AQ' }, {}, { get: async () => failing })).rawId, 'BQ');
});

for (const [name, code] of [['NotAllowedError', 'passkey_cancelled'], ['InvalidStateError', 'passkey_known'], ['SecurityError', 'passkey_unsupported']]) {
  test(`${name} is said as ${code}`, async () => {
    const credentials = { create: async () => { throw new DOMException('', name); } };

    await assert.rejects(create(CREATION, credentials), (error) => error instanceof PasskeyTrouble && error.code === code);
  });
}

test('no answer at all is a request that was closed', async () => {
  await assert.rejects(show({ challenge: 'AQ' }, {}, { get: async () => null }), { code: 'passkey_cancelled' });
});

test('giving up is no trouble', async () => {
  const abort = new DOMException('', 'AbortError');

  await assert.rejects(show({ challenge: 'AQ' }, {}, { get: async () => { throw abort; } }), (error) => error === abort);
});

test('what a browser knows is asked, never assumed', async () => {
  assert.equal(able(), false);
  assert.equal(await offersInFields(), false);
});
