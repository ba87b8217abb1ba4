import { say, shownRows } from './rows.ts';
import { clientWords } from './words.ts';

/** Characters of an address that every server takes: the request line of this one has 8 KiB. */
const addressMax = 7500;

/** Ticks: one for all that are shown, how many there are, and not more than an address can hold. */
export function watchPicks(): void {
  const form = document.querySelector<HTMLFormElement>('form.sheet');
  const all = form?.querySelector<HTMLInputElement>('thead input');
  if (!form || !all) return;
  all.hidden = false;
  all.setAttribute('aria-label', clientWords.selectAll);
  all.addEventListener('change', () => {
    for (const row of shownRows()) {
      const box = row.querySelector('input');
      if (box !== null) box.checked = all.checked;
    }
    tell(form, all);
  });
  form.addEventListener('change', event => {
    if (event.target !== all) tell(form, all);
  });
  // A folder that is ticked whole is asked for without a name.
  form.addEventListener('formdata', event => {
    if (all.checked && form.querySelector('tbody input:not(:checked)') === null)
      event.formData.delete('name');
  });
  // A browser that goes back keeps what was ticked.
  tell(form, all);
}

function tell(form: HTMLFormElement, all: HTMLInputElement): void {
  const boxes = [...form.querySelectorAll<HTMLInputElement>('tbody input')];
  const ticked = boxes.filter(box => box.checked);
  all.checked = ticked.length > 0 && ticked.length === boxes.length;
  all.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
  const query = new URLSearchParams(ticked.map(box => ['name', box.value]));
  const isTooLong = !all.checked && location.pathname.length + query.toString().length > addressMax;
  for (const button of form.querySelectorAll<HTMLButtonElement>('.archives button'))
    button.disabled = isTooLong;
  const hint = form.querySelector<HTMLElement>('.archives span');
  if (hint === null) return;
  hint.dataset.otherwise ??= hint.textContent ?? '';
  hint.textContent = isTooLong
    ? clientWords.tooMany
    : ticked.length === 0
      ? hint.dataset.otherwise
      : clientWords.selected(ticked.length);
  if (ticked.length > 0) say(hint.textContent);
}
