/** The certificate of a destroyed transfer: asked for, then saved as a file. */
import { busy, part } from './dom.js';
import { api } from './api.js';
import { fromBase64 } from './bytes.js';
import { pageData } from './texts.js';
import { save } from './saving.js';

/**
 * @param {HTMLElement} root
 * @param {{path: string, act: Act}} means
 */
export function certificate(root, { path, act }) {
  const [pdf, json] = [part(root, 'pdf'), part(root, 'json')];
  pdf.addEventListener('click', () => busy(pdf, () => act(async () => {
    const { name, pdf: content } = await api.call('GET', `${path}/certificate/pdf?lang=${pageData().language}`);
    save(fromBase64(content), 'application/pdf', name);
  })));
  json.addEventListener('click', () => busy(json, () => act(async () => {
    const found = await api.call('GET', `${path}/certificate`);
    const text = `${JSON.stringify(found, null, 2)}\n`;
    save(text, 'application/json', `certificat-${found.transfer.slice(0, 8)}.json`);
  })));
}
