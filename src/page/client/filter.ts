import { linkOf, nameOf, rowGroups, say, shownRows } from './rows.ts';
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
  let shown = 0;
  let all = 0;
  for (const group of rowGroups()) {
    const matches = namesIn(group).map(name => words.every(word => name.includes(word)));
    const count = matches.filter(Boolean).length;
    all += matches.length;
    shown += count;
    // A group that is hidden as a whole costs one change, not one for each of its rows.
    group.hidden = count === 0;
    if (count === 0) continue;
    for (const [index, row] of [...group.rows].entries()) {
      const isHidden = matches[index] !== true;
      if (row.hidden !== isHidden) row.hidden = isHidden;
    }
  }
  say(words.length === 0 ? '' : clientWords.found(shown, all));
  const nothing = document.querySelector<HTMLElement>('.nothing') ?? addNothing();
  nothing.hidden = words.length === 0 || shown > 0;
}

const names = new WeakMap<HTMLTableSectionElement, readonly string[]>();

/** The names of a group's rows in lower case, read once: a group that is there is whole, but for the last one. */
function namesIn(group: HTMLTableSectionElement): readonly string[] {
  const known = names.get(group);
  if (known?.length === group.rows.length) return known;
  const read = [...group.rows].map(row => nameOf(row).toLowerCase());
  names.set(group, read);
  return read;
}

function addNothing(): HTMLElement {
  const words = document.createElement('p');
  words.className = 'empty nothing';
  words.textContent = clientWords.found(0, 0);
  document.querySelector('table')?.after(words);
  return words;
}
