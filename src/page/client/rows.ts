const groups = document.getElementsByTagName('tbody');

/** The groups of rows that are there by now. */
export function rowGroups(): readonly HTMLTableSectionElement[] {
  return [...groups].filter(group => group.closest('form.sheet') !== null);
}

/** The rows that the filter lets be seen, in their order. */
export function shownRows(): readonly HTMLTableRowElement[] {
  return rowGroups()
    .filter(group => !group.hidden)
    .flatMap(group => [...group.rows].filter(row => !row.hidden));
}

/** The link that a row is. */
export function linkOf(row: Element | null | undefined): HTMLAnchorElement | null {
  return row?.querySelector<HTMLAnchorElement>('a.go') ?? null;
}

/** The name that a row shows. */
export function nameOf(row: Element): string {
  return row.querySelector('.name')?.textContent ?? '';
}

/** Tells a screen reader something that the eye sees by itself. */
export function say(words: string): void {
  const status = document.querySelector('[role=status]');
  if (status !== null && status.textContent !== words) status.textContent = words;
}
