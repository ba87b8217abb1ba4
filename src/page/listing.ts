import { grouped, readableSize, sizeCell, timeCell } from './figures.ts';
import { icon, iconDrawings, type Look } from './icons.ts';
import { escapeText, pageBottom, pageTop, revealControls } from './shell.ts';
import { type Language, type Words, wordsOf } from './words.ts';

/** What members can be ordered by. */
export type SortKey = 'name' | 'size' | 'date';

/** A folder as a page shows it. Every `href` comes ready: percent-encoded and relative (`./`, `../`). */
export interface ListingView {
  readonly lang: Language;
  /** The way from the root to this folder, this folder last. The root has no label of its own. */
  readonly crumbs: readonly Crumb[];
  /** The folder above; none at the root. */
  readonly parentHref?: string;
  readonly shape: 'list' | 'grid';
  readonly shapeHrefs: Readonly<Record<'list' | 'grid', string>>;
  readonly sort: { readonly key: SortKey; readonly order: 'asc' | 'desc' };
  /** Where the folder is in the order that a click on a column asks for. */
  readonly sortHrefs: Readonly<Record<SortKey, string>>;
  /** The sheet and the script; without them the page is bare. */
  readonly files?: { readonly style: string; readonly script: string };
  /** Whether the folder, or what is ticked of it, can be had as an archive. */
  readonly hasArchives: boolean;
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
  readonly look: Look;
  /** Whether the grid shows the image itself. */
  readonly isThumbnail: boolean;
  /** Octets; not shown for a folder. */
  readonly size: number;
  /** Milliseconds since 1970; a value that no calendar holds shows as a dash. */
  readonly modifiedMs: number;
}

/** How much is in a folder. */
export interface Totals {
  readonly folders: number;
  readonly files: number;
  /** Octets of the files. */
  readonly octets: number;
}

/** What is known at the end of a page only. */
export interface ListingEnding {
  /** Whether the totals stand at the top already. */
  readonly areTotalsTold: boolean;
  /** Whether the folder holds too much for the order that was asked for. */
  readonly isUnsorted: boolean;
}

/** The totals of nothing. */
export const noTotals: Totals = { folders: 0, files: 0, octets: 0 };

/** Totals with some rows added. */
export function addTotals(totals: Totals, rows: readonly Pick<ListingRow, 'kind' | 'size'>[]): Totals {
  let { folders, files, octets } = totals;
  for (const { kind, size } of rows) {
    if (kind === 'folder') folders += 1;
    else {
      files += 1;
      octets += size;
    }
  }
  return { folders, files, octets };
}

/**
 * A folder's page down to its first row: where it is, what it holds if that is known yet, its tools and the head of its
 * table. `listingRows` follows any number of times, `listingBottom` once. A table with named columns for a screen reader,
 * two-line rows on a phone, cards in the grid; it works without script. No name of a file can become markup.
 */
export function listingTop(view: ListingView, totals: Totals | undefined): string {
  const words = wordsOf[view.lang];
  const labels = view.crumbs.slice(1).map(crumb => crumb.label);
  const head = pageTop({
    title: revealControls(
      `${words.folder.replace(/^\w/, letter => letter.toUpperCase())} /${labels.map(label => `${label}/`).join('')}`,
    ),
    lang: view.lang === 'zh' ? 'zh-Hans' : view.lang,
    // Of many groups of rows, those out of sight need not be laid out.
    classes: `listing ${view.shape}${totals === undefined ? ' many' : ''}`,
    head: headFiles(view),
  });
  return `${head}${iconDrawings}
<header>
${breadcrumbs(view, words)}<h1>${shown(labels.at(-1) ?? words.home)}</h1>
${totals === undefined ? '' : counts(totals, words)}</header>
<main>
${tools(view, words)}<form class="sheet" method="get" action="./">
${parentLink(view.parentHref, words)}${isEmpty(totals) ? '' : tableHead(view, words)}`;
}

/** Rows of the table, as a group of their own: of groups out of sight a browser need lay out nothing. */
export function listingRows(view: ListingView, rows: readonly ListingRow[]): string {
  if (rows.length === 0) return '';
  const words = wordsOf[view.lang];
  const markup = rows.map(row => tableRow(row, view, words)).join('\n');
  return `<tbody role="rowgroup">\n${markup}\n</tbody>\n`;
}

/** The end of the page. The totals are told here where they were not known at the top. */
export function listingBottom(
  view: ListingView,
  totals: Totals,
  { areTotalsTold, isUnsorted }: ListingEnding,
): string {
  const words = wordsOf[view.lang];
  const hasNothing = isEmpty(totals);
  return `${hasNothing && areTotalsTold ? '' : '</table>\n'}${hasNothing ? `<p class="empty">${words.empty}</p>\n` : ''}${view.hasArchives && !hasNothing ? archiveButtons(words) : ''}</form>
${areTotalsTold ? '' : counts(totals, words)}${isUnsorted ? `<p class="note">${words.tooManyToSort}</p>\n` : ''}</main>${pageBottom()}`;
}

function isEmpty(totals: Totals | undefined): boolean {
  return totals !== undefined && totals.files + totals.folders === 0;
}

function headFiles({ files }: ListingView): string {
  if (files === undefined) return '';
  const [style, script] = [escapeText(files.style), escapeText(files.script)];
  return `<link rel="stylesheet" href="${style}">\n<script type="module" async src="${script}"></script>`;
}

function breadcrumbs({ crumbs }: ListingView, words: Words): string {
  if (crumbs.length < 2) return '';
  const items = crumbs
    .slice(0, -1)
    .map(
      ({ label, href }, level) =>
        `<li><a href="${escapeText(href)}">${shown(level === 0 ? words.home : label)}</a></li>`,
    );
  return `<nav class="crumbs" aria-label="${words.foldersAbove}"><ol>${items.join('')}</ol></nav>\n`;
}

function counts(totals: Totals, words: Words): string {
  const { folders, files, octets } = totals;
  const parts: string[] = [];
  if (folders > 0) parts.push(words.folders(folders, grouped(folders)));
  if (files > 0) parts.push(words.files(files, grouped(files)), readableSize(octets));
  return parts.length === 0 ? '' : `<p class="counts">${parts.join(words.comma)}</p>\n`;
}

/** The filter needs the script, which shows it. */
function tools({ shape, shapeHrefs }: ListingView, words: Words): string {
  const link = (name: 'list' | 'grid'): string =>
    `<a href="${escapeText(shapeHrefs[name])}"${name === shape ? ' aria-current="true"' : ''}>${icon(name)}<span>${words[name]}</span></a>`;
  return `<div class="tools">
<label class="filter" hidden>${icon('search')}<span class="unseen">${words.filter}</span><input type="search" placeholder="${words.filter}" autocomplete="off" spellcheck="false" aria-keyshortcuts="/"></label>
<nav class="shapes" aria-label="${words.view}">${link('list')}${link('grid')}</nav>
</div>
<p class="unseen" role="status"></p>
`;
}

function parentLink(href: string | undefined, words: Words): string {
  if (href === undefined) return '';
  return `<div class="above"><a class="go" href="${escapeText(href)}">${icon('up')}<span class="name">${words.parent}</span></a></div>\n`;
}

// The roles say again what the elements are: laid out as grids, some browsers forget that there was a table.
function tableHead(view: ListingView, words: Words): string {
  const column = (key: SortKey, label: string): string => {
    const isSorted = view.sort.key === key;
    const direction = view.sort.order === 'asc' ? 'ascending' : 'descending';
    const state = isSorted ? ` aria-sort="${direction}"` : '';
    return `<th role="columnheader" scope="col" class="${key === 'name' ? 'names' : key}"${state}><a href="${escapeText(view.sortHrefs[key])}">${label}</a></th>`;
  };
  const pick = view.hasArchives
    ? `<td role="cell" class="pick"><input type="checkbox" hidden aria-label="${words.select}"></td>`
    : '';
  const modified = `${words.modified} <span title="${words.utc}">(UTC)</span>`;
  return `<table role="table"${view.hasArchives ? ' class="picks"' : ''}>
<caption class="unseen">${words.table}</caption>
<thead role="rowgroup"><tr role="row">${pick}${column('name', words.name)}${column('size', words.size)}${column('date', modified)}</tr></thead>
`;
}

function tableRow(row: ListingRow, { shape, hasArchives }: ListingView, words: Words): string {
  const { name, href, kind, look, size, modifiedMs } = row;
  const label = shown(name);
  const link = escapeText(href);
  const ending = kind === 'folder' ? `/<span class="unseen"> (${words.folder})</span>` : '';
  // An image in its own size: the browser asks for it when it comes into sight.
  const picture =
    shape === 'grid' && row.isThumbnail
      ? `<img class="image" src="${link}" alt="" loading="lazy" decoding="async" width="176" height="132">`
      : icon(look);
  const pick = hasArchives
    ? `<td role="cell" class="pick"><input type="checkbox" name="name" value="${escapeText(name)}" aria-label="${words.select} ${escapeText(revealControls(name))}"></td>`
    : '';
  return `<tr role="row">${pick}<th role="rowheader" scope="row"><a class="go" href="${link}">${picture}<span>${label}${ending}</span></a></th><td role="cell" class="size">${kind === 'folder' ? '' : sizeCell(size, words)}</td><td role="cell" class="date">${timeCell(modifiedMs)}</td></tr>`;
}

function archiveButtons(words: Words): string {
  const button = (form: string): string =>
    `<button name="download" value="${form}">${icon('down')}${form}</button>`;
  return `<div class="archives" role="group" aria-label="${words.download}"><span>${words.downloadHint}</span> ${button('zip')}${button('tar')}</div>\n`;
}

function shown(name: string): string {
  return `<bdi class="name">${escapeText(revealControls(name))}</bdi>`;
}
