/**
 * What sealing is compared with: the encrypted content encoding (RFC 8188) as a stream, AES-128-GCM in records of 64 KiB, one after
 * the other. It is how file senders in browsers were first built.
 */
const RECORD = 65_536; // bytes, sealed
const TAG = 16;
const ROOM = RECORD - TAG - 1; // clear bytes of a record: one is the delimiter

/** @returns {TransformStream<Uint8Array, Uint8Array>} the same bytes, in pieces of one record's room */
function sliced() {
  let [held, filled] = [new Uint8Array(ROOM), 0];
  return new TransformStream({
    transform(chunk, out) {
      for (let at = 0; at < chunk.length; ) {
        const some = chunk.subarray(at, at + ROOM - filled);
        held.set(some, filled);
        [at, filled] = [at + some.length, filled + some.length];
        if (filled < ROOM) continue;
        out.enqueue(held);
        [held, filled] = [new Uint8Array(ROOM), 0];
      }
    },
    flush: (out) => out.enqueue(held.subarray(0, filled)),
  });
}

/**
 * @param {CryptoKey} key
 * @param {Uint8Array} base nonce of 12 bytes
 */
function sealed(key, base) {
  let [count, before] = [0, /** @type {Uint8Array | null} */ (null)];
  const record = async (/** @type {Uint8Array} */ clear, /** @type {number} */ delimiter) => {
    const padded = new Uint8Array(clear.length + 1);
    padded.set(clear);
    padded[clear.length] = delimiter;
    const iv = base.slice();
    const view = new DataView(iv.buffer);
    view.setUint32(8, view.getUint32(8) ^ count);
    count += 1;
    return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, padded));
  };
  return new TransformStream({
    async transform(clear, out) {
      if (before) out.enqueue(await record(before, 1));
      before = clear;
    },
    async flush(out) {
      if (before) out.enqueue(await record(before, 2));
    },
  });
}

/**
 * @param {Blob} file
 * @returns {Promise<number>} sealed bytes
 */
export async function encode(file) {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['encrypt']);
  const stream = file.stream().pipeThrough(sliced()).pipeThrough(sealed(key, crypto.getRandomValues(new Uint8Array(12))));
  let bytes = 0;
  for await (const one of stream) bytes += one.length;
  return bytes;
}
