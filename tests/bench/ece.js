/**
 * What sealing is compared with: the encrypted content encoding (RFC 8188) as a stream, AES-128-GCM in records of 64 KiB, one after
 * the other, each read from the Blob by itself. It is how Firefox Send did it, without what its library for buffers cost besides.
 */
const RECORD = 65_536; // bytes, sealed
const TAG = 16;
const ROOM = RECORD - TAG - 1; // clear bytes of a record: one is the delimiter

/**
 * @param {Blob} file
 * @returns {ReadableStream<Uint8Array>} its bytes, a record's room at a time
 */
function records(file) {
  let at = 0;
  return new ReadableStream({
    async pull(out) {
      out.enqueue(new Uint8Array(await file.slice(at, at + ROOM).arrayBuffer()));
      at += ROOM;
      if (at >= file.size) out.close();
    },
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
  const stream = records(file).pipeThrough(sealed(key, crypto.getRandomValues(new Uint8Array(12))));
  let bytes = 0;
  for await (const one of stream) bytes += one.length;
  return bytes;
}
