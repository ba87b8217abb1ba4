import { escapeText, page, revealControls } from './shell.ts';

/** A folder as a page shows it. Every `href` comes ready: percent-encoded and relative (`./`, `../`). */
export interface ListingView {
  /** The way from the root to this folder, this folder last; at least one. */
  readonly crumbs: readonly Crumb[];
  /** The folder above; none at the root. */
  readonly parentHref?: string;
  /** In the order in which they are to be shown. */
  readonly rows: readonly ListingRow[];
}

/** One folder on the way from the root. */
interface Crumb {
  readonly label: string;
  readonly href: string;
}

/** One member of the folder. */
export interface ListingRow {
  readonly name: string;
  readonly href: string;
  readonly kind: 'file' | 'folder';
  /** Octets; not shown for a folder. */
  readonly size: number;
  /** Milliseconds since 1970; a value that no calendar holds shows as a dash. */
  readonly modifiedMs: number;
}

/**
 * A folder's page: where it is, what is in it, each row one link. A table with named columns for a screen
 * reader, two-line rows on a phone; works without script. No name of a file can become markup.
 */
export function listingPage(view: ListingView): string {
  const labels = view.crumbs.map(crumb => crumb.label);
  const path = labels.slice(1).map(label => `${label}/`);
  return page({
    title: revealControls(`Folder /${path.join('')}`),
    lang: 'en',
    kind: 'listing',
    body: `${icons}
<header>
${breadcrumbs(view.crumbs)}<h1>${shown(labels.at(-1) ?? '/')}</h1>
${counts(view.rows)}</header>
<main>
<div class="sheet">
${parentLink(view.parentHref)}${view.rows.length === 0 ? emptyFolder : table(view.rows)}
</div>
</main>`,
  });
}

/**
 * A size in the largest binary unit that leaves at least one, in three figures: `812 B`, `1.5 KiB`, `20 MiB`.
 * A dash for what is no size.
 */
export function readableSize(octets: number): string {
  if (!(octets >= 0 && octets < Number.POSITIVE_INFINITY)) return dash;
  let unit = 0;
  let amount = octets;
  // 1023.5 KiB would round to 1024 KiB; it is shown as 1.0 MiB.
  while (amount >= 1023.5 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${unit > 0 && amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${units[unit]}`;
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const dash = '–';
const emptyFolder = '<p class="empty">This folder is empty.</p>';

// Drawn once, used by every row.
const icons = `<svg class="unseen" aria-hidden="true"><symbol id="folder" viewBox="0 0 20 20"><path fill="currentColor" d="M1.5 4.5a1.5 1.5 0 0 1 1.5-1.5h4.2l2 2.2H17a1.5 1.5 0 0 1 1.5 1.5v8.8A1.5 1.5 0 0 1 17 17H3a1.5 1.5 0 0 1-1.5-1.5z"/></symbol><symbol id="file" viewBox="0 0 20 20"><path fill="none" stroke="currentColor" stroke-width="1.4" stroke-linejoin="round" d="M4.2 2.2h7.3l4.3 4.3v11.3H4.2zM11.3 2.4v4.3h4.3"/></symbol><symbol id="up" viewBox="0 0 20 20"><path fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" d="M10 16.5v-12M5 9l5-5 5 5"/></symbol></svg>`;

function breadcrumbs(crumbs: readonly Crumb[]): string {
  if (crumbs.length < 2) return '';
  const items = crumbs
    .slice(0, -1)
    .map(({ label, href }) => `<li><a href="${escapeText(href)}">${shown(label)}</a></li>`);
  return `<nav class="crumbs" aria-label="Folders above"><ol>${items.join('')}</ol></nav>\n`;
}

function parentLink(href: string | undefined): string {
  if (href === undefined) return '';
  return `<div class="above"><a class="go" href="${escapeText(href)}">${icon('up')}<span class="name">Parent folder</span></a></div>\n`;
}

// The roles say again what the elements are: a phone's layout turns rows into grids, and some browsers then
// forget that there was a table.
function table(rows: readonly ListingRow[]): string {
  return `<table role="table">
<caption class="unseen">Folders and files</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Name</th><th role="columnheader" scope="col" class="size">Size</th><th role="columnheader" scope="col" class="date">Modified <span title="Coordinated Universal Time">(UTC)</span></th></tr></thead>
<tbody role="rowgroup">
${rows.map(tableRow).join('\n')}
</tbody>
</table>`;
}

function tableRow({ name, href, kind, size, modifiedMs }: ListingRow): string {
  const ending = kind === 'folder' ? '/<span class="unseen"> (folder)</span>' : '';
  return `<tr role="row"><th role="rowheader" scope="row"><a class="go" href="${escapeText(href)}">${icon(kind)}<span>${shown(name)}${ending}</span></a></th><td role="cell" class="size">${kind === 'folder' ? '' : sizeCell(size)}</td><td role="cell" class="date">${dateCell(modifiedMs)}</td></tr>`;
}

function icon(id: 'folder' | 'file' | 'up'): string {
  return `<svg class="${id}" aria-hidden="true"><use href="#${id}"/></svg>`;
}

function shown(name: string): string {
  return `<bdi class="name">${escapeText(revealControls(name))}</bdi>`;
}

function sizeCell(octets: number): string {
  const readable = readableSize(octets);
  return readable === dash
    ? dash
    : `<data value="${octets}" title="${grouped(octets)} bytes">${readable}</data>`;
}

function dateCell(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return dash;
  // The five-figure years of ISO 8601 have a sign, those of HTML have none; neither has HTML years before 1.
  const iso = date
    .toISOString()
    .replace(/^\+0*/, '')
    .replace(/\.\d+Z$/, 'Z');
  const readable = iso.replace(/T(\d\d:\d\d).*$/, ' $1');
  return iso.startsWith('-') || iso.startsWith('0000')
    ? readable
    : `<time datetime="${iso}" title="${iso}">${readable}</time>`;
}

function counts(rows: readonly ListingRow[]): string {
  if (rows.length === 0) return '';
  const files = rows.filter(row => row.kind === 'file');
  const folderCount = rows.length - files.length;
  const parts: string[] = [];
  if (folderCount > 0) parts.push(`${grouped(folderCount)} ${folderCount === 1 ? 'folder' : 'folders'}`);
  if (files.length > 0) {
    const octets = files.reduce((sum, file) => sum + file.size, 0);
    parts.push(`${grouped(files.length)} ${files.length === 1 ? 'file' : 'files'}`, readableSize(octets));
  }
  return `<p class="counts">${parts.join(', ')}</p>\n`;
}

// Thousands apart, whatever the machine's locale.
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
