/**
 * What is asked of servers, what a right answer is, and the files that are asked for. A new workload of the same
 * shape (one request, over and over, to every server) is one more entry of `workloads`.
 */
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Answer } from './ask.ts';

/** Name and value of each field beside Host, in the order they are sent. */
export type FieldLines = readonly (readonly [name: string, value: string])[];

/** What a right answer is. */
export interface Expected {
  readonly status: number;
  /** The content that has to come, or undefined where each server words its own. */
  readonly content: Buffer | undefined;
}

/** A request asked again and again over keep-alive connections. */
export interface Workload {
  /** What `--only` takes. */
  readonly name: string;
  readonly title: string;
  readonly connections: number;
  readonly target: string;
  /** The fields of the request; `etag` is the file's ETag as the server under test itself gave it. */
  readonly fields: (etag: string) => FieldLines;
  readonly expected: Expected;
  /** How wrk asks. */
  readonly asks:
    | { readonly kind: 'repeated' }
    | { readonly kind: 'pipelined'; readonly depth: number }
    | { readonly kind: 'uniform'; readonly files: number };
  /** Waits until the server on this port gives the answer that is to be measured. Rejects when it never does. */
  readonly settle?: (port: number) => Promise<void>;
  /** Further targets and their contents, for workloads that ask for more than one. */
  readonly samples?: readonly { readonly target: string; readonly content: Buffer }[];
  /** The whole answer that the floor gives, head and content. */
  readonly floorAnswer: Buffer;
}

const small = filler(1024);
const medium = filler(100_000);
const connections = 32;
const notFound = Buffer.from('404 Not Found: There is nothing at this address.\n');
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

const repeated = { kind: 'repeated' } as const;

const commonFields: readonly string[] = [
  'Date: Sun, 22 Nov 2026 12:00:00 GMT',
  'Server: floor!',
  'X-Content-Type-Options: nosniff',
  'Cache-Control: no-cache',
];
const validators = ['Last-Modified: Sat, 21 Nov 2026 12:00:00 GMT', 'ETag: "sg-dn14b7czp92z"'];
const image = ['Content-Type: image/jpeg', 'Accept-Ranges: bytes', ...validators];
const fieldsOf = {
  '200 OK': image,
  '206 Partial Content': image,
  '304 Not Modified': validators,
  '404 Not Found': ['Content-Type: text/plain; charset=utf-8', 'Vary: Accept'],
} as const;

/** The workloads that every server meets, in the order of the tables. */
export const workloads: readonly Workload[] = [
  {
    name: '1k',
    title: '1 KiB file, bare request',
    connections,
    target: '/1k.jpg',
    fields: () => [],
    expected: { status: 200, content: small },
    asks: repeated,
    floorAnswer: canned('200 OK', small),
  },
  {
    name: 'browser',
    title: "1 KiB file, a browser's head",
    connections,
    target: '/1k.jpg',
    fields: () => browserFields,
    expected: { status: 200, content: small },
    asks: repeated,
    floorAnswer: canned('200 OK', small),
  },
  {
    name: '100k',
    title: '100 KB file',
    connections,
    target: '/100k.jpg',
    fields: () => [],
    expected: { status: 200, content: medium },
    asks: repeated,
    floorAnswer: canned('200 OK', medium),
  },
  {
    name: '404',
    title: '404 Not Found',
    connections,
    target: '/absent.jpg',
    fields: () => [],
    expected: { status: 404, content: undefined },
    asks: repeated,
    floorAnswer: canned('404 Not Found', notFound),
  },
  {
    name: '304',
    title: '304 Not Modified',
    connections,
    target: '/1k.jpg',
    fields: current => [['If-None-Match', current]],
    expected: { status: 304, content: Buffer.alloc(0) },
    asks: repeated,
    floorAnswer: canned('304 Not Modified', Buffer.alloc(0)),
  },
  {
    name: '206',
    title: '206 Partial Content, 512 of 1024 bytes',
    connections,
    target: '/1k.jpg',
    fields: () => [['Range', `bytes=${wantedFirst}-${wantedLast}`]],
    expected: { status: 206, content: small.subarray(wantedFirst, wantedLast + 1) },
    asks: repeated,
    floorAnswer: canned('206 Partial Content', small.subarray(wantedFirst, wantedLast + 1), [
      `Content-Range: bytes ${wantedFirst}-${wantedLast}/${small.length}`,
    ]),
  },
];

/** The same request, 32 of them in one write. */
export const pipelined: Workload = {
  ...oneKibibyte('pipelined', '32 pipelined requests a write', connections),
  asks: { kind: 'pipelined', depth: 32 },
};

/** A 1 KiB file over a number of connections. */
export function overConnections(count: number): Workload {
  return oneKibibyte(`${count} connections`, `1 KiB file, ${count} connections`, count);
}

/** A file of a number of bytes over 32 connections. `writeSized` writes it. */
export function ofSize(bytes: number): Workload {
  return ofContent(sizedName(bytes), filler(bytes));
}

/** A file of the site with this name and content, over 32 connections. */
export function ofContent(name: string, content: Buffer): Workload {
  return {
    ...oneKibibyte(name, name, connections),
    target: `/${name}`,
    expected: { status: 200, content },
    floorAnswer: canned('200 OK', content),
  };
}

/** Files of 1 KiB, each as likely to be asked for as any other. `writeMany` writes them. */
export function ofMany(files: number): Workload {
  const samples = [0, 1, Math.floor(files / 2), Math.floor(files / 3), files - 1].map(index => ({
    target: `/${manyName(index)}`,
    content: manyContent(index),
  }));
  return {
    ...oneKibibyte('many', `${files.toLocaleString('en')} files of 1 KiB, asked for uniformly`, connections),
    target: `/${manyName(0)}`,
    expected: { status: 200, content: manyContent(0) },
    asks: { kind: 'uniform', files },
    samples,
  };
}

function oneKibibyte(name: string, title: string, count: number): Workload {
  return {
    name,
    title,
    connections: count,
    target: '/1k.jpg',
    fields: () => [],
    expected: { status: 200, content: small },
    asks: repeated,
    floorAnswer: canned('200 OK', small),
  };
}

/** Requests that a workload has under way on one connection. */
export function pipelineDepth({ asks }: Workload): number {
  return asks.kind === 'pipelined' ? asks.depth : 1;
}

/**
 * Writes the files that the workloads ask for. They are images, so that no server compresses them on the fly and
 * all send the same content, and they are a day old, so that none of them looks as if it were still being written.
 */
export function writeSite(root: string): void {
  writeAged(root, '1k.jpg', small);
  writeAged(root, '100k.jpg', medium);
}

/** Writes the files of `ofSize`. */
export function writeSized(root: string, sizes: readonly number[]): void {
  for (const bytes of sizes) writeAged(root, sizedName(bytes), filler(bytes));
}

/** Writes the files of `ofMany`, a thousand in a folder, no two alike. */
export function writeMany(root: string, files: number): void {
  for (let index = 0; index < files; index++) writeAged(root, manyName(index), manyContent(index));
}

/** Writes a file of so many mebibytes, no two of them alike, and tells its length and SHA-256 in hex. */
export function writeLarge(
  root: string,
  name: string,
  mebibytes: number,
): { readonly length: number; readonly sha256: string } {
  const hash = createHash('sha256');
  const piece = filler(2 ** 20);
  const file = openSync(join(root, name), 'w');
  try {
    for (let index = 0; index < mebibytes; index++) {
      piece.writeUInt32BE(index, 0);
      hash.update(piece);
      writeSync(file, piece);
    }
  } finally {
    closeSync(file);
  }
  age(join(root, name));
  return { length: mebibytes * piece.length, sha256: hash.digest('hex') };
}

/** What is wrong with an answer, or undefined when it is the expected one. */
export function judge({ status, content }: Expected, answer: Answer): string | undefined {
  if (answer.status !== status) return `answered ${answer.status} where ${status} is right`;
  if (content === undefined || answer.content.equals(content)) return undefined;
  if (answer.content.length !== content.length) {
    return `sent ${answer.content.length} bytes of content where ${content.length} are right`;
  }
  return 'sent other bytes than those of the file';
}

/** What is wrong with the answers to pipelined requests, or undefined when each brought the whole content. */
export function judgePipelined(workload: Workload, answers: Buffer): string | undefined {
  const { content } = workload.expected;
  if (content === undefined) return undefined;
  let found = 0;
  for (let at = answers.indexOf(content); at !== -1; at = answers.indexOf(content, at + content.length))
    found++;
  const depth = pipelineDepth(workload);
  return found === depth ? undefined : `gave ${found} right answers to ${depth} pipelined requests`;
}

function sizedName(bytes: number): string {
  return `size-${bytes}.jpg`;
}

/** wrk.lua makes the same names. */
function manyName(index: number): string {
  return `many/${String(Math.floor(index / 1000)).padStart(3, '0')}/${String(index).padStart(5, '0')}.jpg`;
}

function manyContent(index: number): Buffer {
  const content = Buffer.from(small);
  content.writeUInt32BE(index, 0);
  return content;
}

/** Writes a file as if it had been there for a day. */
export function writeAged(root: string, name: string, content: Buffer): void {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  age(path);
}

function age(path: string): void {
  const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000);
  utimesSync(path, yesterday, yesterday);
}

/** An answer of as many octets as ours has: the system is to move no fewer of them for the floor. */
function canned(status: keyof typeof fieldsOf, content: Buffer, lines: readonly string[] = []): Buffer {
  const fields = [...commonFields, ...fieldsOf[status], ...lines];
  const length = status === '304 Not Modified' ? [] : [`Content-Length: ${content.length}`];
  const head = [`HTTP/1.1 ${status}`, ...fields, ...length].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), content]);
}

/** Bytes that look random and are the same on every run. */
export function filler(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let at = 0; at < length; at++) {
    state = (state * 48271) % 2147483647;
    bytes[at] = state & 255;
  }
  return bytes;
}
