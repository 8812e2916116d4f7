/** The Firefox of this machine, one page of it, led by lines of JSON: [verb, ...what]. Each is answered with {answer} or {error}. */
import { createInterface } from 'node:readline';
import { launch } from 'puppeteer-core';

const [executablePath, downloads, width] = process.argv.slice(2);
const extraPrefsFirefox = {
  'browser.download.folderList': 2, // the folder named next
  'browser.download.dir': downloads,
  'browser.download.alwaysOpenPanel': false,
  'network.cookie.cookieBehavior': 1, // nobody's but the page's own
};
const defaultViewport = { width: Number(width), height: 800 };
const browser = await launch({ browser: 'firefox', executablePath, headless: true, extraPrefsFirefox, defaultViewport });
const [page] = await browser.pages();
const faults = [];
page.on('pageerror', (error) => faults.push(String(error)));
const ends = [];
browser.connection.on('browsingContext.downloadEnd', ({ status }) => ends.push(status));
await browser.connection.send('session.subscribe', { events: ['browsingContext.downloadEnd'] });

/** Downloads that ended. */
async function ended(count, patience) {
  for (let waited = 0; ends.length < count && waited < patience; waited += 100) await new Promise((resolve) => setTimeout(resolve, 100));
  return ends;
}

const verbs = {
  goes: (address) => page.goto(address).then(() => true),
  clicks: (selector) => page.locator(selector).click(),
  fills: (selector, text) => page.locator(selector).fill(text),
  chooses: async (selector, paths) => (await page.$(selector)).uploadFile(...paths),
  sees: (selector, timeout) => page.waitForSelector(selector, { visible: true, timeout }).then(() => true),
  reads: (selector) => page.$eval(selector, (found) => found.textContent),
  runs: (script) => page.evaluate(script),
  keeps: (cookies) => browser.setCookie(...cookies),
  ended,
  faults: async () => faults,
};

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, ...what] = JSON.parse(line);
  const said = await verbs[verb](...what).then((answer) => ({ answer }), (error) => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
await browser.close();
