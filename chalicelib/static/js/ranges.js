/** Read a sealed object in its order while several ranges of it are on their way. Cuts and URLs that expire are mended here. */
import { BucketError, readObject } from './bucket.js';
import { backoff, sleep } from './patience.js';

export const RANGE = 8 * 1024 * 1024; // bytes asked for at once, and the most that one range keeps waiting
const AT_ONCE = 3;
const TRIES = 8; // of one range, in a row without one more byte
const REFUSALS = 2; // likewise
const SLOW = 512 * 1024 * 1024; // a URL that expires before it gave as many bytes is that of a slow line

/** The one URL that every range uses until the bucket refuses it: recipients get a hundred for each file (limits.py). */
class Address {
  slow = false;
  #asked = /** @type {Promise<string> | null} */ (null);
  #given = 0;

  /** @param {() => Promise<string>} ask */
  constructor(ask) {
    this.ask = ask;
  }

  /** @returns {Promise<string>} */
  url() {
    return (this.#asked ??= this.ask());
  }

  /** @param {number} count bytes it gave */
  gave(count) {
    this.#given += count;
  }

  /** @param {Promise<string>} asked what was refused, perhaps replaced by now */
  refused(asked) {
    if (asked !== this.#asked) return;
    this.slow ||= this.#given > 0 && this.#given < SLOW;
    [this.#asked, this.#given] = [null, 0];
  }
}

/**
 * On a slow line the rest is asked for at once: what is on its way goes on when its URL expires, and no other is needed.
 * @param {number} size sealed bytes there should be; one more ends the reading, too
 * @param {RangeMeans} means
 * @returns {AsyncGenerator<Bytes, void>}
 * @throws {BucketError} when there is no more hope
 */
export async function* readRanges(size, { url, read = readObject, onprogress = () => {}, wait = sleep }) {
  const address = new Address(url);
  const running = /** @type {ReadableStreamDefaultReader<Bytes>[]} */ ([]);
  let next = 0;
  try {
    while (next < size || running.length > 0) {
      while (next < size && running.length < AT_ONCE) {
        const end = address.slow ? size : Math.min(next + RANGE, size);
        running.push(ahead(mended(next, end, size, { address, read, onprogress, wait })));
        next = end;
      }
      const { done, value } = await running[0].read();
      if (done) running.shift();
      else yield value;
    }
  } finally {
    for (const reader of running) reader.cancel().catch(() => {}); // its error was told, or comes too late
  }
}

/**
 * Let chunks come before they are wanted, up to a range of them.
 * @param {AsyncGenerator<Bytes, void>} chunks
 */
function ahead(chunks) {
  /** @type {UnderlyingDefaultSource<Bytes>} */
  const source = {
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return();
    },
  };
  return new ReadableStream(source, new ByteLengthQueuingStrategy({ highWaterMark: RANGE })).getReader();
}

/**
 * One range, however often it is cut: it goes on from the last byte that came.
 * @param {number} start
 * @param {number} end
 * @param {number} size
 * @param {{address: Address} & Required<Omit<RangeMeans, 'url'>>} means
 * @returns {AsyncGenerator<Bytes, void>} ends early when the object does
 */
async function* mended(start, end, size, { address, read, onprogress, wait }) {
  for (let at = start, tries = 0, refusals = 0; at < end; ) {
    const [asked, before] = [address.url(), at];
    const url = await asked;
    try {
      for await (const chunk of read(url, at, end === size ? null : end)) {
        [at, tries, refusals] = [at + chunk.length, 0, 0];
        address.gave(chunk.length);
        onprogress(chunk.length);
        yield chunk;
      }
      if (at === before) return;
    } catch (error) {
      if (!(error instanceof BucketError)) throw error;
      const refused = error.code === 'bucket_refused';
      refusals = refused ? refusals + 1 : 0;
      tries += 1;
      if (tries === TRIES || refusals === REFUSALS) throw error;
      if (refused) address.refused(asked);
      else await wait(backoff(tries));
    }
  }
}
