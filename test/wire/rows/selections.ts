// Which part of a representation is sent, and whether.
import { big, modifiedForms } from '../site.ts';
import { plain, type Row, whole } from './row.ts';

const { imf, rfc850, asctime } = modifiedForms;
function ranged(name: string, range: string, status: number, content?: string, contentRange?: string): Row {
  const has = { 'Content-Range': contentRange, 'Accept-Ranges': 'bytes' };
  return {
    name,
    ask: 'GET /a.txt',
    fields: [['Range', range]],
    status,
    has,
    ...(content !== undefined && { content }),
  };
}

const conditions: readonly Row[] = [
  {
    name: 'If-None-Match with the tag',
    ask: 'GET /a.txt',
    fields: [['If-None-Match', 'ETAG']],
    status: 304,
    has: {
      ETag: 'ETAG',
      'Last-Modified': imf,
      'Content-Type': undefined,
      'Content-Length': undefined,
      'Cache-Control': 'no-cache',
    },
  },
  { name: 'compared weakly', ask: 'GET /a.txt', fields: [['If-None-Match', 'W/ETAG']], status: 304 },
  { name: 'in a list', ask: 'GET /a.txt', fields: [['If-None-Match', '"x", ,W/"y" , ETAG']], status: 304 },
  {
    name: 'in the second line',
    ask: 'GET /a.txt',
    fields: [
      ['If-None-Match', '"x"'],
      ['if-none-match', 'ETAG'],
    ],
    status: 304,
  },
  { name: 'If-None-Match: *', ask: 'GET /a.txt', fields: [['If-None-Match', '*']], status: 304 },
  { name: 'another tag', ask: 'GET /a.txt', fields: [['If-None-Match', '"x"']], status: 200, content: whole },
  { name: 'nothing there is no 304', ask: 'GET /none', fields: [['If-None-Match', '*']], status: 404 },
  ...[imf, rfc850, asctime].map(date => ({
    name: `If-Modified-Since: ${date}`,
    ask: 'GET /a.txt',
    fields: [['If-Modified-Since', date]] as const,
    status: 304,
  })),
  {
    name: 'modified since',
    ask: 'GET /a.txt',
    fields: [['If-Modified-Since', 'Sat, 03 Feb 2024 04:05:05 GMT']],
    status: 200,
  },
  {
    name: 'a date that is none',
    ask: 'GET /a.txt',
    fields: [['If-Modified-Since', 'yesterday']],
    status: 200,
  },
  ...['If-Modified-Since', 'If-Unmodified-Since'].map(name => ({
    name: `${name} in two lines`,
    ask: 'GET /a.txt',
    fields: [
      [name, name === 'If-Modified-Since' ? imf : 'Sat, 03 Feb 2024 04:05:05 GMT'],
      [name, name === 'If-Modified-Since' ? imf : 'Sat, 03 Feb 2024 04:05:05 GMT'],
    ] as const,
    status: 200,
    content: whole,
  })),
  {
    name: 'If-None-Match outranks If-Modified-Since',
    ask: 'GET /a.txt',
    fields: [
      ['If-None-Match', '"x"'],
      ['If-Modified-Since', imf],
    ],
    status: 200,
  },
  { name: 'If-Match with the tag', ask: 'GET /a.txt', fields: [['If-Match', 'ETAG']], status: 200 },
  { name: 'If-Match: *', ask: 'GET /a.txt', fields: [['If-Match', '*']], status: 200 },
  { name: 'If-Match compares strongly', ask: 'GET /a.txt', fields: [['If-Match', 'W/ETAG']], status: 412 },
  {
    name: 'If-Match of another',
    ask: 'GET /a.txt',
    fields: [['If-Match', '"x"']],
    status: 412,
    has: { 'Content-Type': plain },
  },
  {
    name: 'If-Match fails before If-None-Match',
    ask: 'GET /a.txt',
    fields: [
      ['If-Match', '"x"'],
      ['If-None-Match', 'ETAG'],
    ],
    status: 412,
  },
  {
    name: 'If-Match holds, If-None-Match decides',
    ask: 'GET /a.txt',
    fields: [
      ['If-Match', 'ETAG'],
      ['If-None-Match', 'ETAG'],
    ],
    status: 304,
  },
  { name: 'If-Unmodified-Since', ask: 'GET /a.txt', fields: [['If-Unmodified-Since', imf]], status: 200 },
  {
    name: 'modified after it',
    ask: 'GET /a.txt',
    fields: [['If-Unmodified-Since', 'Fri, 02 Feb 2024 04:05:06 GMT']],
    status: 412,
  },
  {
    name: 'If-Match outranks If-Unmodified-Since',
    ask: 'GET /a.txt',
    fields: [
      ['If-Match', 'ETAG'],
      ['If-Unmodified-Since', 'Fri, 02 Feb 2024 04:05:06 GMT'],
    ],
    status: 200,
  },
  {
    name: 'a failed precondition outranks a range',
    ask: 'GET /a.txt',
    fields: [
      ['If-Match', '"x"'],
      ['Range', 'bytes=0-1'],
    ],
    status: 412,
  },
  {
    name: 'not modified outranks a range',
    ask: 'GET /a.txt',
    fields: [
      ['If-None-Match', 'ETAG'],
      ['Range', 'bytes=99-'],
    ],
    status: 304,
  },
];

const ranges: readonly Row[] = [
  ranged('the first byte', 'bytes=0-0', 206, '0', 'bytes 0-0/36'),
  ranged('from the middle', 'bytes=10-13', 206, 'abcd', 'bytes 10-13/36'),
  ranged('open', 'bytes=33-', 206, 'xyz', 'bytes 33-35/36'),
  ranged('a suffix', 'bytes=-2', 206, 'yz', 'bytes 34-35/36'),
  ranged('a suffix longer than the file', 'bytes=-999', 206, whole, 'bytes 0-35/36'),
  ranged('an end beyond the end', 'bytes=30-999999999999999999999', 206, 'uvwxyz', 'bytes 30-35/36'),
  ranged('all of it', 'bytes=0-', 206, whole, 'bytes 0-35/36'),
  ranged('the unit in any case', 'BYTES=0-1', 206, '01', 'bytes 0-1/36'),
  ranged('overlapping ones are joined', 'bytes=0-9,5-14', 206, whole.slice(0, 15), 'bytes 0-14/36'),
  ranged('one of two within', 'bytes=100-200,1-2', 206, '12', 'bytes 1-2/36'),
  ranged('beyond the end', 'bytes=36-', 416, undefined, 'bytes */36'),
  ranged('beyond every number', 'bytes=99999999999999999999-', 416, undefined, 'bytes */36'),
  ranged('a suffix of nothing', 'bytes=-0', 416, undefined, 'bytes */36'),
  ranged('CVE-2011-3192 a thousand ranges are the whole', `bytes=${'0-,'.repeat(1000)}1-2`, 200, whole),
  ranged(
    'CVE-2011-3192 forty that overlap are one',
    `bytes=${'0-,'.repeat(40)}1-2`,
    206,
    whole,
    'bytes 0-35/36',
  ),
  ranged('last before first is ignored', 'bytes=5-2', 200, whole),
  ranged('another unit is ignored', 'lines=0-1', 200, whole),
  ranged('nonsense is ignored', 'bytes=a-b', 200, whole),
  ranged('two fields are one list', 'bytes=0-0', 206, '0', 'bytes 0-0/36'),
  {
    name: 'an empty file by suffix is whole',
    ask: 'GET /empty.txt',
    fields: [['Range', 'bytes=-5']],
    status: 200,
    content: '',
  },
  {
    name: 'an empty file has no first byte',
    ask: 'GET /empty.txt',
    fields: [['Range', 'bytes=0-']],
    status: 416,
    has: { 'Content-Range': 'bytes */0' },
  },
  {
    name: 'HEAD ignores it',
    ask: 'HEAD /a.txt',
    fields: [['Range', 'bytes=0-1']],
    status: 200,
    has: { 'Content-Length': '36', 'Content-Range': undefined },
  },
  {
    name: 'beyond 4 GiB',
    ask: 'GET /big.bin',
    fields: [['Range', `bytes=${big.markerAt}-${big.markerAt + big.marker.length - 1}`]],
    status: 206,
    has: { 'Content-Range': `bytes ${big.markerAt}-${big.markerAt + big.marker.length - 1}/${big.size}` },
    content: big.marker,
  },
  {
    name: 'the last bytes of 5 GiB',
    ask: 'GET /big.bin',
    fields: [['Range', 'bytes=-3']],
    status: 206,
    has: { 'Content-Range': `bytes ${big.size - 3}-${big.size - 1}/${big.size}` },
    content: '\0\0\0',
  },
  { name: '5 GiB described', ask: 'HEAD /big.bin', status: 200, has: { 'Content-Length': String(big.size) } },
  {
    name: 'beyond 5 GiB',
    ask: 'GET /big.bin',
    fields: [['Range', `bytes=${big.size}-`]],
    status: 416,
    has: { 'Content-Range': `bytes */${big.size}` },
  },
  {
    name: 'If-Range with the tag',
    ask: 'GET /a.txt',
    fields: [
      ['If-Range', 'ETAG'],
      ['Range', 'bytes=0-1'],
    ],
    status: 206,
    content: '01',
  },
  {
    name: 'If-Range with another is whole',
    ask: 'GET /a.txt',
    fields: [
      ['If-Range', '"x"'],
      ['Range', 'bytes=0-1'],
    ],
    status: 200,
    content: whole,
  },
  {
    name: 'If-Range with a weak tag is whole',
    ask: 'GET /a.txt',
    fields: [
      ['If-Range', 'W/ETAG'],
      ['Range', 'bytes=0-1'],
    ],
    status: 200,
    content: whole,
  },
  {
    name: 'If-Range with the date',
    ask: 'GET /a.txt',
    fields: [
      ['If-Range', imf],
      ['Range', 'bytes=0-1'],
    ],
    status: 206,
    content: '01',
  },
  {
    name: 'If-Range with a later date is whole',
    ask: 'GET /a.txt',
    fields: [
      ['If-Range', 'Sun, 04 Feb 2024 04:05:06 GMT'],
      ['Range', 'bytes=0-1'],
    ],
    status: 200,
  },
  {
    name: 'If-Range with another and beyond the end',
    ask: 'GET /a.txt',
    fields: [
      ['If-Range', '"x"'],
      ['Range', 'bytes=99-'],
    ],
    status: 200,
    content: whole,
  },
];

/** All of them. */
export const selectionRows: readonly Row[] = [...conditions, ...ranges];
