import type { FieldLine } from '../http/message.ts';

/** Octets that an entry of a table counts beside its name and value. RFC 7541 §4.1. */
export const entryOverheadBytes = 32;

/** The lines that every HPACK table begins with; the first has the index 1. RFC 7541 Appendix A. */
export const staticTable: readonly FieldLine[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  ...['200', '204', '206', '304', '400', '404', '500'].map((status): FieldLine => [':status', status]),
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ...unvalued('accept-language accept-ranges accept access-control-allow-origin age allow authorization'),
  ...unvalued('cache-control content-disposition content-encoding content-language content-length'),
  ...unvalued('content-location content-range content-type cookie date etag expect expires from host'),
  ...unvalued('if-match if-modified-since if-none-match if-range if-unmodified-since last-modified'),
  ...unvalued('link location max-forwards proxy-authenticate proxy-authorization range referer refresh'),
  ...unvalued('retry-after server set-cookie strict-transport-security transfer-encoding user-agent'),
  ...unvalued('vary via www-authenticate'),
];

/** The index of the first line of this name; undefined when there is none. */
export function staticNameIndex(name: string): number | undefined {
  return firstOfName.get(name);
}

/** The index of exactly this line; undefined when there is none. */
export function staticLineIndex(name: string, value: string): number | undefined {
  const at = staticTable.findIndex(line => line[0] === name && line[1] === value);
  return at < 0 ? undefined : at + 1;
}

function unvalued(names: string): readonly FieldLine[] {
  return names.split(' ').map((name): FieldLine => [name, '']);
}

/** Equal names stand together. */
const firstOfName: ReadonlyMap<string, number> = new Map(
  staticTable.map(([name], at): [string, number] => [name, at + 1]).reverse(),
);
