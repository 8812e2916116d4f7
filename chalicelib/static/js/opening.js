/** Open one file as it streams in: what is handed over is verified, and the end of it only with the whole. Runs in a worker. */
import { FRAME_LENGTH, FRAME_OVERHEAD, frameCount, refuse, same } from './envelope.js';
import { PIECE_LENGTH, fileDigest, sha256 } from './digest.js';
import { openFrame } from './envelope-open.js';

const IN_FLIGHT = 16; // frames given to WebCrypto at once
const PER_PIECE = PIECE_LENGTH / FRAME_LENGTH;

/** Verified clear text, handed over in pieces. */
class Verified {
  #frames = 0;
  #digests = /** @type {Bytes[]} */ ([]);
  #piece = new Uint8Array(0);

  /**
   * @param {FileExpected} expected
   * @param {Keep} keep
   */
  constructor(expected, keep) {
    this.expected = expected;
    this.keep = keep;
  }

  /** @param {Bytes} clear the next frame */
  async add(clear) {
    const { size } = this.expected;
    const at = (this.#frames % PER_PIECE) * FRAME_LENGTH;
    if (at === 0) this.#piece = new Uint8Array(Math.min(PIECE_LENGTH, size - this.#frames * FRAME_LENGTH));
    this.#piece.set(clear, at);
    this.#frames += 1;
    if (at + clear.length < this.#piece.length) return;
    this.#digests.push(await sha256(this.#piece));
    if (this.#frames === frameCount(size)) await this.#check();
    await this.keep(this.#piece);
  }

  /** Refuse, before the last piece is handed over, what is not the file that was sealed. */
  async #check() {
    if (!same(await fileDigest(this.#digests), this.expected.digest)) refuse('digest');
  }
}

/**
 * @param {FileExpected} expected
 * @param {AsyncIterable<Bytes>} sealed
 * @param {Keep} keep takes each piece of 8 MiB, the last one shorter; nothing more is read before it is done
 * @returns {Promise<void>}
 */
export async function openFile({ frameKey, messageId, size, digest }, sealed, keep) {
  const verified = new Verified({ frameKey, messageId, size, digest }, keep);
  const last = frameCount(size) - 1;
  const pending = /** @type {Promise<{clear: Bytes}>[]} */ ([]);
  const settle = async (/** @type {number} */ most) => {
    while (pending.length > most) {
      const { clear } = await /** @type {Promise<{clear: Bytes}>} */ (pending.shift());
      await verified.add(clear);
    }
  };
  let index = 0;
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
  for await (const chunk of sealed) {
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
  open();
  await settle(0);
}
