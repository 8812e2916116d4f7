/** One's own account: what one signs in with, where one is signed in, and what is kept. */
import { busy, confirmed, fill, part, step } from './dom.js';
import { clear, problem, report } from './problems.js';
import { Keyring } from './keyring.js';
import { api } from './api.js';
import { pageData, t } from './texts.js';
import { proving } from './proving.js';
import { save } from './saving.js';
import { writeSessions } from './sessions.js';

const EXPORT = 'sceau-compte.json';

/** @param {HTMLElement} root */
export function start(root) {
  const run = proving(document.body);
  const act = /** @type {AccountAct} */ (Object.assign(doing, { run }));
  const keyring = new Keyring(root, act);
  const done = part(root, 'done');

  /**
   * Do something, look again, say what was done; what goes wrong is told in the form it came from.
   * @param {() => Promise<any>} work
   * @param {(answer: any) => string} said
   * @param {HTMLElement} [form]
   */
  async function doing(work, said, form = root) {
    clear(form);
    fill(root, { done: '' });
    try {
      const answer = await run(work);
      await load();
      fill(root, { done: said(answer) });
      if (document.activeElement === document.body) done.focus();
      return true;
    } catch (error) {
      report(form, [problem(error)]);
      return false;
    }
  }

  async function load() {
    const { member, secured, means, sessions } = await api.call('GET', '/api/account');
    keyring.write(means, member.mobile);
    writeSessions(root, sessions, act);
    part(root, 'unsecured').hidden = secured;
    part(root, 'loaded').hidden = false;
    part(root, 'status').hidden = true;
  }

  /**
   * What ends here: the page does not look again.
   * @param {() => Promise<unknown>} work
   */
  async function last(work) {
    clear(root);
    await run(work).catch((error) => report(root, [problem(error)]));
  }

  /**
   * @param {string} name of a button
   * @param {() => Promise<unknown>} work
   */
  function onClick(name, work) {
    const button = part(root, name);
    button.addEventListener('click', () => busy(button, work));
  }

  onClick('everywhere', async () => {
    if (!(await confirmed(root, 'everywhere'))) return;
    await last(async () => {
      await api.call('DELETE', '/api/account/sessions', {});
      location.assign('/signin');
    });
  });
  onClick('export', () => doing(async () => {
    const kept = await api.call('GET', '/api/account/export');
    save(`${JSON.stringify(kept, null, 2)}\n`, 'application/json', EXPORT);
  }, () => t('account.live_exported')));
  onClick('delete', async () => {
    if (!(await confirmed(root, 'delete', pageData().member?.name))) return;
    await last(async () => {
      await api.call('DELETE', '/api/account', {});
      for (const gone of document.querySelectorAll('[data-menu], #menu')) gone.remove();
      step(root, 'gone');
    });
  });
  for (const speak of root.querySelectorAll('form[data-speak]')) { // none where the clinic offers one language
    speak.addEventListener('submit', (event) => {
      event.preventDefault();
      const language = String(new FormData(/** @type {HTMLFormElement} */ (speak)).get('language'));
      busy(speak.querySelector('[type="submit"]'), () => last(async () => {
        await api.call('PUT', '/api/account/language', { language });
        location.assign(`/account?lang=${language}`);
      }));
    });
  }
  load().catch((error) => {
    fill(root, { status: '' });
    report(root, [problem(error)]);
  });
}
