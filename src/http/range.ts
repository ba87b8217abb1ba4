import type { ByteRange } from './message.ts';

/** One range as it was asked for, before the length is known. RFC 9110 §14.1.1. */
export type RangeSpec =
  /** `first-last`, both inclusive, or `first-`: to the end when `last` is undefined. */
  | { readonly kind: 'from'; readonly first: number; readonly last: number | undefined }
  /** `-length`: the last so many bytes. */
  | { readonly kind: 'suffix'; readonly length: number };

/** What is to be sent of a representation. */
export type RangeSelection =
  /** All of it, as if no range had been asked for: 200. */
  | { readonly kind: 'whole' }
  /** At least one range, none overlapping or touching another: 206, multipart when there are several. */
  | { readonly kind: 'parts'; readonly ranges: readonly ByteRange[] }
  /** No range asked for lies within it: 416. */
  | { readonly kind: 'unsatisfiable' };

/**
 * More ranges than this in one request are answered with the whole. No honest client comes near it. RFC 9110 §17.15.
 * @internal
 */
export const rangesMax = 50;

/**
 * Reads a Range field's value. Undefined when it is not a valid set of byte ranges (another unit, bad syntax,
 * a last position before the first), and the field is then ignored: RFC 9110 §14.2. Positions that no file
 * reaches are clamped to the greatest safe integer. Linear in the value's length.
 */
export function parseRange(value: string): readonly RangeSpec[] | undefined {
  const unit = bytesUnit.exec(value);
  if (unit === null) return undefined;
  const specs: RangeSpec[] = [];
  const element = /[ \t]*(?:(?<first>\d*)-(?<last>\d*)[ \t]*)?(?:,|$)/y;
  element.lastIndex = unit[0].length;
  while (element.lastIndex < value.length) {
    const match = element.exec(value)?.groups;
    if (match === undefined) return undefined;
    // A recipient skips empty list elements: RFC 9110 §5.6.1.2.
    if (match.first === undefined) continue;
    const spec = specOf(match.first, match.last ?? '');
    if (spec === undefined) return undefined;
    specs.push(spec);
  }
  return specs.length === 0 ? undefined : specs;
}

/**
 * What the specs select of a representation of `length` bytes. Ranges are clipped to it, those that miss it are
 * left out, and those that overlap or touch are joined where the first of them stood, so that no byte is sent
 * twice however often it is asked for (CVE-2011-3192). Else the client's order is kept. RFC 9110 §14.2, §15.3.7.2.
 * Small gaps are not bridged, though they may be: `rangesMax` already bounds what the parts cost.
 */
export function selectRanges(specs: readonly RangeSpec[], length: number): RangeSelection {
  if (specs.length > rangesMax) return { kind: 'whole' };
  // The end of an empty representation is satisfiable (§14.1.2), yet no Content-Range could say it: send it whole.
  if (length === 0 && specs.some(spec => spec.kind === 'suffix' && spec.length > 0)) return { kind: 'whole' };
  const ranges = specs.map(spec => rangeOf(spec, length)).filter(range => range.first <= range.last);
  return ranges.length === 0 ? { kind: 'unsatisfiable' } : { kind: 'parts', ranges: joinTouching(ranges) };
}

/** The Content-Range of a part. RFC 9110 §14.4. */
export function formatContentRange({ first, last }: ByteRange, length: number): string {
  return `bytes ${first}-${last}/${length}`;
}

/** The Content-Range of a 416: the length that the client did not know. RFC 9110 §14.4. */
export function formatUnsatisfied(length: number): string {
  return `bytes */${length}`;
}

// Names of range units are case-insensitive: RFC 9110 §14.1.
const bytesUnit = /^bytes=/i;
function specOf(first: string, last: string): RangeSpec | undefined {
  if (first === '') return last === '' ? undefined : { kind: 'suffix', length: clamp(BigInt(last)) };
  if (last === '') return { kind: 'from', first: clamp(BigInt(first)), last: undefined };
  // Compared before they are clamped: beyond 2^53 numbers lose their last digits.
  if (BigInt(last) < BigInt(first)) return undefined;
  return { kind: 'from', first: clamp(BigInt(first)), last: clamp(BigInt(last)) };
}

function clamp(position: bigint): number {
  return position > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Number(position);
}

/** The bytes that a spec selects; none when `first` is behind `last`. */
function rangeOf(spec: RangeSpec, length: number): ByteRange {
  if (spec.kind === 'suffix') return { first: Math.max(length - spec.length, 0), last: length - 1 };
  return { first: spec.first, last: Math.min(spec.last ?? length - 1, length - 1) };
}

function joinTouching(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const ascending = ranges.map((range, place) => ({ ...range, place })).sort((a, b) => a.first - b.first);
  const joined: { first: number; last: number; place: number }[] = [];
  for (const range of ascending) {
    const previous = joined.at(-1);
    if (previous === undefined || range.first > previous.last + 1) {
      joined.push(range);
    } else {
      previous.last = Math.max(previous.last, range.last);
      previous.place = Math.min(previous.place, range.place);
    }
  }
  return joined.sort((a, b) => a.place - b.place).map(({ first, last }) => ({ first, last }));
}
