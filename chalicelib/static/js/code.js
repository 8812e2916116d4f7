/** The field for a one-time code: digits only, paste works, it sends itself when complete, and never the same code twice. */
import { clear, problem, reportAt } from './problems.js';
import { busy } from './dom.js';

const LENGTH = 6; // digits

/**
 * @param {HTMLFormElement} form with the field `code`
 * @param {(code: string) => Promise<unknown>} check rejects when the server refuses
 * @returns {() => void} empties the field
 */
export function codeField(form, check) {
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem('code'));
  const button = form.querySelector('[type="submit"]');
  let tried = '';

  async function send() {
    while (input.value.length === LENGTH && input.value !== tried) {
      tried = input.value;
      try {
        await check(tried);
        return;
      } catch (error) {
        if (input.value !== tried) continue; // another was typed meanwhile
        const found = problem(error);
        if (found.code !== 'wrong_code' && found.code !== 'code_spent') tried = '';
        const named = form.elements.namedItem(found.field ?? '');
        reportAt(form, named instanceof HTMLInputElement ? named : input, found);
        return;
      }
    }
  }

  input.addEventListener('input', () => {
    const digits = input.value.replace(/\D/g, '').slice(0, LENGTH);
    if (digits !== input.value) input.value = digits;
    if (digits.length === LENGTH) busy(button, send);
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (input.value.length === LENGTH) busy(button, send);
    else reportAt(form, input, { code: 'incomplete_code' });
  });
  return () => {
    clear(form);
    [input.value, tried] = ['', ''];
    input.focus();
  };
}
