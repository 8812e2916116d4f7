/**
 * The service worker that makes a download of the browser's own of what a page has verified. It keeps nothing, fetches nothing,
 * holds no key, and answers nothing but `/saving/{id}`, once, for the page that named the id.
 * In: {open: id, name, size} with a port, then {awake: id} now and then, also while nothing moves.
 * Answered with {lost: id} by a worker that was ended, and begun anew, meanwhile.
 * On the port, in: {piece}, one for each {more}, then {end} or {abort}. Out: {ready}, {more}, {stopped}: by the browser or its user.
 */
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
  savings.set(data.open, { name: data.name, size: data.size, port, heard() {} });
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
  const about = {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': `attachment; filename*=UTF-8''${name}`,
    'Content-Length': `${saving.size}`,
  };
  return new Response(stream(saving, () => savings.delete(id)), { headers: { ...headers, ...about } });
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
