import { formatPath, formatSegment } from '../http/target.ts';
import { type ListingRow, listingPage } from '../page/listing.ts';
import type { Member } from '../store/store.ts';

/**
 * The listing of a folder as JSON, for `Accept: application/json`. `path` and `href` are percent-encoded, names
 * are as the store has them; each `href` is relative to the folder's own URL. Folders have no size.
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

/** The media types in which a listing can be had. */
export type ListingMediaType = 'text/html' | 'application/json';

/**
 * What a folder without an index answers: its members as a page or as JSON (UTF-8), folders first, each kind
 * in natural order (`file 9` before `file 10`). `segments` are the folder's decoded path segments.
 */
export function listingContent(
  segments: readonly string[],
  members: readonly Member[],
  mediaType: ListingMediaType,
): Uint8Array {
  const rows = [...members].sort(compareMembers).map(toRow);
  const text = mediaType === 'application/json' ? asJson(segments, rows) : asPage(segments, rows);
  return Buffer.from(text);
}

function asPage(segments: readonly string[], rows: readonly ListingRow[]): string {
  const depth = segments.length;
  const crumbs = ['Home', ...segments].map((label, level) => ({ label, href: upwards(depth - level) }));
  return listingPage({ crumbs, rows, ...(depth > 0 && { parentHref: '../' }) });
}

function asJson(segments: readonly string[], rows: readonly ListingRow[]): string {
  const entries = rows.map(
    ({ name, kind, href, size, modifiedMs }): JsonEntry => ({
      name,
      kind,
      href,
      size: kind === 'file' ? size : null,
      modified: isoTime(modifiedMs),
    }),
  );
  return `${JSON.stringify({ path: formatPath(segments, true), entries } satisfies JsonListing, null, 2)}\n`;
}

// Relative links stay right behind a proxy that mounts the site below a prefix, and `./` keeps a name like
// `javascript:x` or `//host` from being read as a scheme or an authority (RFC 3986 §4.2).
function toRow({ name, kind, size, modifiedMs }: Member): ListingRow {
  return { name, kind, size, modifiedMs, href: `./${formatSegment(name)}${kind === 'folder' ? '/' : ''}` };
}

function upwards(levels: number): string {
  return levels === 0 ? './' : '../'.repeat(levels);
}

function isoTime(ms: number): string | null {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

// Made at the first listing: a collator costs milliseconds of start-up. The language is fixed, so that the
// order does not depend on the machine; names that it holds for equal are told apart by code unit.
let collator: Intl.Collator | undefined;

function compareMembers(one: Member, other: Member): number {
  if (one.kind !== other.kind) return one.kind === 'folder' ? -1 : 1;
  collator ??= new Intl.Collator('en', { numeric: true });
  return collator.compare(one.name, other.name) || (one.name < other.name ? -1 : 1);
}
