/**
 * What talks to our own API (docs/reference/http-api.md).
 *
 *     import { api, Refusal, Offline } from './api.js';
 *     const { member } = await api.call('GET', '/api/session');
 *
 * `call` gives the parsed JSON (null for an empty answer) or throws:
 *   Refusal {code, field, status, retryAfter, reference}  the server answered no; "failure" when it failed;
 *   Offline {code: "offline"}  no answer came;
 *   the signal's reason        the caller gave up.
 * GET, PUT, DELETE, and a POST called with `repeatable`, are tried five times when no answer comes, on 5xx, on a short 429.
 */
import { backoff, sleep } from './patience.js';
import { pageData } from './texts.js';

const TRIES = 5;
const LONGEST_RETRY_AFTER = 20; // seconds; a longer one is for a person to read

export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {{error?: unknown, field?: unknown, reference?: unknown}} answer
   * @param {number | null} retryAfter seconds
   */
  constructor(status, answer, retryAfter) {
    const code = typeof answer.error === 'string' ? answer.error : status === 429 ? 'too_many' : 'failure';
    super(code);
    this.name = 'Refusal';
    this.code = code;
    this.status = status;
    this.field = typeof answer.field === 'string' ? answer.field : null;
    this.reference = typeof answer.reference === 'string' ? answer.reference : null;
    this.retryAfter = retryAfter;
  }
}

export class Offline extends Error {
  constructor() {
    super('offline');
    this.name = 'Offline';
    this.code = 'offline';
  }
}

export class Api {
  /** @param {{fetch?: typeof fetch, sleep?: typeof sleep, member?: () => string | undefined}} [parts] replaced in tests */
  constructor(parts = {}) {
    this.heard = 0; // when the server last answered yes, in milliseconds since 1970
    this.fetch = parts.fetch ?? ((url, options) => fetch(url, options));
    this.sleep = parts.sleep ?? sleep;
    this.member = parts.member ?? (() => pageData().member?.member);
  }

  /**
   * @param {'GET' | 'POST' | 'PUT' | 'DELETE'} method
   * @param {string} path from the root, `/api/…`
   * @param {unknown} [body] sent as JSON; `{}` when left out of a POST
   * @param {CallOptions} [options]
   * @returns {Promise<any>}
   */
  async call(method, path, body, { signal, repeatable = method !== 'POST' } = {}) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once(method, path, body, signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (!repeatable || attempt === TRIES || !mayPass(error)) throw error;
        const asked = error instanceof Refusal ? (error.retryAfter ?? 0) * 1000 : 0;
        await this.sleep(Math.max(asked, backoff(attempt)), signal);
      }
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} body
   * @param {AbortSignal} [signal]
   */
  async once(method, path, body, signal) {
    const headers = new Headers(method === 'GET' ? {} : { 'Content-Type': 'application/json' });
    const member = this.member(); // this page acts for whom it was shown to alone
    if (member) headers.set('Sceau-Member', member);
    /** @type {RequestInit} */
    const request = { method, headers, signal, credentials: 'same-origin', cache: 'no-store', redirect: 'error' };
    if (body !== undefined || method === 'POST') request.body = JSON.stringify(body ?? {});
    let response;
    let text;
    try {
      response = await this.fetch(path, request);
      text = await response.text();
    } catch {
      throw signal?.aborted ? signal.reason : new Offline();
    }
    const answer = parsed(text);
    if (response.ok && answer !== undefined) {
      this.heard = Date.now();
      return answer;
    }
    const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
    throw new Refusal(response.status, answer ?? {}, Number.isNaN(seconds) ? null : seconds);
  }
}

/** @param {unknown} error */
function mayPass(error) {
  if (!(error instanceof Refusal)) return error instanceof Offline;
  return error.status >= 500 || (error.status === 429 && (error.retryAfter ?? 0) <= LONGEST_RETRY_AFTER);
}

/** @param {string} text */
function parsed(text) {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const api = new Api();
