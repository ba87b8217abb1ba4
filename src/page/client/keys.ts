import { linkOf, shownRows } from './rows.ts';

/**
 * Arrows walk through the rows, Home and End go to the first and the last, `/` goes to the filter, Backspace to the folder
 * above. Enter is the link's own. Nothing is taken from who writes, or holds a modifier.
 */
export function watchKeys(): void {
  document.addEventListener('keydown', event => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    if (document.querySelector('dialog[open]') !== null) return;
    const from = event.target instanceof Element ? event.target : document.body;
    const isFilter = from.matches('input[type=search]');
    if (isFilter && event.key !== 'ArrowDown') return;
    if (act(event.key, from)) event.preventDefault();
  });
}

function act(key: string, from: Element): boolean {
  switch (key) {
    case '/':
      document.querySelector<HTMLInputElement>('.filter:not([hidden]) input')?.focus();
      return true;
    case 'Backspace': {
      const above = document.querySelector<HTMLAnchorElement>('.above a');
      above?.click();
      return above !== null;
    }
    case 'ArrowDown':
    case 'ArrowUp':
    case 'ArrowLeft':
    case 'ArrowRight':
    case 'Home':
    case 'End':
      return move(key, from);
    default:
      return false;
  }
}

function move(key: string, from: Element): boolean {
  const rows = shownRows();
  const isGrid = document.body.classList.contains('grid');
  if (!isGrid && (key === 'ArrowLeft' || key === 'ArrowRight')) return false;
  const at = rows.findIndex(row => row.contains(from));
  const to = at === -1 && key !== 'End' ? 0 : targetOf(key, at, rows, isGrid);
  const link = linkOf(rows[Math.min(Math.max(to, 0), rows.length - 1)]);
  link?.focus();
  return link !== null;
}

function targetOf(key: string, at: number, rows: readonly HTMLElement[], isGrid: boolean): number {
  const columns = isGrid ? columnsOf(rows) : 1;
  switch (key) {
    case 'ArrowDown':
      // The last line of a grid may be short: whoever stands above its end goes to its end.
      return at + columns < rows.length || at >= rows.length - columns ? at + columns : rows.length - 1;
    case 'ArrowUp':
      return at - columns < 0 ? at : at - columns;
    case 'ArrowLeft':
      return at - 1;
    case 'ArrowRight':
      return at + 1;
    case 'Home':
      return 0;
    default:
      return rows.length - 1;
  }
}

function columnsOf(rows: readonly HTMLElement[]): number {
  const first = rows[0]?.getBoundingClientRect().top;
  const columns = rows.findIndex(row => row.getBoundingClientRect().top !== first);
  return columns === -1 ? rows.length : columns;
}
