// In which content coding a file comes, and what that changes of the answer.
import type { FieldLine } from '../../../src/http/message.ts';
import { coded } from '../site.ts';
import { html, type Row } from './row.ts';

const javascript = 'text/javascript; charset=utf-8';
const vary = 'Accept-Encoding';

function accepting(value: string): readonly FieldLine[] {
  return [['Accept-Encoding', value]];
}

/** `/coded/app.js` stands there plain and in each coding. */
const negotiated: readonly Row[] = (
  [
    ['gzip, deflate, br, zstd', 'br'],
    ['br;q=0.5, gzip', 'gzip'],
    ['zstd, gzip', 'zstd'],
    ['x-gzip', 'gzip'],
    ['*', 'br'],
    ['identity;q=0, gzip;q=0.1', 'gzip'],
    ['identity, gzip;q=0.5', undefined],
    ['deflate', undefined],
    ['', undefined],
    ['br;q=0', undefined],
  ] as const
).map(([value, coding]) => ({
  name: `Accept-Encoding: ${value}`,
  ask: 'GET /coded/app.js',
  fields: accepting(value),
  status: 200,
  has: {
    'Content-Encoding': coding,
    'Content-Type': javascript,
    'Accept-Ranges': 'bytes',
    Vary: vary,
  },
  content: coding === undefined ? coded.plain : coded[coding],
}));

const others: readonly Row[] = [
  {
    name: 'a client that says nothing gets it plain',
    ask: 'GET /coded/app.js',
    status: 200,
    has: { 'Content-Encoding': undefined, Vary: vary },
    content: coded.plain,
  },
  {
    name: 'a coded file under its own name is a file like others',
    ask: 'GET /coded/app.js.br',
    fields: accepting('br'),
    status: 200,
    has: { 'Content-Encoding': undefined, Vary: undefined, 'Content-Type': 'application/octet-stream' },
    content: coded.br,
  },
  {
    name: 'one that is older than its original is not sent',
    ask: 'GET /coded/stale.js',
    fields: accepting('br, gzip;q=0.5'),
    status: 200,
    has: { 'Content-Encoding': 'gzip' },
    content: coded.gzip,
  },
  {
    name: 'what coding does not make smaller has one form',
    ask: 'GET /coded/pic.png',
    fields: accepting('br'),
    status: 200,
    has: { 'Content-Encoding': undefined, Vary: undefined },
    content: coded.plain,
  },
  {
    name: 'nothing acceptable',
    ask: 'GET /coded/app.js',
    fields: accepting('identity;q=0'),
    status: 406,
    has: { Vary: 'Accept-Encoding, Accept', 'Content-Encoding': undefined },
  },
  {
    name: 'nothing acceptable where there is one form only',
    ask: 'GET /coded/pic.png',
    fields: accepting('*;q=0'),
    status: 406,
    has: { Vary: 'Accept-Encoding, Accept' },
  },
  {
    name: 'a range is of the coded form',
    ask: 'GET /coded/app.js',
    fields: [...accepting('br'), ['Range', 'bytes=1-3']],
    status: 206,
    has: {
      'Content-Range': `bytes 1-3/${coded.br.length}`,
      'Content-Encoding': 'br',
      'Content-Type': javascript,
      Vary: vary,
    },
    content: coded.br.slice(1, 4),
  },
  {
    name: 'several ranges are in no coding, each part is',
    ask: 'GET /coded/app.js',
    fields: [...accepting('br'), ['Range', 'bytes=0-0,3-3']],
    status: 206,
    has: { 'Content-Encoding': undefined, 'Content-Type': /^multipart\/byteranges/, Vary: vary },
    content: /Content-Encoding: br\r\nContent-Range: bytes 3-3\/\d+\r\n\r\n/,
  },
  {
    name: 'a range beyond the coded form',
    ask: 'GET /coded/app.js',
    fields: [...accepting('br'), ['Range', 'bytes=999-']],
    status: 416,
    has: { 'Content-Range': `bytes */${coded.br.length}`, Vary: 'Accept-Encoding, Accept' },
  },
  {
    name: 'not modified',
    ask: 'GET /coded/app.js',
    fields: [...accepting('br'), ['If-None-Match', '*']],
    status: 304,
    has: { Vary: vary, 'Content-Encoding': undefined },
  },
  {
    name: 'a precondition that fails',
    ask: 'GET /coded/app.js',
    fields: [...accepting('br'), ['If-Match', '"x"']],
    status: 412,
    has: { Vary: 'Accept-Encoding, Accept' },
  },
];

/** Files that are stored in a coding only. */
const alone: readonly Row[] = [
  {
    name: 'stored in br only',
    ask: 'GET /coded/only.js',
    fields: accepting('gzip, br'),
    status: 200,
    has: { 'Content-Encoding': 'br', 'Content-Type': javascript, 'Accept-Ranges': 'bytes', Vary: vary },
  },
  {
    name: 'stored in br only, for a client that accepts no coding',
    ask: 'GET /coded/only.js',
    status: 200,
    has: {
      'Content-Encoding': undefined,
      'Content-Type': javascript,
      'Accept-Ranges': undefined,
      ETag: /^"[^"]+-br-identity"$/,
      Vary: vary,
    },
    content: coded.alone,
  },
  {
    name: 'stored in br only, for one that accepts another',
    ask: 'GET /coded/only.js',
    fields: accepting('gzip'),
    status: 200,
    has: { 'Content-Encoding': undefined },
    content: coded.alone,
  },
  {
    name: 'a range of what must be decoded is the whole',
    ask: 'GET /coded/only.js',
    fields: [['Range', 'bytes=0-1']],
    status: 200,
    has: { 'Content-Range': undefined },
    content: coded.alone,
  },
  {
    name: 'stored in br only, for one that accepts gzip and nothing else',
    ask: 'GET /coded/only.js',
    fields: accepting('gzip, identity;q=0'),
    status: 406,
    has: { Vary: 'Accept-Encoding, Accept' },
  },
  {
    name: 'stored in zstd only',
    ask: 'GET /coded/zipped.css',
    fields: accepting('zstd'),
    status: 200,
    has: { 'Content-Encoding': 'zstd', 'Content-Type': 'text/css; charset=utf-8' },
  },
  {
    name: 'a page by its clean name, stored in gzip only',
    ask: 'GET /coded/page',
    status: 200,
    has: { 'Content-Encoding': undefined, 'Content-Type': html, Vary: vary },
    content: coded.alone,
  },
  {
    name: 'the index page of a folder, stored in gzip only',
    ask: 'GET /coded/folder/',
    fields: accepting('gzip'),
    status: 200,
    has: { 'Content-Encoding': 'gzip', 'Content-Type': html },
  },
  {
    name: 'SVG in gzip says so',
    ask: 'GET /coded/pic.svgz',
    fields: accepting('gzip'),
    status: 200,
    has: { 'Content-Encoding': 'gzip', 'Content-Type': /^image\/svg\+xml/, Vary: vary },
  },
  {
    name: 'SVG in gzip is decoded where it must be',
    ask: 'GET /coded/pic.svgz',
    status: 200,
    has: { 'Content-Encoding': undefined, 'Content-Type': /^image\/svg\+xml/ },
    content: coded.alone,
  },
  {
    name: 'what is there neither plain nor coded',
    ask: 'GET /coded/none.js',
    fields: accepting('br'),
    status: 404,
    has: { Vary: 'Accept' },
  },
];

/** Codings that are made when they are asked for. */
const made: readonly Row[] = [
  ...['br', 'gzip'].map(coding => ({
    name: `made in ${coding}`,
    ask: 'GET /coded/made.js',
    fields: accepting(coding),
    status: 200,
    has: {
      'Content-Encoding': coding,
      'Content-Type': javascript,
      'Accept-Ranges': undefined,
      ETag: new RegExp(`^"[^"]+-identity-${coding}"$`),
      Vary: vary,
    },
  })),
  {
    name: 'not made for who wants none',
    ask: 'GET /coded/made.js',
    status: 200,
    has: { 'Content-Encoding': undefined, 'Accept-Ranges': 'bytes', Vary: vary },
    content: coded.made,
  },
  {
    name: 'not made of what it does not make smaller',
    ask: 'GET /coded/made.png',
    fields: accepting('br, gzip'),
    status: 200,
    has: { 'Content-Encoding': undefined, Vary: undefined },
    content: coded.made,
  },
  {
    name: 'not made for a range',
    ask: 'GET /coded/made.js',
    fields: [...accepting('br'), ['Range', 'bytes=4-7']],
    status: 206,
    has: { 'Content-Encoding': undefined, 'Content-Range': `bytes 4-7/${coded.made.length}`, Vary: vary },
    content: 'made',
  },
  {
    name: 'a range for who does not accept the file as it is, is the whole',
    ask: 'GET /coded/made.js',
    fields: [...accepting('br, identity;q=0'), ['Range', 'bytes=4-7']],
    status: 200,
    has: { 'Content-Encoding': 'br', 'Content-Range': undefined },
  },
  {
    name: 'a made form that is not modified is not made',
    ask: 'GET /coded/made.js',
    fields: [...accepting('br'), ['If-None-Match', '*']],
    status: 304,
    has: { ETag: /-identity-br"$/, Vary: vary },
  },
];

/** With `--no-compress` there is one form of everything. */
const switchedOff: readonly Row[] = [
  {
    name: 'no coded form is looked for',
    ask: 'GET /coded/app.js',
    fields: accepting('br'),
    server: 'bare',
    status: 200,
    has: { 'Content-Encoding': undefined, Vary: undefined },
    content: coded.plain,
  },
  {
    name: 'none is made',
    ask: 'GET /coded/made.js',
    fields: accepting('br'),
    server: 'bare',
    status: 200,
    has: { 'Content-Encoding': undefined, Vary: undefined },
    content: coded.made,
  },
  {
    name: 'a coded form alone is not found',
    ask: 'GET /coded/only.js',
    fields: accepting('br'),
    server: 'bare',
    status: 404,
  },
];

/** All of them. */
export const codingRows: readonly Row[] = [...negotiated, ...others, ...alone, ...made, ...switchedOff];
