import { type ArchiveEntry, type ArchiveForm, archiveLength } from '../archive/archive.ts';
import { tar } from '../archive/tar.ts';
import { zip } from '../archive/zip.ts';
import { formatAttachment } from '../http/disposition.ts';
import { type Content, type FieldLine, type StoredFile, StreamFailure } from '../http/message.ts';
import { pathTo } from '../http/target.ts';
import type { Member, OpenFile, Store } from '../store/store.ts';
import { nameOf } from './candidates.ts';
import { scanFolder } from './folder.ts';
import { comparison } from './order.ts';
import { lookUp } from './resolve.ts';
import type { Archives, Site } from './site.ts';

/** What goes into an archive. */
export interface ArchiveWish {
  readonly form: 'zip' | 'tar';
  /** Of these members of the folder; of all when there is none. */
  readonly names: readonly string[];
}

/** An archive, described, or why there is none. */
export type Archived =
  | { readonly kind: 'archived'; readonly fields: readonly FieldLine[]; readonly content: Content }
  | { readonly kind: 'too many' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'busy' };

/** Octets that are sent in one go, and read at once. */
const chunkBytes = 128 * 1024;

/** Folders within each other, from the one that is asked for: to follow a path costs more with every step of it. */
const depthMax = 128;

/** Names in one folder that are read beside twice as many as an archive may hold: some are not for clients. */
const hiddenMax = 1000;

/** Files that are looked at together. */
const looksAtOnce = 32;

/** Octets that an entry is taken to hold until it is sent: its paths, its file, its place in the directory. */
const entryBytes = 700;

/**
 * A folder, or some of its members, as an archive whose length is known and whose contents are read while it is sent. It
 * holds what its reader could get one by one: of a folder with an index page, which shows no listing, that page alone. Links to folders are left out, so that none leads in a circle. A file that
 * changes after this is never sent as another one: the connection is torn down.
 */
export async function archiveFolder(
  segments: readonly string[],
  wish: ArchiveWish,
  archives: Archives,
  site: Site,
): Promise<Archived> {
  const name = segments.at(-1) ?? 'site';
  const collected = await collect({ segments, path: name }, wish.names, archives, site);
  if (typeof collected === 'string') return { kind: collected };
  const form = forms[wish.form];
  const fields: FieldLine[] = [
    ['Content-Type', form.mediaType],
    ['Content-Disposition', formatAttachment(`${name}.${form.extension}`)],
  ];
  const content: Content = {
    kind: 'stream',
    length: archiveLength(form, collected),
    bytesHeld: chunkBytes + entryBytes * collected.length,
    chunks: () => written(form, collected, archives, site.store),
  };
  return { kind: 'archived', fields, content };
}

const forms: Readonly<Record<ArchiveWish['form'], ArchiveForm>> = { zip, tar };

interface Collected extends ArchiveEntry {
  /** Undefined for a folder. */
  readonly file: StoredFile | undefined;
}

/** Everything below the folder, each folder before what is in it. The walk holds no stack but its own. */
async function collect(
  top: Place,
  names: readonly string[],
  archives: Archives,
  site: Site,
): Promise<readonly Collected[] | 'too many' | 'absent' | 'busy'> {
  const { admits, entriesMax, room } = archives;
  const entries: Collected[] = [];
  const folders: Place[] = [top];
  let bytesHeld = 0;
  const hasRoomFor = (names: number): boolean => {
    const isThere = room?.take(entryBytes * names, bytesHeld) ?? true;
    if (isThere) bytesHeld += entryBytes * names;
    return isThere;
  };
  try {
    for (let place = folders.pop(); place !== undefined; place = folders.pop()) {
      const members =
        place === top
          ? await wantedIn(top, new Set(names.map(unbroken)), { entriesMax, hasRoomFor }, site)
          : await shownIn(place, { entriesMax, hasRoomFor }, site);
      if (typeof members === 'string') return members;
      const below: Place[] = [];
      for (let from = 0; from < members.length; from += looksAtOnce) {
        const some = members.slice(from, from + looksAtOnce);
        const found = await Promise.all(some.map(member => entryOf(member, place, site.store)));
        for (const entry of found) {
          if (entry === 'busy') return 'busy';
          if (entry === undefined || !(await admits(entry.segments, entry.kind))) continue;
          const depth = entry.segments.length - top.segments.length;
          if (entries.length === entriesMax || depth > depthMax) return 'too many';
          entries.push(entry.collected);
          if (entry.kind === 'folder') below.push({ segments: entry.segments, path: entry.collected.path });
        }
      }
      folders.push(...below.reverse());
    }
    return entries;
  } finally {
    room?.give(bytesHeld);
  }
}

interface Place {
  readonly segments: readonly string[];
  readonly path: string;
}

interface WalkBounds extends Pick<Archives, 'entriesMax'> {
  /** Whether so many more names may be held. */
  readonly hasRoomFor: (names: number) => boolean;
}

type Members = readonly Member[] | 'too many' | 'busy';

/** The members of the folder that was asked for, those of these names if there are any. */
async function wantedIn(
  { segments }: Place,
  wanted: ReadonlySet<string>,
  bounds: WalkBounds,
  site: Site,
): Promise<Members | 'absent'> {
  if (wanted.size === 0) return membersIn(segments, bounds, site);
  const scan = await scanFolder(segments, site);
  const members = await membersOf(
    scan,
    { names: ({ name }) => wanted.has(unbroken(name)), looks: () => true },
    bounds,
  );
  return members.length === 0 ? 'absent' : members;
}

/** The members of a folder below it: all that its listing shows, or the page that stands in the listing's stead. */
async function shownIn({ segments }: Place, bounds: WalkBounds, site: Site): Promise<Members> {
  const shown = await lookUp(pathTo(segments, true), { ...site, listing: true });
  switch (shown.kind) {
    case 'busy':
      return 'busy';
    case 'listing': {
      const members = await membersIn(segments, bounds, site);
      return members === 'absent' ? [] : members;
    }
    case 'file': {
      const isInside = shown.segments.length === segments.length + 1;
      const modifiedMs = Number(shown.file.modifiedNs / 1_000_000n);
      return isInside
        ? [{ kind: 'file', name: nameOf(shown.segments), size: shown.file.size, modifiedMs }]
        : [];
    }
    default:
      return [];
  }
}

/** All members of a folder. */
async function membersIn(
  segments: readonly string[],
  bounds: WalkBounds,
  site: Site,
): Promise<Members | 'absent'> {
  const scan = await scanFolder(segments, site, 2 * bounds.entriesMax + hiddenMax);
  if (scan.kind === 'names' && !scan.isWhole) return 'too many';
  // Files are found one by one afterwards, which tells all that is to be told of them. Another look at each before took 0.6
  // of the 3.3 s of CPU time until 99,000 of them in 100 folders began to come.
  return membersOf(scan, { names: () => true, looks: ({ kind }) => kind === 'folder' }, bounds);
}

/** The members of these names, in order; those that are not looked at are known by name and kind only. */
async function membersOf(
  scan: Awaited<ReturnType<typeof scanFolder>>,
  wanted: { readonly names: (member: Named) => boolean; readonly looks: (member: Named) => boolean },
  { hasRoomFor }: WalkBounds,
): Promise<Members | 'absent'> {
  if (scan.kind === 'busy') return 'busy';
  if (scan.kind !== 'names') return 'absent';
  const named = scan.names.filter(wanted.names);
  if (!hasRoomFor(named.length)) return 'busy';
  const looked = await scan.look(named.filter(wanted.looks).map(({ name }) => name));
  if (looked.kind === 'busy') return 'busy';
  if (looked.kind !== 'members') return 'absent';
  const others = named.filter(member => !wanted.looks(member));
  const unseen = others.map(({ name, kind }): Member => ({ name, kind, size: 0, modifiedMs: 0 }));
  return [...looked.members, ...unseen].sort(byName);
}

type Named = Pick<Member, 'name' | 'kind'>;

const byName = comparison({ key: 'name', order: 'asc' });

/** A form that is sent turns every line break into CR LF; no other name is touched. */
function unbroken(name: string): string {
  return name.replace(/\r\n?|\n/g, '\r\n');
}

interface Found {
  readonly segments: readonly string[];
  readonly kind: Member['kind'];
  readonly collected: Collected;
}

async function entryOf(
  { name, kind, modifiedMs, isLink }: Member,
  place: Place,
  store: Store,
): Promise<Found | 'busy' | undefined> {
  const segments = [...place.segments, name];
  const path = `${place.path}/${name}`;
  if (kind === 'folder')
    return isLink === true
      ? undefined
      : { segments, kind, collected: { kind, path, size: 0, modifiedMs, file: undefined } };
  const found = await store.find(segments);
  if (found.kind === 'busy') return 'busy';
  // What is gone since it was listed is left out.
  if (found.kind !== 'file') return undefined;
  const { file } = found;
  const modifiedNow = Number(file.modifiedNs / 1_000_000n);
  return { segments, kind, collected: { kind, path, size: file.size, modifiedMs: modifiedNow, file } };
}

/** The octets, gathered into one buffer that is used again and again: files are read into it, the rest is copied. */
async function* written(
  form: ArchiveForm,
  entries: readonly Collected[],
  { crc32 }: Archives,
  store: Store,
): AsyncGenerator<Uint8Array, void> {
  const writer = form.writer();
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let filled = 0;
  async function* put(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + buffer.length - filled);
      buffer.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < buffer.length) continue;
      yield buffer;
      filled = 0;
    }
  }
  for (const entry of entries) {
    yield* put(writer.before(entry));
    let crc = 0;
    if (entry.file !== undefined) {
      for await (const free of reading(entry.file, store, () => buffer.subarray(filled))) {
        crc = crc32(free, crc);
        filled += free.length;
        if (filled < buffer.length) continue;
        yield buffer;
        filled = 0;
      }
    }
    yield* put(writer.after(entry, crc));
  }
  yield* put(writer.end());
  if (filled > 0) yield buffer.subarray(0, filled);
}

/** Reads exactly this version of a file, each time into the room that is there, and tells which part of it is filled. */
async function* reading(
  stored: StoredFile,
  store: Store,
  room: () => Uint8Array,
): AsyncGenerator<Uint8Array, void> {
  const file = await store.open(stored);
  if (typeof file === 'string') throw new StreamFailure(`a file is ${file}`);
  try {
    for (let position = 0; position < stored.size; ) {
      const free = room();
      const length = Math.min(free.length, stored.size - position);
      if ((await octetsRead(file, free, length, position)) < length)
        throw new StreamFailure('a file shrank while it was sent');
      position += length;
      // Checked before the last octets can leave.
      if (position === stored.size && !(await file.isUnchanged()))
        throw new StreamFailure('a file changed while it was sent');
      yield free.subarray(0, length);
    }
  } finally {
    file.close();
  }
}

/** A disk that fails breaks the archive off like a file that has changed. */
async function octetsRead(
  file: OpenFile,
  room: Uint8Array,
  length: number,
  position: number,
): Promise<number> {
  try {
    return await file.read(room, length, position);
  } catch (error) {
    throw new StreamFailure(error instanceof Error ? error.message : String(error));
  }
}
