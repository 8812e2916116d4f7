/** Recovery codes, which are shown once: to copy, to save, to print. Closing forgets them. */
import { fill, part } from './dom.js';
import { save } from './saving.js';
import { t } from './texts.js';

const NAME = 'sceau-codes.txt';

/**
 * What the file of codes says.
 * @param {string[]} codes
 * @param {string} title
 */
export function paper(codes, title) {
  return [title, location.origin, '', ...codes, ''].join('\r\n');
}

export class Recovery {
  #codes = /** @type {string[]} */ ([]);

  /** @param {HTMLElement} root with the codes of `pages/means.html` */
  constructor(root) {
    this.root = root;
    part(root, 'copy').addEventListener('click', () => this.#copy());
    part(root, 'save').addEventListener('click', () => {
      save(paper(this.#codes, t('means.live_recovery_paper')), 'text/plain', NAME);
      this.#say('saved');
    });
    part(root, 'print').addEventListener('click', () => print());
  }

  /** @param {string[]} codes */
  show(codes) {
    this.#codes = codes;
    fill(this.root, { said: '' });
    part(this.root, 'codes').replaceChildren(...codes.map((code) => {
      const line = document.createElement('li');
      line.textContent = code;
      return line;
    }));
  }

  /** Keep them no longer on the page. */
  forget() {
    this.show([]);
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#codes.join('\n'));
      this.#say('copied');
    } catch {
      this.#say('uncopied');
    }
  }

  /** @param {'saved' | 'copied' | 'uncopied'} what */
  #say(what) {
    fill(this.root, { said: t(`means.live_recovery_${what}`) });
  }
}
