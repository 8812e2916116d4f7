/** A clinic in memory: the API of docs/reference/http-api.md as far as sending and collecting go, and its bucket. */
import { createHash, randomBytes } from 'node:crypto';
import { frameCount, importDataKey, sealedSize } from '../../chalicelib/static/js/envelope.js';
import { digestPiece, sealPart } from '../../chalicelib/static/js/sealing.js';
import { BucketError } from '../../chalicelib/static/js/bucket.js';
import { Digests } from '../../chalicelib/static/js/digests.js';
import { Offline, Refusal } from '../../chalicelib/static/js/api.js';
import { base64, unbase64 } from './vectors.js';
import { openFile } from '../../chalicelib/static/js/opening.js';
import { openHeader, openMessage } from '../../chalicelib/static/js/envelope-open.js';
import { decodeManifest } from '../../chalicelib/static/js/manifest.js';

export { BucketError, Offline, Refusal };

/** Sleep for no time, but let everything else go on. */
export const wait = (_milliseconds, signal) =>
  new Promise((resolve, reject) => setImmediate(() => (signal?.aborted ? reject(signal.reason) : resolve())));

/** The clear bytes of a file, from its sealed chunks. */
export async function opened(expected, sealed) {
  const pieces = [];
  await openFile(expected, sealed, async (piece) => pieces.push(piece));
  return new Uint8Array(Buffer.concat(pieces));
}

/** A saving that keeps what it is given, and whether it was closed or aborted. */
export class FakeSaving {
  pieces = [];
  ended = null;

  write = async (piece) => {
    if (this.ended) throw new Error(`written after ${this.ended}`);
    this.pieces.push(piece);
  };

  close = async () => (this.ended = 'closed');
  abort = async () => (this.ended = 'aborted');

  get bytes() {
    return Buffer.concat(this.pieces);
  }
}

/** A file whose bytes can be edited under the feet of its reader. */
export class FakeFile {
  constructor(bytes, name = 'file.bin', folders = '') {
    Object.assign(this, { bytes, name, type: 'application/octet-stream', size: bytes.length, unreadable: false });
    this.webkitRelativePath = folders && `${folders}/${name}`;
  }

  slice(start, end) {
    return {
      arrayBuffer: async () => {
        if (this.unreadable) throw new DOMException('gone', 'NotReadableError');
        return Uint8Array.from(this.bytes.subarray(start, end)).buffer;
      },
    };
  }
}

/** First passes and sealing in this thread. */
export const digests = () => new Digests({ digestPiece, sealPart });

const refusal = (status, error, more = {}) => new Refusal(status, { error, ...more }, more.retryAfter ?? null);

export class Clinic {
  framesPerPart = 128;
  polls = 2; // before the seal
  calls = [];
  puts = [];
  objects = new Map(); // `file.part` → bytes
  complete = new Set();
  urls = new Map();
  aborted = 0;
  deleted = false;
  verdict = { state: 'sealed', reason: null };
  /** Replaced by tests: throw before or after the work of a call, or answer a put with another status. */
  beforeCall = () => {};
  afterCall = () => {};
  beforePut = () => {};
  afterPut = () => {};

  call = async (method, path, body, { signal } = {}) => {
    signal?.throwIfAborted();
    this.calls.push([method, path, body]);
    await wait();
    await this.beforeCall(method, path, body);
    const answer = structuredClone(this.answer(method, path, structuredClone(body)));
    await this.afterCall(method, path, answer);
    signal?.throwIfAborted();
    return answer;
  };

  answer(method, path, body) {
    const [, , , , part, file] = path.split('/');
    if (path === '/api/transfers') return this.draft(body);
    if (method === 'DELETE') return (this.deleted = true) && null;
    if (method === 'GET') return { transfer: this.polls-- > 0 ? { state: 'landing', reason: null } : this.verdict };
    if (part === 'envelope') {
      if (this.envelope) throw refusal(409, 'envelope_already_sent');
      this.envelope = body;
      return {};
    }
    if (part === 'resume') return this.resume();
    if (part === 'parts') return { urls: body.parts.map((entry) => this.place(entry)) };
    if (part === 'files') return this.finish(Number(file), body);
    throw new Error(`${method} ${path}`);
  }

  draft({ sizes, refuse }) {
    if (refuse) throw refusal(422, refuse, { field: 'recipients.0.email' });
    this.dataKey = randomBytes(32);
    const transfer = 'tttttttttttttttttttttttttt';
    this.context = { transfer, clinic: 'cccccccccccccccccccccccccc' };
    this.files = sizes.map((size, file) => ({
      file, clear_size: size, sealed_size: sealedSize(size), frames_per_part: this.framesPerPart,
      parts: Math.ceil(frameCount(size) / this.framesPerPart),
    }));
    this.drafted = {
      transfer, expires_at: 1764000000, context: this.context, data_key: base64(this.dataKey), frame_length: 65536,
      wrapped_key: base64(randomBytes(184)), key_arn: 'arn:aws:kms:eu-west-3:111122223333:key/x', files: this.files,
    };
    return this.drafted;
  }

  resume() {
    if (!this.envelope) throw refusal(409, 'envelope_missing');
    const arrived = this.files.map(({ parts }, file) => {
      const numbers = Array.from({ length: parts }, (_, n) => n + 1).filter((part) => this.objects.has(`${file}.${part}`));
      if (this.complete.has(file) || (parts === 1 && numbers.length)) return { whole: true, parts: [] };
      const digest = (part) => createHash('sha256').update(this.objects.get(`${file}.${part}`)).digest('base64');
      return { whole: false, parts: numbers.map((part) => ({ part, etag: this.etag(file, part), sha256: digest(part) })) };
    });
    return { ...this.drafted, ...this.envelope, arrived };
  }

  place({ file, part, size, sha256 }) {
    const url = `https://bucket/${file}.${part}?${this.urls.size}`;
    this.urls.set(url, { file, part, size, sha256, valid: true });
    return { file, part, url, headers: { 'Content-Length': `${size}`, 'x-amz-checksum-sha256': sha256 } };
  }

  finish(file, { parts }) {
    if (this.complete.has(file)) throw refusal(409, 'file_already_complete');
    const expected = Array.from({ length: this.files[file].parts }, (_, n) => n + 1);
    if (`${parts.map(({ part }) => part)}` !== `${expected}`) throw refusal(422, 'bad_parts');
    for (const { part, etag } of parts) if (etag !== this.etag(file, part)) throw refusal(422, 'bad_etag');
    this.complete.add(file);
    return {};
  }

  etag(file, part) {
    return `"${createHash('md5').update(this.objects.get(`${file}.${part}`)).digest('hex')}"`;
  }

  send = async ({ url, headers }, body, { signal, onprogress }) => {
    const aborted = { status: 0, etag: null };
    const { file, part, size, sha256, valid } = this.urls.get(url);
    this.puts.push(`${file}.${part}`);
    onprogress(Math.floor(body.byteLength / 2));
    await wait();
    if (signal.aborted) return aborted;
    const before = await this.beforePut(`${file}.${part}`);
    if (before !== undefined) return { status: before, etag: null };
    const bytes = new Uint8Array(body);
    const digest = createHash('sha256').update(bytes).digest('base64');
    if (!valid) return { status: 403, etag: null };
    if (bytes.length !== size || digest !== sha256 || headers['x-amz-checksum-sha256'] !== digest) return { status: 403, etag: null };
    const key = `${file}.${part}`;
    if (this.files[file].parts === 1 && this.objects.has(key)) return { status: 412, etag: null };
    const earlier = this.objects.get(key);
    if (earlier && !Buffer.from(earlier).equals(bytes)) throw new Error('one part, two contents');
    this.objects.set(key, bytes.slice());
    const after = await this.afterPut(key);
    if (after !== undefined) return { status: after, etag: null };
    if (signal.aborted) return aborted;
    onprogress(body.byteLength);
    return { status: 200, etag: this.etag(file, part) };
  };

  sealed(file) {
    const parts = Array.from({ length: this.files[file].parts }, (_, n) => this.objects.get(`${file}.${n + 1}`));
    return new Uint8Array(Buffer.concat(parts));
  }

  /** Everything as a recipient gets it. */
  async collected() {
    const key = await importDataKey(new Uint8Array(this.dataKey));
    const { context, envelope: { manifest, headers } } = this;
    const { message, files } = decodeManifest(await openMessage(key, unbase64(manifest), { context }), this.files.length);
    const contents = files.map(async ({ message_id: messageId, size, digest }, n) => {
      const { frameKey } = await openHeader(key, unbase64(headers[n]), { context, messageId, detached: true });
      return opened({ frameKey, messageId, size, digest }, [this.sealed(n)]);
    });
    return { message, files, contents: await Promise.all(contents) };
  }
}
