/**
 * Passkeys: the browser's own dialogs, with what the server says and wants as JSON (WebAuthn level 3).
 *
 * What goes wrong is a PasskeyTrouble whose code has a sentence; giving up through a signal throws the signal's reason.
 */
import { fromBase64, toBase64 } from './bytes.js';

/** @typedef {{[name: string]: any}} Json */
/** @typedef {Pick<CredentialsContainer, 'create' | 'get'>} Credentials */

const TROUBLES = /** @type {{[name: string]: string}} */ ({
  NotAllowedError: 'passkey_cancelled', // closed, refused, or too late: browsers do not say which
  InvalidStateError: 'passkey_known',
});
const BYTES = ['rawId', 'clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'];

export class PasskeyTrouble extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.name = 'PasskeyTrouble';
    this.code = code;
  }
}

/** @returns {boolean} whether this browser knows passkeys */
export function able() {
  return typeof globalThis.PublicKeyCredential === 'function' && typeof globalThis.navigator?.credentials?.get === 'function';
}

/** @returns {Promise<boolean>} whether it offers them inside a field */
export async function offersInFields() {
  return able() && Boolean(await PublicKeyCredential.isConditionalMediationAvailable?.().catch(() => false));
}

/**
 * Make a new passkey.
 * @param {Json} options PublicKeyCredentialCreationOptionsJSON
 * @param {Credentials} [credentials] replaced in tests
 * @returns {Promise<Json>} RegistrationResponseJSON
 */
export async function create(options, credentials = globalThis.navigator?.credentials) {
  const publicKey = globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON?.(/** @type {any} */ (options)) ?? readCreation(options);
  return written(await asked(() => credentials.create({ publicKey })));
}

/**
 * Show a passkey.
 * @param {Json} options PublicKeyCredentialRequestOptionsJSON
 * @param {{signal?: AbortSignal, mediation?: CredentialMediationRequirement}} [how]
 * @param {Credentials} [credentials] replaced in tests
 * @returns {Promise<Json>} AuthenticationResponseJSON
 */
export async function show(options, how = {}, credentials = globalThis.navigator?.credentials) {
  const publicKey = globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON?.(/** @type {any} */ (options)) ?? readRequest(options);
  return written(await asked(() => credentials.get({ publicKey, ...how })));
}

/**
 * @param {() => Promise<Credential | null>} ask
 * @returns {Promise<Json>}
 */
async function asked(ask) {
  let given;
  try {
    given = await ask();
  } catch (error) {
    const { name } = /** @type {Error} */ (error);
    throw name === 'AbortError' ? error : new PasskeyTrouble(TROUBLES[name] ?? 'passkey_unsupported');
  }
  if (!given) throw new PasskeyTrouble('passkey_cancelled');
  return given;
}

/** @param {Json} options */
function readCreation({ challenge, user, excludeCredentials = [], ...rest }) {
  return /** @type {PublicKeyCredentialCreationOptions} */ (/** @type {unknown} */ ({
    ...rest, challenge: fromUrl(challenge), user: { ...user, id: fromUrl(user.id) }, excludeCredentials: excludeCredentials.map(named),
  }));
}

/** @param {Json} options */
function readRequest({ challenge, allowCredentials = [], ...rest }) {
  return /** @type {PublicKeyCredentialRequestOptions} */ ({ ...rest, challenge: fromUrl(challenge), allowCredentials: allowCredentials.map(named) });
}

/** @param {Json} credential */
const named = (credential) => ({ ...credential, id: fromUrl(credential.id) });

/**
 * As toJSON() writes it where a browser has it. Some password managers put a toJSON of their own that throws.
 * @param {Json} given
 */
function written(given) {
  try {
    if (typeof given.toJSON === 'function') return given.toJSON();
  } catch { /* as if it had none */ }
  const { response } = given;
  const bytes = BYTES.filter((name) => response[name]).map((name) => [name, toUrl(response[name])]);
  const transports = response.getTransports ? { transports: response.getTransports() } : {};
  return {
    id: given.id, rawId: toUrl(given.rawId), type: given.type, authenticatorAttachment: given.authenticatorAttachment ?? undefined,
    clientExtensionResults: given.getClientExtensionResults(), response: { ...Object.fromEntries(bytes), ...transports },
  };
}

/** @param {string} text base64url */
export function fromUrl(text) {
  const padded = text.padEnd(Math.ceil(text.length / 4) * 4, '=');
  return fromBase64(padded.replaceAll('-', '+').replaceAll('_', '/'));
}

/** @param {ArrayBuffer} bytes */
export function toUrl(bytes) {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
