/** Save a file as a download of the browser's own while it is opened: the service worker (saving-worker.js) passes its bytes on. */

const READY = 5_000; // milliseconds for the service worker to answer
const BEGUN = 10_000; // for the browser to ask it for the file
const PULSE = 5_000; // between two signs of life; browsers end a worker that heard nothing for about thirty seconds
const SCOPE = '/saving/';

/** The browser, or whoever uses it, ended the download. */
export class Stopped extends Error {
  constructor() {
    super('saving_stopped');
    this.name = 'Stopped';
    this.code = 'saving_stopped';
  }
}

/**
 * @param {string} name safe
 * @param {number} size bytes that will be written
 * @param {{files: Zipped[], at: number}} [zip] make one of these, whose bytes come one after the other; at: their date, in seconds
 * @returns {Promise<Saving | null>} null where the browser does not do this
 */
export async function streamed(name, size, zip) {
  const worker = await within(READY, serving()).catch(() => null);
  if (!worker) return null;
  const { port1: port, port2 } = new MessageChannel();
  const [download, id] = [new Download(port), crypto.randomUUID()];
  worker.postMessage({ open: id, name, size, ...zip }, [port2]);
  if (!(await within(READY, download.ready))) return null;
  const frame = document.createElement('iframe');
  Object.assign(frame, { src: `${SCOPE}${id}`, hidden: true });
  document.body.append(frame);
  const begun = await within(BEGUN, download.wanted());
  let beat = 0;
  const gone = () => port.postMessage({ abort: true });
  const lost = (/** @type {MessageEvent} */ { data }) => data.lost === id && download.stop();
  const end = () => {
    window.removeEventListener('pagehide', gone);
    navigator.serviceWorker.removeEventListener('message', lost);
    setTimeout(() => frame.remove(), BEGUN);
  };
  window.addEventListener('pagehide', gone);
  navigator.serviceWorker.addEventListener('message', lost);
  const saving = {
    async write(/** @type {Bytes} */ piece) {
      if (piece.length) await download.pass({ piece }, [piece.buffer]);
    },
    close: () => download.pass({ end: true }).then(end),
    async abort() {
      port.postMessage({ abort: true });
      end();
    },
    awake() {
      if (Date.now() - beat < PULSE) return;
      beat = Date.now();
      worker.postMessage({ awake: id });
    },
  };
  if (begun) return saving;
  await saving.abort();
  return null;
}

/** Let go of the service worker: for whoever leaves a device that is not theirs. */
export async function unregister() {
  const found = await navigator.serviceWorker?.getRegistration(SCOPE);
  await found?.unregister();
}

/** This end of the port: one message passes for each that is asked for, until the browser stops. */
class Download {
  #stopped = false;
  #resolve = () => {};
  #more = /** @type {Promise<boolean>} */ (Promise.resolve(false));

  /** @param {MessagePort} port */
  constructor(port) {
    this.port = port;
    this.#next();
    this.ready = new Promise((/** @type {(ready: true) => void} */ resolve) => {
      port.onmessage = ({ data }) => {
        if (data.ready) resolve(true);
        else if (data.stopped) this.stop();
        else this.#resolve();
      };
    });
  }

  /** @returns {Promise<boolean>} true as soon as one more may pass */
  wanted() {
    return this.#more;
  }

  /**
   * @param {object} message
   * @param {Transferable[]} [transfer]
   */
  async pass(message, transfer = []) {
    await this.#more;
    if (this.#stopped) throw new Stopped();
    this.#next();
    this.port.postMessage(message, transfer);
  }

  /** Let whoever passes the next one know. */
  stop() {
    this.#stopped = true;
    this.#resolve();
  }

  #next() {
    this.#more = new Promise((resolve) => {
      this.#resolve = () => resolve(true);
    });
  }
}

/** @returns {Promise<ServiceWorker | null>} */
async function serving() {
  if (!navigator.serviceWorker) return null;
  const script = new URL('./saving-worker.js', import.meta.url);
  const registration = await navigator.serviceWorker.register(script, { scope: SCOPE });
  const worker = registration.active ?? registration.installing ?? registration.waiting;
  if (!worker || worker.state === 'activated') return worker;
  return new Promise((resolve) => {
    worker.addEventListener('statechange', () => {
      if (worker.state === 'activated') resolve(worker);
      if (worker.state === 'redundant') resolve(null);
    });
  });
}

/**
 * @template T
 * @param {number} milliseconds
 * @param {Promise<T>} work
 * @returns {Promise<T | null>} null when it takes longer
 */
function within(milliseconds, work) {
  return Promise.race([work, new Promise((/** @type {(late: null) => void} */ resolve) => setTimeout(() => resolve(null), milliseconds))]);
}
