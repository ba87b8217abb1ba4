/**
 * The rows of the table: what is asked of every server, and what a right answer is. A new workload of the same
 * shape (one request, over and over) is one more entry of `workloads`.
 */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Answer } from './ask.ts';

/** Name and value of each field beside Host, in the order they are sent. */
export type FieldLines = readonly (readonly [name: string, value: string])[];

/** One request asked again and again over keep-alive connections. */
export interface Workload {
  /** What `--only` takes. */
  readonly name: string;
  readonly title: string;
  readonly connections: number;
  readonly target: string;
  /** The fields of the request; `etag` is the file's ETag as the server under test itself gave it. */
  readonly fields: (etag: string) => FieldLines;
  readonly expected: {
    readonly status: number;
    /** The content that has to come, or undefined where each server words its own. */
    readonly content: Buffer | undefined;
  };
  /** The whole answer that the floor gives, head and content. */
  readonly floorAnswer: Buffer;
}

const small = filler(1024);
const medium = filler(100_000);
const connections = 32;
const etag = '"400-18bcfe56800"';
const wantedFirst = 256;
const wantedLast = 767;

/**
 * What Chromium sends for an image of a page of the same site: 13 fields with Host, about 700 bytes with the
 * request line.
 */
const browserFields: FieldLines = [
  ['Connection', 'keep-alive'],
  ['sec-ch-ua-platform', '"Linux"'],
  [
    'User-Agent',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  ],
  ['sec-ch-ua', '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"'],
  ['sec-ch-ua-mobile', '?0'],
  ['Accept', 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8'],
  ['Sec-Fetch-Site', 'same-origin'],
  ['Sec-Fetch-Mode', 'no-cors'],
  ['Sec-Fetch-Dest', 'image'],
  ['Referer', 'http://127.0.0.1:8080/guide/how-a-request-travels/'],
  ['Accept-Encoding', 'gzip, deflate, br, zstd'],
  ['Accept-Language', 'en-GB,en;q=0.9,zh-CN;q=0.8,zh;q=0.7'],
];

/** Every workload, in the order of the table. */
export const workloads: readonly Workload[] = [
  {
    name: '1k',
    title: '1 KiB file, bare request',
    connections,
    target: '/1k.jpg',
    fields: () => [],
    expected: { status: 200, content: small },
    floorAnswer: canned('200 OK', small, []),
  },
  {
    name: 'browser',
    title: "1 KiB file, a browser's head",
    connections,
    target: '/1k.jpg',
    fields: () => browserFields,
    expected: { status: 200, content: small },
    floorAnswer: canned('200 OK', small, []),
  },
  {
    name: '100k',
    title: '100 KB file',
    connections,
    target: '/100k.jpg',
    fields: () => [],
    expected: { status: 200, content: medium },
    floorAnswer: canned('200 OK', medium, []),
  },
  {
    name: '404',
    title: '404 Not Found',
    connections,
    target: '/absent.jpg',
    fields: () => [],
    expected: { status: 404, content: undefined },
    floorAnswer: canned('404 Not Found', Buffer.from('Not found\n'), []),
  },
  {
    name: '304',
    title: '304 Not Modified',
    connections,
    target: '/1k.jpg',
    fields: current => [['If-None-Match', current]],
    expected: { status: 304, content: Buffer.alloc(0) },
    floorAnswer: canned('304 Not Modified', Buffer.alloc(0), []),
  },
  {
    name: '206',
    title: '206 Partial Content, 512 of 1024 bytes',
    connections,
    target: '/1k.jpg',
    fields: () => [['Range', `bytes=${wantedFirst}-${wantedLast}`]],
    expected: { status: 206, content: small.subarray(wantedFirst, wantedLast + 1) },
    floorAnswer: canned('206 Partial Content', small.subarray(wantedFirst, wantedLast + 1), [
      `Content-Range: bytes ${wantedFirst}-${wantedLast}/${small.length}`,
    ]),
  },
];

/**
 * Writes the files that the workloads ask for. They are images, so that no server compresses them on the fly and
 * all send the same content, and they are a day old, so that none of them looks as if it were still being written.
 */
export function writeSite(root: string): void {
  const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000);
  for (const [name, content] of [
    ['1k.jpg', small],
    ['100k.jpg', medium],
  ] as const) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    utimesSync(path, yesterday, yesterday);
  }
}

/** What is wrong with an answer, or undefined when it is what the workload expects. */
export function judge(workload: Workload, answer: Answer): string | undefined {
  const { status, content } = workload.expected;
  if (answer.status !== status) return `answered ${answer.status} where ${status} is right`;
  if (content === undefined || answer.content.equals(content)) return undefined;
  if (answer.content.length !== content.length) {
    return `sent ${answer.content.length} bytes of content where ${content.length} are right`;
  }
  return 'sent other bytes than those of the file';
}

function canned(status: string, content: Buffer, lines: readonly string[]): Buffer {
  const length = status.startsWith('304') ? [] : [`Content-Length: ${content.length}`];
  const fields = ['Content-Type: image/jpeg', `ETag: ${etag}`, ...length, ...lines];
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${fields.join('\r\n')}\r\n\r\n`), content]);
}

/** Bytes that look random and are the same on every run. */
function filler(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let at = 0; at < length; at++) {
    state = (state * 48271) % 2147483647;
    bytes[at] = state & 255;
  }
  return bytes;
}
