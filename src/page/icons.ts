/** What a member of a folder looks like. */
export type Look =
  | 'folder'
  | 'image'
  | 'audio'
  | 'video'
  | 'pdf'
  | 'markdown'
  | 'text'
  | 'code'
  | 'page'
  | 'archive'
  | 'font'
  | 'file';

/** What else has an icon. */
type Sign = 'up' | 'list' | 'grid' | 'down' | 'search';

/** An icon as markup; the words beside it say what it means. */
export function icon(name: Look | Sign): string {
  return `<svg class="${name}" aria-hidden="true"><use href="#${name}"/></svg>`;
}

const sheet = 'M4.2 2.2h7.3l4.3 4.3v11.3H4.2zM11.3 2.4v4.3h4.3';

/** Line drawings on a field of 20 by 20. */
const drawings: Readonly<Record<Look | Sign, string>> = {
  folder:
    '<path fill="currentColor" stroke="none" d="M1.5 4.5A1.5 1.5 0 0 1 3 3h4.2l2 2.2H17a1.5 1.5 0 0 1 1.5 1.5v8.8A1.5 1.5 0 0 1 17 17H3a1.5 1.5 0 0 1-1.5-1.5z"/>',
  image:
    '<path d="M2.5 3.5h15v13h-15z"/><circle cx="7" cy="7.7" r="1.6"/><path d="m3 15 4.2-4 2.6 2.3L13.5 9l4 4.5"/>',
  audio: '<path d="M7 15V4.5l9-1.7v10.7"/><circle cx="5" cy="15" r="2"/><circle cx="14" cy="13.5" r="2"/>',
  video: '<path d="M2.5 4h15v12h-15z"/><path fill="currentColor" d="m8.4 7.2 4.6 2.8-4.6 2.8z"/>',
  pdf: `<path d="${sheet}"/><path d="M7 15.2c2-1 3.6-3.7 3.4-5.7-.1-1-1.2-1-1.2 0 .1 2 2 4 4 4.2"/>`,
  markdown: '<path d="M2 5h16v10H2zM4.8 12.5v-5l2.2 2.6 2.2-2.6v5M13.5 7.5v4.8M11.7 10.6l1.8 1.9 1.8-1.9"/>',
  text: `<path d="${sheet}M6.7 10h6.6M6.7 12.5h6.6M6.7 15h4"/>`,
  code: '<path d="m6.5 5.5-4.3 4.5 4.3 4.5M13.5 5.5l4.3 4.5-4.3 4.5M11.3 4l-2.6 12"/>',
  page: '<circle cx="10" cy="10" r="7.5"/><path d="M2.5 10h15M10 2.5c-5 5-5 10 0 15M10 2.5c5 5 5 10 0 15"/>',
  archive: '<path d="M2.5 3h15v3.7h-15zM3.7 6.7h12.6V17H3.7zM8 10h4"/>',
  font: '<path d="M3 16.5 8.6 3.5h.8L15 16.5M5 12h8M1.8 16.5h3M13 16.5h4.5"/>',
  file: `<path d="${sheet}"/>`,
  up: '<path d="M10 16.5v-12M5 9l5-5 5 5"/>',
  list: '<path d="M7 5h10.5M7 10h10.5M7 15h10.5M3 5h.5M3 10h.5M3 15h.5"/>',
  grid: '<path d="M3 3h5.5v5.5H3zM11.5 3H17v5.5h-5.5zM3 11.5h5.5V17H3zM11.5 11.5H17V17h-5.5z"/>',
  down: '<path d="M10 3v10M5.5 9l4.5 4.5L14.5 9M3.5 17h13"/>',
  search: '<circle cx="8.5" cy="8.5" r="5.5"/><path d="m12.7 12.7 4.8 4.8"/>',
};

/** Every drawing, once for a document: the icons refer to them. */
export const iconDrawings: string = `<svg class="unseen" aria-hidden="true">${Object.entries(drawings)
  .map(([name, drawing]) => `<symbol id="${name}" viewBox="0 0 20 20">${drawing}</symbol>`)
  .join('')}</svg>`;
