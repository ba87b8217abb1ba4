import { mediaTypeOf } from '../http/media-type.ts';
import { formatPath, formatSegment } from '../http/target.ts';
import { readableSize, readableTime } from '../page/figures.ts';
import type { Look } from '../page/icons.ts';
import {
  type ListingEnding,
  type ListingRow,
  type ListingView,
  listingBottom,
  listingRows,
  listingTop,
  type Totals,
} from '../page/listing.ts';
import { type OwnFiles, ownFolder } from '../page/own-files.ts';
import { revealControls } from '../page/shell.ts';
import type { Language } from '../page/words.ts';
import type { Member } from '../store/store.ts';
import { formatListingState, type ListingState, sortedBy } from './listing-query.ts';

/**
 * The listing of a folder as JSON, for `Accept: application/json`. `path` and `href` are percent-encoded, names
 * are as the store has them; each `href` is relative to the folder's own URL. Folders have no size. As
 * `application/x-ndjson` each entry stands on a line of its own.
 * @internal
 */
export interface JsonListing {
  /** The folder's path below the root: `/docs/api/`. */
  readonly path: string;
  readonly entries: readonly JsonEntry[];
}

/** One member of a folder in JSON. */
interface JsonEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Relative to the folder: `./a%20b.txt`; a folder's ends in a slash. */
  readonly href: string;
  /** Octets of a file, null for a folder. */
  readonly size: number | null;
  /** ISO 8601 in UTC with milliseconds, or null where no calendar holds the time. */
  readonly modified: string | null;
}

/** The media types in which a listing can be had, the one for who takes anything first. */
export const listingMediaTypes = [
  'text/html',
  'application/json',
  'application/x-ndjson',
  'text/plain',
] as const;

/** One of them. */
export type ListingMediaType = (typeof listingMediaTypes)[number];

/** A folder and how it is to be shown. */
export interface Folder {
  /** Its decoded path segments. */
  readonly segments: readonly string[];
  /** How many of them lead to the top of the site; none by default. */
  readonly baseDepth?: number;
  readonly state: ListingState;
  readonly lang: Language;
  /** The sheet and script of the page, if there are any. */
  readonly own: Pick<OwnFiles, 'style' | 'script'> | undefined;
  readonly hasArchives: boolean;
}

/** A listing in one media type, to be written from its top to its bottom with any number of parts between. */
export interface ListingForm {
  /** `totals` are of all members, where they are known already. */
  top(totals: Totals | undefined): string;
  /** Members in their order. */
  part(members: readonly Member[], isFirst: boolean): string;
  bottom(totals: Totals, ending: ListingEnding): string;
}

/** The form that a listing has in a media type (UTF-8). */
export function listingForm(mediaType: ListingMediaType, folder: Folder): ListingForm {
  switch (mediaType) {
    case 'text/html':
      return pageForm(viewOf(folder));
    case 'application/json':
      return jsonForm(folder.segments);
    case 'application/x-ndjson':
      return linesForm(member => `${JSON.stringify(toEntry(member))}\n`);
    case 'text/plain':
      return linesForm(toLine);
  }
}

function pageForm(view: ListingView): ListingForm {
  const query = formatListingState(view);
  return {
    top: totals => listingTop(view, totals),
    part: members =>
      listingRows(
        view,
        members.map(member => toRow(member, query)),
      ),
    bottom: (totals, ending) => listingBottom(view, totals, ending),
  };
}

function jsonForm(segments: readonly string[]): ListingForm {
  return {
    top: () => `{\n  "path": ${JSON.stringify(formatPath(segments, true))},\n  "entries": [`,
    part: (members, isFirst) =>
      members
        .map((member, index) => `${isFirst && index === 0 ? '' : ','}\n    ${spaced(toEntry(member))}`)
        .join(''),
    bottom: ({ folders, files }) => `${folders + files === 0 ? '' : '\n  '}]\n}\n`,
  };
}

function linesForm(line: (member: Member) => string): ListingForm {
  return { top: () => '', part: members => members.map(line).join(''), bottom: () => '' };
}

/** One entry on one line. A line feed in a name is escaped, so that what is replaced is white space between tokens. */
function spaced(entry: JsonEntry): string {
  return JSON.stringify(entry, null, 1).replace(/\n */g, ' ');
}

function toEntry({ name, kind, size, modifiedMs }: Member): JsonEntry {
  const date = new Date(modifiedMs);
  return {
    name,
    kind,
    href: hrefOf(name, kind),
    size: kind === 'file' ? size : null,
    modified: Number.isNaN(date.getTime()) ? null : date.toISOString(),
  };
}

/** `2026-11-22 12:05   1.5 KiB  name`, for a terminal; a folder's name ends in a slash. */
function toLine({ name, kind, size, modifiedMs }: Member): string {
  const readable = kind === 'folder' ? '' : readableSize(size);
  return `${readableTime(modifiedMs).padEnd(16)}  ${readable.padStart(8)}  ${revealControls(name)}${kind === 'folder' ? '/' : ''}\n`;
}

function viewOf({ segments, baseDepth = 0, state, lang, own, hasArchives }: Folder): ListingView {
  const names = segments.slice(baseDepth);
  const depth = names.length;
  const query = formatListingState(state);
  const to = (other: ListingState): string => `./${formatListingState(other)}`;
  const ownHref = (name: string): string => `${upwards(depth)}${ownFolder}/${name}`;
  return {
    lang,
    crumbs: ['', ...names].map((label, level) => ({ label, href: `${upwards(depth - level)}${query}` })),
    ...(depth > 0 && { parentHref: `../${query}` }),
    shape: state.shape,
    shapeHrefs: { list: to({ ...state, shape: 'list' }), grid: to({ ...state, shape: 'grid' }) },
    sort: state.sort,
    sortHrefs: {
      name: to(sortedBy(state, 'name')),
      size: to(sortedBy(state, 'size')),
      date: to(sortedBy(state, 'date')),
    },
    ...(own !== undefined && { files: { style: ownHref(own.style), script: ownHref(own.script) } }),
    hasArchives,
  };
}

function toRow({ name, kind, size, modifiedMs }: Member, query: string): ListingRow {
  const look = kind === 'folder' ? 'folder' : lookOf(name);
  const href = hrefOf(name, kind);
  return {
    name,
    kind,
    look,
    size,
    modifiedMs,
    href: kind === 'folder' ? href + query : href,
    isThumbnail: look === 'image' && size <= thumbnailBytesMax && thumbnails.has(essenceOf(name)),
  };
}

// Relative links stay right behind a proxy that mounts the site below a prefix, and `./` keeps a name like
// `javascript:x` or `//host` from being read as a scheme or an authority (RFC 3986 §4.2).
function hrefOf(name: string, kind: Member['kind']): string {
  return `./${formatSegment(name)}${kind === 'folder' ? '/' : ''}`;
}

function upwards(levels: number): string {
  return levels === 0 ? './' : '../'.repeat(levels);
}

/** Octets of an image that the grid shows as it is. */
const thumbnailBytesMax = 4 * 1024 * 1024;

/** What browsers show as an image. */
const thumbnails: ReadonlySet<string> = new Set(
  ['jpeg', 'png', 'gif', 'webp', 'avif', 'svg+xml', 'bmp', 'x-icon', 'vnd.microsoft.icon'].map(
    name => `image/${name}`,
  ),
);

/** The media type of a file of this name, without its parameters. */
function essenceOf(name: string): string {
  return mediaTypeOf(name).replace(/;.*$/, '');
}

function lookOf(name: string): Look {
  if (codeNames.test(name)) return 'code';
  const mediaType = essenceOf(name);
  const known = looks.get(mediaType);
  if (known !== undefined) return known;
  const kind = mediaType.split('/')[0];
  switch (kind) {
    case 'image':
    case 'audio':
    case 'video':
    case 'font':
      return kind;
    case 'text':
      return plainTexts.has(mediaType) ? 'text' : 'code';
    default:
      if (/(?:json|xml|yaml|toml|javascript|typescript|sql|x-sh|php)$/.test(mediaType)) return 'code';
      if (/(?:zip|tar|compressed|archive|gzip|bzip2?|xz|zstd)$/.test(mediaType)) return 'archive';
      return 'file';
  }
}

const looks: ReadonlyMap<string, Look> = new Map([
  ['application/pdf', 'pdf'],
  ['text/html', 'page'],
  ['application/xhtml+xml', 'page'],
  ['text/markdown', 'markdown'],
  ['application/java-archive', 'archive'],
]);
const plainTexts: ReadonlySet<string> = new Set(['text/plain', 'text/csv', 'text/vtt', 'text/rtf']);

/** Sources that no media type of their own tells of. */
const codeNames =
  /\.(?:[cm]?tsx?|jsx|vue|svelte|py|rb|rs|go|java|kt|swift|c|h|cc|cpp|hpp|cs|php|sh|bash|zsh|fish|lua|pl|r|sql|ya?ml|toml|ini|conf|cfg|graphql|proto|scss|sass|less|diff|patch)$|^(?:Dockerfile|Makefile)$/i;
