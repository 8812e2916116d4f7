/**
 * The service worker that makes a download of the browser's own of what a page has verified. It keeps nothing, fetches nothing,
 * holds no key, and answers nothing but `/saving/{id}`, once, for the page that named the id.
 * In: {open: id, name, size, files, at} with a port, then {awake: id} now and then, also while nothing moves.
 * `files`, where there are any, makes a zip of them: their pieces come one file after the other; `at` is their date, in seconds.
 * Answered with {lost: id} by a worker that was ended, and begun anew, meanwhile.
 * On the port, in: {piece}, one for each {more}, then {end} or {abort}. Out: {ready}, {more}, {stopped}: by the browser or its user.
 */
importScripts('./client-zip.js'); // of npm, as it is (ADR 0031); gives downloadZip

const PATH = '/saving/';
const SILENCE = 60_000; // milliseconds after which the page is taken for dead
const POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";
const savings = /** @type {Map<string, OpenSaving>} */ (new Map());

self.addEventListener('message', (event) => {
  const { data, source, ports: [port] } = /** @type {MessageEvent<any>} */ (event);
  const known = savings.get(data.awake);
  if (data.awake && !known) source?.postMessage({ lost: data.awake });
  known?.heard();
  if (!data.open || !port) return;
  const { open, name, size, files, at } = data;
  savings.set(open, { name, size, files, at, port, heard() {} });
  port.postMessage({ ready: true });
});

self.addEventListener('fetch', (event) => {
  const asked = /** @type {FetchEventLike} */ (event);
  const { pathname } = new URL(asked.request.url);
  if (pathname.startsWith(PATH)) asked.respondWith(answer(pathname.slice(PATH.length)));
});

/** @param {string} id */
function answer(id) {
  const saving = savings.get(id);
  const headers = { 'Cache-Control': 'no-store', 'Content-Security-Policy': POLICY, 'X-Content-Type-Options': 'nosniff' };
  if (!saving || saving.opened) return new Response(null, { status: 404, headers });
  saving.opened = true;
  const name = encodeURIComponent(saving.name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`); // RFC 8187
  const pieces = stream(saving, () => savings.delete(id));
  const { body, size } = saving.files ? zip(saving.files, saving.at, pieces) : { body: pieces, size: saving.size };
  const about = {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': `attachment; filename*=UTF-8''${name}`,
    'Content-Length': `${size}`,
  };
  return new Response(body, { headers: { ...headers, ...about } });
}

/**
 * One zip of files whose pieces come one after the other. What fails, or stops, one of them does it to the whole.
 * @param {{name: string, size: number}[]} files
 * @param {number} at seconds since 1970
 * @param {ReadableStream<Bytes>} pieces
 */
function zip(files, at, pieces) {
  const reader = pieces.getReader();
  async function* bytes(/** @type {number} */ left) {
    while (left > 0) {
      const { value } = await reader.read();
      if (!value || value.length > left) throw new TypeError('not whole');
      left -= value.length;
      yield value;
    }
  }
  async function* entries() {
    for (const { name, size } of files) yield { name, size, lastModified: new Date(at * 1000), input: bytes(size) };
    if (!(await reader.read()).done) throw new TypeError('not whole'); // the end is told when all of it is verified
  }
  const { body, headers } = downloadZip(entries(), { metadata: files });
  const out = /** @type {ReadableStream<Bytes>} */ (body).getReader();
  const whole = new ReadableStream({
    async pull(controller) {
      const { done, value } = await out.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (why) => reader.cancel(why),
  });
  return { body: whole, size: headers.get('Content-Length') };
}

/**
 * The pieces, each asked for when the one before has gone; anything but their proper end is an error, which fails the download.
 * @param {OpenSaving} saving
 * @param {() => void} forget
 */
function stream(saving, forget) {
  const { port } = saving;
  let left = saving.size;
  let silence = 0;
  let arrived = () => {};
  const end = (/** @type {() => void} */ settle) => {
    clearTimeout(silence);
    forget();
    settle();
    port.close();
  };
  return new ReadableStream({
    start(controller) {
      const fail = () => end(() => controller.error(new TypeError('not whole')));
      saving.heard = () => {
        clearTimeout(silence);
        silence = setTimeout(fail, SILENCE);
      };
      saving.heard();
      port.onmessage = ({ data }) => {
        saving.heard();
        if (data.piece) {
          left -= data.piece.length;
          controller.enqueue(data.piece);
          arrived();
        } else if (data.end && left === 0) end(() => controller.close());
        else fail();
      };
    },
    pull() {
      port.postMessage({ more: true });
      return new Promise((resolve) => {
        arrived = () => resolve(undefined);
      });
    },
    cancel() {
      end(() => port.postMessage({ stopped: true }));
    },
  });
}
