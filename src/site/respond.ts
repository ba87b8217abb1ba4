import { evaluatePreconditions, ifRangeHolds, type Validators } from '../http/conditional.ts';
import { formatDate } from '../http/date.ts';
import { varyingOn } from '../http/fields.ts';
import {
  type ByteRange,
  type Content,
  type FieldLine,
  noContent,
  type Piece,
  type Request,
  type Response,
  type StoredFile,
} from '../http/message.ts';
import {
  formatContentRange,
  formatUnsatisfied,
  parseRange,
  type RangeSelection,
  selectRanges,
} from '../http/range.ts';
import { type PathTarget, pathTo } from '../http/target.ts';
import type { Routed } from '../rules/routing.ts';
import { type Archived, archiveFolder } from './archive.ts';
import { nameOf } from './candidates.ts';
import { withErrorContent, withPage } from './errors.ts';
import { isFingerprinted } from './fingerprint.ts';
import { listFolder } from './folder.ts';
import { parseListingQuery } from './listing-query.ts';
import { type Representation, represent } from './represent.ts';
import { lookUp, type Resolution, resolve } from './resolve.ts';
import { type Found, isStored, selectForm } from './select.ts';

import { policyLines, type Site, type Variants } from './site.ts';
import { turned } from './turned.ts';
import { chooseVariant, type Variant } from './variants.ts';

/** The request fields, in lower case, that an answer of a site depends on. */
export const readFields: readonly string[] = [
  'accept',
  'accept-encoding',
  'range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
];

/**
 * The site's answer to a GET or HEAD for a path. `nowMs` is the moment of the answer, milliseconds since 1970.
 * Reads the store, opens nothing.
 */
export async function answer(request: Request, site: Site, nowMs: number): Promise<Response> {
  const { target } = request;
  if (target.kind !== 'path') return withErrorContent(request, bare(400), site);
  const response =
    site.ruling === undefined
      ? await answerResolution(request, await resolve(target, site), site, nowMs)
      : await answerByRules(request, target, { ...site, ...site.ruling.choicesFor?.(target) }, nowMs);
  return response.status >= 400 && response.content.kind === 'none'
    ? withErrorContent(request, response, site)
    : response;
}

/** A rule that is forced goes before what stands there, any other is asked when nothing but a listing does. */
async function answerByRules(
  request: Request,
  target: PathTarget,
  site: Site,
  nowMs: number,
): Promise<Response> {
  // A path that is not canonical is first led to the one that is, whatever the rules say of either.
  const routed = target.hadSlashRun ? undefined : site.ruling?.route?.(request, target);
  if (routed?.isForced) return answerRouted(request, routed, site, nowMs);
  const found = await resolve(target, site);
  if (found.kind !== 'absent' && found.kind !== 'listing') {
    if (routed !== undefined) site.trace?.({ kind: 'route', routed, isFollowed: false });
    return answerResolution(request, found, site, nowMs);
  }
  if (routed !== undefined) return answerRouted(request, routed, site, nowMs);
  const single = found.kind === 'listing' ? await singleFile(found.segments, site) : undefined;
  return answerResolution(request, single ?? found, site, nowMs);
}

async function answerRouted(request: Request, routed: Routed, site: Site, nowMs: number): Promise<Response> {
  const { action, isForNavigation } = routed;
  site.trace?.({ kind: 'route', routed, isFollowed: true });
  switch (action.kind) {
    case 'redirect':
      return { status: action.status, fields: [['Location', action.location], uncached], content: noContent };
    case 'refuse':
      return bare(action.status);
    case 'rewrite': {
      const found = await lookUpRewritten(action.target, site);
      if (action.status !== 200)
        return found.kind === 'file'
          ? withPage(bare(action.status), nameOf(found.segments), found.file, policyLines(site, found.file))
          : bare(action.status);
      const response = await answerResolution(request, found, site, nowMs);
      return isForNavigation ? { ...response, fields: varyingOn(response.fields, 'Accept') } : response;
    }
  }
}

/** A rewrite to a folder means its index page, with or without the slash: nobody is led there. */
async function lookUpRewritten(target: PathTarget, site: Site): Promise<Resolution> {
  const found = await lookUp(target, site);
  return found.kind === 'moved' ? lookUp({ ...target, endsInSlash: true }, site) : found;
}

/** The one file of a folder that holds nothing else, where the rules want it shown. */
async function singleFile(segments: readonly string[], site: Site): Promise<Resolution | undefined> {
  const source = site.ruling?.singleFile;
  if (source === undefined) return undefined;
  const listing = await site.store.list(segments);
  const [only, ...others] = listing.kind === 'members' ? listing.members : [];
  if (only?.kind !== 'file' || others.length > 0) return undefined;
  site.trace?.({ kind: 'single file', source });
  return lookUp(pathTo([...segments, only.name], false), site);
}

async function answerResolution(
  request: Request,
  found: Resolution,
  site: Site,
  nowMs: number,
): Promise<Response> {
  switch (found.kind) {
    case 'file':
    case 'coded':
      return answerFound(request, found, site, nowMs);
    case 'listing':
      return answerListing(request, found.segments, site, nowMs);
    case 'moved':
      return { status: 308, fields: [['Location', found.location], uncached], content: noContent };
    case 'absent':
      return bare(404);
    case 'denied':
      return { ...bare(404), note: found.why };
    case 'busy':
      return busy;
  }
}

function answerFound(request: Request, found: Found, site: Site, nowMs: number): Promise<Response> {
  const { variants } = site;
  return variants === undefined
    ? answerForm(request, { found, mark: '' }, { site, nowMs, caching: cachingOf(request, found) })
    : answerVariant(request, found, { ...site, variants }, nowMs);
}

async function answerVariant(
  request: Request,
  found: Found,
  site: Site & { readonly variants: Variants },
  nowMs: number,
): Promise<Response> {
  const variant = await chooseVariant(found, request, site, site.variants);
  const caching = cachingOf(request, found);
  const response = await answerForm(request, variant, { site, nowMs, caching });
  if (variant.varyingOn === undefined) return response;
  site.trace?.({ kind: 'variant', variant });
  const fields = varyingOn(response.fields, variant.varyingOn);
  const isContent = response.status === 200 || response.status === 206;
  const tells = isContent && variant.language !== undefined;
  return { ...response, fields: tells ? [...fields, ['Content-Language', variant.language]] : fields };
}

async function answerForm(
  request: Request,
  { found, mark }: Pick<Variant, 'found' | 'mark'>,
  { site, nowMs, caching }: { readonly site: Site; readonly nowMs: number; readonly caching: FieldLine },
): Promise<Response> {
  const selected = await selectForm(found, request, site);
  site.trace?.({ kind: 'form', selected });
  switch (selected.kind) {
    case 'form': {
      const circumstances = { nowMs, hashOf: site.hashOf, mark };
      const representation = represent(nameOf(found.segments), selected.form, circumstances);
      site.trace?.({ kind: 'representation', representation });
      const answered = answerRepresentation(request, representation, nowMs, caching);
      // Of the page itself, whichever form of it is sent.
      const policy = found.kind === 'file' ? policyLines(site, found.file) : [];
      const response =
        policy.length === 0 ? answered : { ...answered, fields: [...answered.fields, ...policy] };
      return selected.isNegotiated ? varyingOnCoding(response) : response;
    }
    case 'unacceptable':
      return varyingOnCoding(bare(406));
    case 'busy':
      return answerResolution(request, selected, site, nowMs);
  }
}

/** Only at its own path: what a rule puts in its stead has another content some day. */
function cachingOf({ target }: Request, { segments }: Found): FieldLine {
  if (!isFingerprinted(segments) || target.kind !== 'path') return uncached;
  return target.segments.join('/') === segments.join('/') ? immutable : uncached;
}

/** The order of RFC 9110 §13.2.2: preconditions first, then the range. */
function answerRepresentation(
  request: Request,
  selected: Representation,
  nowMs: number,
  caching: FieldLine,
): Response {
  const { method, fields } = request;
  switch (evaluatePreconditions(method, fields, selected.validators, nowMs)) {
    case 'failed':
      return bare(412);
    case 'not-modified':
      return { status: 304, fields: [...validatorLines(selected), caching], content: noContent };
    case 'proceed':
      return isStored(selected.form)
        ? answerSelection(selected, selectPart(request, selected, nowMs), caching)
        : answerMade(selected, caching);
  }
}

function selectPart(request: Request, selected: Representation, nowMs: number): RangeSelection {
  const value = request.fields.get('range');
  // Range is defined for GET only; a HEAD then describes the whole. RFC 9110 §14.2.
  if (value === undefined || request.method !== 'GET') return { kind: 'whole' };
  const specs = parseRange(value);
  // A stale If-Range means "send it whole", not an error: RFC 9110 §13.1.5.
  if (specs === undefined || !ifRangeHolds(request.fields, selected.validators, nowMs))
    return { kind: 'whole' };
  return selectRanges(specs, selected.form.file.size);
}

/** What is made anew for an answer has no ranges: two requests could get pieces of two makings. */
function answerMade(selected: Representation, caching: FieldLine): Response {
  const lines = [...describe(selected), ...validatorLines(selected), caching];
  return { status: 200, fields: lines, content: { kind: 'coded', ...selected.form } };
}

function answerSelection(selected: Representation, selection: RangeSelection, caching: FieldLine): Response {
  const { file } = selected.form;
  const lines: FieldLine[] = [...validatorLines(selected), ['Accept-Ranges', 'bytes'], caching];
  switch (selection.kind) {
    case 'whole': {
      const pieces = file.size === 0 ? [] : [{ first: 0, last: file.size - 1 }];
      return {
        status: 200,
        fields: [...describe(selected), ...lines],
        content: { kind: 'stored', file, pieces },
      };
    }
    case 'parts':
      return answerParts(selected, selection.ranges, lines);
    case 'unsatisfiable':
      return {
        status: 416,
        fields: [
          ['Content-Range', formatUnsatisfied(file.size)],
          ['Accept-Ranges', 'bytes'],
        ],
        content: noContent,
      };
  }
}

function answerParts(
  selected: Representation,
  ranges: readonly ByteRange[],
  lines: readonly FieldLine[],
): Response {
  const { file } = selected.form;
  const [only, ...others] = ranges;
  if (only !== undefined && others.length === 0) {
    return {
      status: 206,
      fields: [...describe(selected), ['Content-Range', formatContentRange(only, file.size)], ...lines],
      content: { kind: 'stored', file, pieces: [only] },
    };
  }
  const boundary = boundaryOf(file);
  const pieces: Piece[] = ranges.flatMap((range, index) => {
    const lines = [...describe(selected), ['Content-Range', formatContentRange(range, file.size)]];
    const section = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    return [Buffer.from(`${index === 0 ? '' : '\r\n'}--${boundary}\r\n${section}\r\n`, 'latin1'), range];
  });
  pieces.push(Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'));
  // The multipart is in no coding; its parts are, and say so.
  const type: FieldLine = ['Content-Type', `multipart/byteranges; boundary=${boundary}`];
  return { status: 206, fields: [type, ...lines], content: { kind: 'stored', file, pieces } };
}

/**
 * A pure function of the version, so that equal requests get equal bytes. A file that contains its own
 * boundary harms nobody: parts are found by Content-Range and length, and the file's owner wrote it.
 */
function boundaryOf(file: StoredFile): string {
  return `plinth-${file.size.toString(36)}-${BigInt.asUintN(64, file.modifiedNs * 0x9e3779b97f4a7c15n).toString(36)}`;
}

async function answerListing(
  request: Request,
  segments: readonly string[],
  site: Site,
  nowMs: number,
): Promise<Response> {
  const { target } = request;
  const { state, archive } = parseListingQuery(target.kind === 'path' ? target.query : '');
  if (archive !== undefined && site.archives !== undefined)
    return answerArchive(request, await archiveFolder(segments, archive, site.archives, site), nowMs);
  const listed = await listFolder(request, segments, state, site);
  if (listed.kind !== 'listed') return answerResolution(request, listed, site, nowMs);
  const lines = [...listed.fields, uncached, varyListing];
  const { fields, content } = turned(lines, listed.content, request, site);
  return answerAnew(request, fields, content, nowMs);
}

/** It has no validators, but a precondition may ask whether there is anything at all: RFC 9110 §13.1.1. */
function answerAnew(
  { method, fields }: Request,
  lines: readonly FieldLine[],
  content: Content,
  nowMs: number,
): Response {
  switch (evaluatePreconditions(method, fields, noValidators, nowMs)) {
    case 'failed':
      return bare(412);
    case 'not-modified':
      return { status: 304, fields: lines.filter(([name]) => ofCopies.has(name)), content: noContent };
    case 'proceed':
      return { status: 200, fields: lines, content };
  }
}

function answerArchive(request: Request, archived: Archived, nowMs: number): Response {
  switch (archived.kind) {
    case 'archived':
      return answerAnew(request, [...archived.fields, uncached], archived.content, nowMs);
    case 'too many':
      return { ...bare(403), note: 'more than an archive may hold' };
    case 'absent':
      return bare(404);
    case 'busy':
      return busy;
  }
}

function describe({ mediaType, form }: Representation): FieldLine[] {
  const type: FieldLine = ['Content-Type', mediaType];
  return form.to === 'identity' ? [type] : [type, ['Content-Encoding', form.to]];
}

function varyingOnCoding(response: Response): Response {
  return { ...response, fields: varyingOn(response.fields, 'Accept-Encoding') };
}

function validatorLines({ validators }: Representation): FieldLine[] {
  const lines: FieldLine[] = [];
  if (validators.lastModifiedMs !== undefined)
    lines.push(['Last-Modified', formatDate(validators.lastModifiedMs)]);
  if (validators.etag !== undefined) lines.push(['ETag', validators.etag]);
  return lines;
}

function bare(status: number): Response {
  return { status, fields: [], content: noContent };
}

/** A copy may be kept but is asked about before each use: what is shown is always true. RFC 9111 §5.2.2.4. */
const uncached: FieldLine = ['Cache-Control', 'no-cache'];
const varyListing: FieldLine = ['Vary', 'Accept, Accept-Language'];
/** What a 304 says of the copy that somebody has: RFC 9110 §15.4.5. */
const ofCopies: ReadonlySet<string> = new Set(['Cache-Control', 'Vary']);
const busy: Response = { status: 503, fields: [['Retry-After', '1']], content: noContent };
/** Of what is named after its content there never is another version. RFC 8246. */
const immutable: FieldLine = ['Cache-Control', 'public, max-age=31536000, immutable'];
const noValidators: Validators = { etag: undefined, lastModifiedMs: undefined };
