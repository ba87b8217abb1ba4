import { linkOf, memberRows, nameOf, say, shownRows } from './rows.ts';
import { clientWords } from './words.ts';

/** Shows the filter, and hides what does not match it: every word has to stand in the name, in any case. */
export function watchFilter(): void {
  const label = document.querySelector<HTMLElement>('.filter');
  const input = label?.querySelector('input');
  if (!label || !input || document.querySelector('table') === null) return;
  label.hidden = false;
  let due = 0;
  const soon = (): void => {
    cancelAnimationFrame(due);
    due = requestAnimationFrame(() => apply(input.value));
  };
  input.addEventListener('input', soon);
  input.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      input.value = '';
      soon();
    } else if (event.key === 'Enter') linkOf(shownRows()[0])?.click();
    else return;
    event.preventDefault();
  });
  // A browser that goes back may have kept what stood there; rows may come while it already does.
  if (input.value !== '') soon();
  if (document.readyState === 'loading') {
    const table = document.querySelector('table');
    const observer = new MutationObserver(() => {
      if (input.value !== '') soon();
    });
    if (table !== null) observer.observe(table, { childList: true });
    document.addEventListener('DOMContentLoaded', () => observer.disconnect());
  }
}

function apply(text: string): void {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '');
  const rows = memberRows();
  let shown = 0;
  for (const row of rows) {
    const name = nameOf(row).toLowerCase();
    const isShown = words.every(word => name.includes(word));
    if (isShown) shown += 1;
    if (row.hidden === isShown) row.hidden = !isShown;
  }
  for (const group of document.querySelectorAll('tbody'))
    group.hidden = group.querySelector('tr:not([hidden])') === null;
  const said = words.length === 0 ? '' : clientWords.found(shown, rows.length);
  say(said);
  const nothing = document.querySelector<HTMLElement>('.nothing') ?? addNothing();
  nothing.hidden = words.length === 0 || shown > 0;
}

function addNothing(): HTMLElement {
  const words = document.createElement('p');
  words.className = 'empty nothing';
  words.textContent = clientWords.found(0, 0);
  document.querySelector('table')?.after(words);
  return words;
}
