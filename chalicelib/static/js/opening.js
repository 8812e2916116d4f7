/** Open one file as it streams in; nothing is handed over before all of it is verified. Runs in a worker. */
import { FRAME_LENGTH, FRAME_OVERHEAD, frameCount, refuse, same } from './envelope.js';
import { PIECE_LENGTH, fileDigest, sha256 } from './digest.js';
import { BucketError } from './bucket.js';
import { backoff, sleep } from './patience.js';
import { openFrame } from './envelope-open.js';

const IN_FLIGHT = 16; // frames given to WebCrypto at once
const TRIES = 8; // in a row without one more verified frame
const PER_PIECE = PIECE_LENGTH / FRAME_LENGTH;

/** Verified clear text, in Blobs of one piece so that the browser may keep it on disk. */
class Verified {
  frames = 0;
  #blobs = /** @type {Blob[]} */ ([]);
  #digests = /** @type {Bytes[]} */ ([]);
  #piece = new Uint8Array(0);

  /** @param {FileExpected} expected */
  constructor(expected) {
    this.expected = expected;
  }

  get bytes() {
    return Math.min(this.frames * FRAME_LENGTH, this.expected.size);
  }

  /** @param {Bytes} clear the next frame */
  async add(clear) {
    const at = (this.frames % PER_PIECE) * FRAME_LENGTH;
    if (at === 0) this.#piece = new Uint8Array(Math.min(PIECE_LENGTH, this.expected.size - this.bytes));
    this.#piece.set(clear, at);
    this.frames += 1;
    if (at + clear.length < this.#piece.length) return;
    this.#blobs.push(new Blob([this.#piece]));
    this.#digests.push(await sha256(this.#piece));
  }

  /** @returns {Promise<Blob>} */
  async whole() {
    const blob = new Blob(this.#blobs, { type: 'application/octet-stream' });
    const digest = await fileDigest(this.#digests);
    if (blob.size !== this.expected.size || !same(digest, this.expected.digest)) refuse('digest');
    return blob;
  }
}

/**
 * @param {FileExpected} expected
 * @param {{read: (offset: number) => AsyncIterable<Bytes>, onprogress?: (verifiedBytes: number) => void,
 *   wait?: typeof sleep}} options read: the sealed bytes from an offset, under a URL asked anew
 * @returns {Promise<Blob>}
 */
export async function openFile(expected, { read, onprogress = () => {}, wait = sleep }) {
  const verified = new Verified(expected);
  for (let attempt = 1; ; attempt += 1) {
    const before = verified.frames;
    try {
      await openFrom(verified, read(before * (FRAME_LENGTH + FRAME_OVERHEAD)), onprogress);
      return await verified.whole();
    } catch (error) {
      if (verified.frames > before) attempt = 1;
      const refused = error instanceof BucketError && error.code === 'bucket_refused';
      if (!(error instanceof BucketError) || attempt === (refused ? 2 : TRIES)) throw error;
      await wait(refused ? 0 : backoff(attempt));
    }
  }
}

/**
 * @param {Verified} verified
 * @param {AsyncIterable<Bytes>} chunks
 * @param {(verifiedBytes: number) => void} onprogress
 */
async function openFrom(verified, chunks, onprogress) {
  const { frameKey, messageId, size } = verified.expected;
  const last = frameCount(size) - 1;
  const pending = /** @type {Promise<{clear: Bytes}>[]} */ ([]);
  const settle = async (/** @type {number} */ most) => {
    while (pending.length > most) {
      const { clear } = await /** @type {Promise<{clear: Bytes}>} */ (pending.shift());
      await verified.add(clear);
      onprogress(verified.bytes);
    }
  };
  let index = verified.frames;
  let filled = 0;
  const room = () => new Uint8Array(index < last ? FRAME_LENGTH + FRAME_OVERHEAD : size - last * FRAME_LENGTH + 41); // room for a byte too many
  let frame = room();
  const open = () => {
    const opened = openFrame(frameKey, messageId, frame.subarray(0, filled), index, size);
    opened.catch(() => {}); // told when its turn comes
    pending.push(opened);
    [index, filled] = [index + 1, 0];
    frame = room();
  };
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; ) {
        const some = chunk.subarray(at, at + frame.length - filled);
        frame.set(some, filled);
        filled += some.length;
        at += some.length;
        if (filled === frame.length) open();
        if (index > last) await settle(0); // refuses: there are more bytes than there should be
      }
      await settle(IN_FLIGHT);
    }
  } catch (error) {
    if (error instanceof BucketError) await settle(0); // frames that came whole before the cut count
    throw error;
  }
  open();
  await settle(0);
}
