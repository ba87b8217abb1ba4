import { preferredLanguages } from '../http/language.ts';
import {
  type BytesContent,
  type FieldLine,
  type Request,
  type StreamContent,
  StreamFailure,
} from '../http/message.ts';
import { negotiate } from '../http/negotiation.ts';
import { addTotals, noTotals } from '../page/listing.ts';
import { listingPolicy } from '../page/style.ts';
import { type Language, languages } from '../page/words.ts';
import type { Listing, Member, Scan } from '../store/store.ts';
import {
  type Folder,
  type ListingForm,
  type ListingMediaType,
  listingForm,
  listingMediaTypes,
} from './listing.ts';
import type { ListingState } from './listing-query.ts';
import { comparison, inOrder, nameComparison, type Sort } from './order.ts';
import type { Site } from './site.ts';

type Turn = () => Promise<void>;

/** A folder's listing, described, or why there is none. */
export type Listed =
  | {
      readonly kind: 'listed';
      readonly fields: readonly FieldLine[];
      readonly content: BytesContent | StreamContent;
    }
  | Exclude<Listing, { kind: 'members' }>;

/** Members that are looked at before the answer begins; of a folder that has more the listing is streamed. */
const atOnceMax = 1000;

/** Members that are looked at, and told of, in one go. */
const partLength = 250;

/** Members that are ordered by size or date, for which all have to be looked at and held. */
const sortedMax = 200_000;

/** Octets that a long listing is taken to hold: the names of 100,000 members, and what is told of some. */
const bytesHeld = 16 * 1024 * 1024;

/**
 * What a folder without an index page answers: its members as a page, as JSON, as lines of JSON or as text, in the
 * language of the client where it has words.
 */
export async function listFolder(
  request: Request,
  segments: readonly string[],
  state: ListingState,
  site: Site,
): Promise<Listed> {
  const { fields } = request;
  const offered = negotiate(fields.get('accept'), listingMediaTypes);
  const mediaType = listingMediaTypes.find(type => type === offered) ?? 'text/html';
  const isPage = mediaType === 'text/html';
  const scan = await scanFolder(segments, site, atOnceMax);
  if (scan.kind !== 'names') return scan;
  const folder: Folder = {
    segments,
    baseDepth: site.base?.length ?? 0,
    state,
    lang: languageOf(fields.get('accept-language')),
    own: isPage ? await site.ownFiles?.() : undefined,
    hasArchives: site.archives !== undefined,
  };
  const form = listingForm(mediaType, folder);
  const lines = fieldsOf(mediaType);
  if (!scan.isWhole) {
    const chunks = (): AsyncIterable<Uint8Array> => streamed(folder, form, site);
    return {
      kind: 'listed',
      fields: lines,
      content: { kind: 'stream', length: undefined, bytesHeld, chunks },
    };
  }
  const listing = await scan.look(scan.names.map(({ name }) => name));
  if (listing.kind !== 'members') return listing;
  const members = [...listing.members].sort(comparison(state.sort));
  const totals = addTotals(noTotals, members);
  const text =
    form.top(totals) +
    form.part(members, true) +
    form.bottom(totals, { areTotalsTold: true, isUnsorted: false });
  return { kind: 'listed', fields: lines, content: { kind: 'bytes', bytes: Buffer.from(text) } };
}

function languageOf(acceptLanguage: string | undefined): Language {
  const [best] = preferredLanguages(acceptLanguage, languages);
  return languages.find(language => language === best) ?? 'en';
}

/** The names in a folder. A store that cannot tell names by themselves tells everything at once. */
export async function scanFolder(
  segments: readonly string[],
  { store }: Pick<Site, 'store'>,
  namesMax?: number,
): Promise<Scan | Exclude<Listing, { kind: 'members' }>> {
  if (store.scan !== undefined) return store.scan(segments, namesMax);
  const listing = await store.list(segments);
  if (listing.kind !== 'members') return listing;
  const byName = new Map(listing.members.map(member => [member.name, member]));
  const look = async (names: readonly string[]): Promise<Listing> => ({
    kind: 'members',
    members: names.flatMap(name => byName.get(name) ?? []),
  });
  return { kind: 'names', names: listing.members, isWhole: true, look };
}

/**
 * The top leaves before the folder is read to its end. In the order of names, each part is looked at when it is its turn;
 * in another one all members are, unless they are too many to be held.
 */
async function* streamed(
  { segments, state: { sort } }: Folder,
  form: ListingForm,
  site: Site,
): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from(form.top(undefined));
  const scan = await scanFolder(segments, site);
  if (scan.kind !== 'names') throw new StreamFailure(unreadable);
  const isUnsorted = sort.key !== 'name' && scan.names.length > sortedMax;
  const turn = site.turn ?? noTurn;
  const members =
    sort.key === 'name' || isUnsorted
      ? byName(scan, isUnsorted ? 'asc' : sort.order, turn)
      : inOrder(await lookAtAll(scan), comparison(sort), turn);
  let totals = noTotals;
  for await (const part of inParts(members)) {
    const isFirst = totals === noTotals;
    totals = addTotals(totals, part);
    yield Buffer.from(form.part(part, isFirst));
  }
  yield Buffer.from(form.bottom(totals, { areTotalsTold: false, isUnsorted }));
}

const unreadable = 'the folder cannot be read to its end';

/** Names say enough to be ordered by; what else is told of their members is looked up a part at a time. */
async function* byName(scan: Scan, order: Sort['order'], turn: Turn): AsyncGenerator<Member, void> {
  const compare = nameComparison(order);
  for await (const part of inParts(inOrder(scan.names, compare, turn)))
    yield* [...(await look(scan, part))].sort(compare);
}

async function lookAtAll(scan: Scan): Promise<Member[]> {
  const members: Member[] = [];
  for await (const part of inParts(scan.names)) members.push(...(await look(scan, part)));
  return members;
}

async function look(scan: Scan, part: readonly { readonly name: string }[]): Promise<readonly Member[]> {
  const listing = await scan.look(part.map(({ name }) => name));
  if (listing.kind !== 'members') throw new StreamFailure(unreadable);
  return listing.members;
}

async function* inParts<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
): AsyncGenerator<readonly Item[], void> {
  let part: Item[] = [];
  for await (const item of items) {
    part.push(item);
    if (part.length < partLength) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

function fieldsOf(mediaType: ListingMediaType): readonly FieldLine[] {
  const charset = mediaType.startsWith('text/') ? '; charset=utf-8' : '';
  const type: FieldLine = ['Content-Type', `${mediaType}${charset}`];
  return mediaType === 'text/html' ? [type, ['Content-Security-Policy', listingPolicy]] : [type];
}

async function noTurn(): Promise<void> {}
