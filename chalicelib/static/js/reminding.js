/** Who has opened, who has not, and reminding those whom it may help. */
import { alive, tally, unreached, waiting } from './standing.js';
import { busy, fill, part } from './dom.js';
import { pageData, t } from './texts.js';
import { api } from './api.js';
import { moment } from './format.js';

const FEW = 5; // recipients; beyond that the way to the foot of the page is offered at their head

export class Reminding {
  /**
   * @param {HTMLElement} root
   * @param {{path: string, act: Act}} means
   */
  constructor(root, { path, act }) {
    this.root = root;
    this.button = part(root, 'remind', HTMLButtonElement);
    const remind = () => api.call('POST', `${path}/reminders`);
    const said = (/** @type {{reminded: number}} */ { reminded }) => t('transfer.live_reminded', { count: reminded });
    this.button.addEventListener('click', () => busy(this.button, () => act(remind, said)));
  }

  /** @param {Transfer} transfer */
  write(transfer) {
    const { recipients, reminders, next_reminder_at: next } = transfer;
    const { opened, never, total } = tally(transfer);
    const late = recipients.filter(waiting).length;
    const date = next && never ? t('transfer.live_next', { date: moment(next, pageData().language) }) : '';
    const expired = transfer.reason === 'expired' && never > 0;
    const standing = expired ? t('transfer.live_unopened', { count: never, total }) : t('transfer.live_opened', { opened, total });
    fill(this.root, {
      opened: transfer.sealed_at ? standing : '',
      waiting: late ? t('transfer.live_remind', { count: late }) : t(`transfer.live_nobody_${nobody(transfer)}`),
      next: reminders || !late ? date : t('transfer.live_by_hand'),
    });
    this.button.disabled = late === 0;
    part(this.root, 'jump').hidden = recipients.length <= FEW || !alive(transfer);
  }
}

/**
 * Why there is nobody to remind.
 * @param {Transfer} transfer
 */
function nobody({ recipients }) {
  if (recipients.some(unreached)) return 'reached';
  return recipients.some((one) => one.told_at !== null) ? 'left' : 'told';
}
