/** Every row of the table that is there by now; a live list. */
const rows: HTMLCollectionOf<HTMLTableRowElement> = document.getElementsByTagName('tr');

/** The rows of members, in their order. */
export function memberRows(): readonly HTMLTableRowElement[] {
  return [...rows].filter(row => row.parentElement?.localName === 'tbody');
}

/** Those that the filter lets be seen. */
export function shownRows(): readonly HTMLTableRowElement[] {
  return memberRows().filter(row => !row.hidden);
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
