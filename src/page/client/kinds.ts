/** What can be looked at without leaving the folder, by the icon that stands for it. */
const shownHere: ReadonlySet<string> = new Set([
  'image',
  'audio',
  'video',
  'pdf',
  'markdown',
  'text',
  'code',
]);

/** What a row is, by its icon. */
export function lookOf(row: Element): string {
  return row.querySelector('.go > svg, .go > img')?.classList[0] ?? '';
}

/** Whether a row has a preview. */
export function hasPreview(row: Element): boolean {
  return shownHere.has(lookOf(row));
}
