/** The recipients of one transfer: a card each, kept in place while one of them is being corrected. */
import { copy, fill, part, parts } from './dom.js';
import { finished, ordered, standing, timeline, troubled } from './timeline.js';
import { moment, phone } from './format.js';
import { pageData, t } from './texts.js';
import { alive } from './standing.js';
import { correction } from './correcting.js';

const FEW = 5; // recipients; beyond that every history is folded, but where there is trouble

export class People {
  #cards = /** @type {Map<string, HTMLElement>} */ (new Map());
  #folded = /** @type {Map<string, boolean>} */ (new Map());
  #transfer = /** @type {Transfer | null} */ (null);
  #open = /** @type {HTMLFormElement | null} */ (null);

  /**
   * @param {HTMLElement} root
   * @param {{path: string, act: Act, revoke: (one: Followed) => void}} means
   */
  constructor(root, means) {
    this.root = root;
    this.list = part(root, 'people');
    this.means = means;
  }

  /** @param {Transfer} transfer */
  write(transfer) {
    this.#transfer = transfer;
    if (!alive(transfer)) this.#close();
    const cards = ordered(transfer).map((one) => this.#card(transfer, one));
    this.list.classList.toggle('people--many', cards.length > FEW);
    if (!this.#open && cards.some((card, n) => card !== this.list.children[n])) this.list.replaceChildren(...cards);
  }

  /**
   * @param {Transfer} transfer
   * @param {Followed} one
   */
  #card(transfer, one) {
    let card = this.#cards.get(one.recipient);
    if (!card) {
      card = copy(this.root, 'person');
      this.#cards.set(one.recipient, card);
      for (const button of parts(card, 'correct')) button.addEventListener('click', () => this.#correct(one.recipient));
      part(card, 'revoke-one').addEventListener('click', () => this.means.revoke(this.#one(one.recipient)));
    }
    this.#write(card, transfer, one);
    return card;
  }

  /**
   * @param {HTMLElement} card
   * @param {Transfer} transfer
   * @param {Followed} one
   */
  #write(card, transfer, one) {
    const { name, email, mobile } = one;
    const [live, trouble] = [alive(transfer) && one.revoked_at === null, troubled(transfer, one)];
    fill(card, { name, address: [email, phone(mobile ?? '')].filter(Boolean).join(', ') });
    part(card, 'standby').hidden = !one.standby;
    part(card, 'shared').hidden = !one.shared;
    part(card, 'spoken').hidden = one.phrase === null || finished(transfer, one);
    fill(card, { phrase: one.phrase ?? '' });
    part(card, 'trouble').hidden = !trouble;
    part(card, 'bounced').hidden = one.bounced_at === null;
    part(card, 'complained').hidden = one.bounced_at !== null;
    const [plain, urgent] = parts(card, 'correct');
    plain.hidden = !live || trouble || one.opened_at !== null;
    for (const button of [plain, urgent]) button.setAttribute('aria-label', t('transfer.live_correct_named', { name }));
    const revoke = part(card, 'revoke-one');
    revoke.hidden = !live || transfer.recipients.length < 2;
    revoke.setAttribute('aria-label', t('transfer.live_revoke_one', { name }));
    const events = this.#tell(card, transfer, one);
    this.#fold(card, one, events.length > 1 && !trouble && (finished(transfer, one) || transfer.recipients.length > FEW));
  }

  /**
   * Write the history, and how it stands now.
   * @param {HTMLElement} card
   * @param {Transfer} transfer
   * @param {Followed} one
   */
  #tell(card, transfer, one) {
    const events = timeline(transfer, one);
    const lines = events.map(({ key, at, tone, count, name = '' }) => {
      const line = copy(this.root, 'event');
      const what = t(`transfer.live_event_${key}`, { count, name, files: transfer.files });
      fill(line, { what, when: at ? moment(at, pageData().language) : '' });
      line.classList.add(`timeline__event--${tone}`);
      return line;
    });
    const now = standing(events);
    const line = lines[events.findIndex((event) => event === now)];
    part(card, 'timeline').replaceChildren(...lines);
    part(card, 'now').className = `story__now story__now--${now?.tone}`;
    if (line) fill(card, { words: part(line, 'what').textContent ?? '', since: part(line, 'when').textContent ?? '' });
    return events;
  }

  /**
   * Fold a history or lay it open, when that changes; what the reader chose meanwhile stays.
   * @param {HTMLElement} card
   * @param {Followed} one
   * @param {boolean} fold
   */
  #fold(card, { recipient }, fold) {
    if (this.#folded.get(recipient) === fold) return;
    this.#folded.set(recipient, fold);
    const story = part(card, 'story', HTMLDetailsElement);
    story.open = !fold;
    story.classList.toggle('story--plain', !fold);
  }

  /** @param {string} id */
  #one(id) {
    return /** @type {Followed} */ (this.#transfer?.recipients.find(({ recipient }) => recipient === id));
  }

  /** @param {string} id */
  #correct(id) {
    this.#close();
    const [card, one] = [/** @type {HTMLElement} */ (this.#cards.get(id)), this.#one(id)];
    const told = one.told_at !== null || !one.standby;
    this.#open = correction(this.root, one, told, { ...this.means, close: () => this.#close() });
    part(card, 'story').before(this.#open);
    card.classList.add('person--open');
    /** @type {HTMLInputElement} */ (this.#open.elements.namedItem('email')).focus();
  }

  #close() {
    const card = this.#open?.parentElement;
    this.#open?.remove();
    this.#open = null;
    card?.classList.remove('person--open');
    if (card) parts(card, 'correct').find((button) => button.checkVisibility())?.focus();
  }
}
