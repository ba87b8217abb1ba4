import { evaluatePreconditions, ifRangeHolds, type Validators } from '../http/conditional.ts';
import { formatDate } from '../http/date.ts';
import {
  type ByteRange,
  type FieldLine,
  noContent,
  type Piece,
  type Request,
  type Response,
} from '../http/message.ts';
import { negotiate } from '../http/negotiation.ts';
import {
  formatContentRange,
  formatUnsatisfied,
  parseRange,
  type RangeSelection,
  selectRanges,
} from '../http/range.ts';
import { pagePolicy } from '../page/shell.ts';
import { withErrorContent } from './errors.ts';
import { listingContent } from './listing.ts';
import { type Representation, represent } from './represent.ts';
import { type Resolution, resolve } from './resolve.ts';
import type { Site } from './site.ts';

/** The request fields, in lower case, that an answer of a site depends on. */
export const readFields: readonly string[] = [
  'accept',
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
  const resolution = await resolve(target, site);
  const response = await answerResolution(request, resolution, site, nowMs);
  return response.status >= 400 ? withErrorContent(request, response, site) : response;
}

async function answerResolution(
  request: Request,
  found: Resolution,
  site: Site,
  nowMs: number,
): Promise<Response> {
  switch (found.kind) {
    case 'file':
      return answerRepresentation(request, represent(found.name, found.file, nowMs), nowMs);
    case 'listing':
      return answerListing(request, found.segments, site, nowMs);
    case 'moved':
      return { status: 308, fields: [['Location', found.location], uncached], content: noContent };
    case 'absent':
      return bare(404);
    case 'denied':
      return { ...bare(404), note: found.why };
    case 'busy':
      return { status: 503, fields: [['Retry-After', '1']], content: noContent };
    default:
      return found satisfies never;
  }
}

/** The order of RFC 9110 §13.2.2: preconditions first, then the range. */
function answerRepresentation(request: Request, selected: Representation, nowMs: number): Response {
  const { method, fields } = request;
  switch (evaluatePreconditions(method, fields, selected.validators, nowMs)) {
    case 'failed':
      return bare(412);
    case 'not-modified':
      return { status: 304, fields: [...validatorLines(selected), uncached], content: noContent };
    case 'proceed':
      return answerSelection(selected, selectPart(request, selected, nowMs));
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
  return selectRanges(specs, selected.length);
}

function answerSelection(selected: Representation, selection: RangeSelection): Response {
  const { file, length, mediaType } = selected;
  const lines: FieldLine[] = [...validatorLines(selected), ['Accept-Ranges', 'bytes'], uncached];
  switch (selection.kind) {
    case 'whole': {
      const pieces = length === 0 ? [] : [{ first: 0, last: length - 1 }];
      return {
        status: 200,
        fields: [['Content-Type', mediaType], ...lines],
        content: { kind: 'stored', file, pieces },
      };
    }
    case 'parts':
      return answerParts(selected, selection.ranges, lines);
    case 'unsatisfiable':
      return {
        status: 416,
        fields: [
          ['Content-Range', formatUnsatisfied(length)],
          ['Accept-Ranges', 'bytes'],
        ],
        content: noContent,
      };
    default:
      return selection satisfies never;
  }
}

function answerParts(
  selected: Representation,
  ranges: readonly ByteRange[],
  lines: readonly FieldLine[],
): Response {
  const { file, length, mediaType } = selected;
  const [only, ...others] = ranges;
  if (only !== undefined && others.length === 0) {
    const described: FieldLine[] = [
      ['Content-Type', mediaType],
      ['Content-Range', formatContentRange(only, length)],
    ];
    return {
      status: 206,
      fields: [...described, ...lines],
      content: { kind: 'stored', file, pieces: [only] },
    };
  }
  const boundary = boundaryOf(selected);
  const pieces: Piece[] = ranges.flatMap((range, index) => {
    const divider = `${index === 0 ? '' : '\r\n'}--${boundary}\r\nContent-Type: ${mediaType}\r\nContent-Range: ${formatContentRange(range, length)}\r\n\r\n`;
    return [Buffer.from(divider, 'latin1'), range];
  });
  pieces.push(Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'));
  const type: FieldLine = ['Content-Type', `multipart/byteranges; boundary=${boundary}`];
  return { status: 206, fields: [type, ...lines], content: { kind: 'stored', file, pieces } };
}

/**
 * A pure function of the version, so that equal requests get equal bytes. A file that contains its own
 * boundary harms nobody: parts are found by Content-Range and length, and the file's owner wrote it.
 */
function boundaryOf({ length, file }: Representation): string {
  return `plinth-${length.toString(36)}-${BigInt.asUintN(64, file.modifiedNs * 0x9e3779b97f4a7c15n).toString(36)}`;
}

async function answerListing(
  request: Request,
  segments: readonly string[],
  site: Site,
  nowMs: number,
): Promise<Response> {
  const listing = await site.store.list(segments);
  if (listing.kind !== 'members') return answerResolution(request, listing, site, nowMs);
  // A listing has no validators, but a precondition may ask whether there is anything at all: RFC 9110 §13.1.1.
  const outcome = evaluatePreconditions(request.method, request.fields, noValidators, nowMs);
  if (outcome === 'failed') return bare(412);
  if (outcome === 'not-modified') return { status: 304, fields: [uncached, varyAccept], content: noContent };
  const accept = request.fields.get('accept');
  const mediaType =
    negotiate(accept, ['text/html', 'application/json']) === 'application/json'
      ? 'application/json'
      : 'text/html';
  const bytes = listingContent(segments, listing.members, mediaType);
  const fields: FieldLine[] = [
    ['Content-Type', mediaType === 'text/html' ? 'text/html; charset=utf-8' : mediaType],
    uncached,
    varyAccept,
  ];
  if (mediaType === 'text/html') fields.push(['Content-Security-Policy', pagePolicy]);
  return { status: 200, fields, content: { kind: 'bytes', bytes } };
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
const varyAccept: FieldLine = ['Vary', 'Accept'];
const noValidators: Validators = { etag: undefined, lastModifiedMs: undefined };
