// Nothing stale survives: each way in which what stands at a path can change, seen by a watcher and without one.
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FieldLine } from '../../src/http/message.ts';
import { field, text } from '../wire/client.ts';
import { type Running, startRaw } from '../wire/transports.ts';
import { type Seeing, settledMs, startSeeing, until } from './servers.ts';

/** A change of what a folder holds, and how the answer to one request shows it. */
interface Change {
  readonly name: string;
  /** Contents by path. A folder `site` among them is the root, else all of it is. */
  readonly files: Readonly<Record<string, string>>;
  /** Links by path. */
  readonly links?: Readonly<Record<string, string>>;
  readonly target: string;
  readonly fields?: readonly FieldLine[];
  readonly change: (folder: string) => void;
  /** What the answer shows before and after: its status, coding and content. */
  readonly before: string;
  readonly after: string;
}

const fixed = new Date('2026-01-01T00:00:00Z');
const gzip: readonly FieldLine[] = [['Accept-Encoding', 'gzip']];

const changes: readonly Change[] = [
  {
    name: 'an edit in place',
    files: { 'a.txt': 'one' },
    target: '/a.txt',
    change: folder => writeFileSync(join(folder, 'a.txt'), 'one and two'),
    before: '200 one',
    after: '200 one and two',
  },
  {
    name: 'an edit that keeps size and time of modification within the same second',
    files: { 'a.txt': 'one' },
    target: '/a.txt',
    change: folder => put(folder, 'a.txt', 'two'),
    before: '200 one',
    after: '200 two',
  },
  {
    name: 'another file of the same size and time put in its place by a rename',
    files: { 'a.txt': 'one', 'b.txt': 'two' },
    target: '/a.txt',
    change: folder => renameSync(join(folder, 'b.txt'), join(folder, 'a.txt')),
    before: '200 one',
    after: '200 two',
  },
  {
    name: 'a swap of two files that keeps both',
    files: { 'a.txt': 'one', 'b.txt': 'two' },
    target: '/b.txt',
    change: folder => {
      renameSync(join(folder, 'a.txt'), join(folder, 'c.txt'));
      renameSync(join(folder, 'b.txt'), join(folder, 'a.txt'));
      renameSync(join(folder, 'c.txt'), join(folder, 'b.txt'));
    },
    before: '200 two',
    after: '200 one',
  },
  {
    name: 'a folder put in the place of another',
    files: { 'docs/deep/a.txt': 'one', 'next/deep/a.txt': 'two' },
    target: '/docs/deep/a.txt',
    change: folder => {
      renameSync(join(folder, 'docs'), join(folder, 'old'));
      renameSync(join(folder, 'next'), join(folder, 'docs'));
    },
    before: '200 one',
    after: '200 two',
  },
  {
    name: 'a link to a file that is flipped',
    files: { 'one.txt': 'one', 'two.txt': 'two' },
    links: { 'a.txt': 'one.txt' },
    target: '/a.txt',
    change: folder => flip(folder, 'a.txt', 'two.txt'),
    before: '200 one',
    after: '200 two',
  },
  {
    name: 'an edit of the file that a link leads to',
    files: { 'kept/one.txt': 'one' },
    links: { 'a.txt': 'kept/one.txt' },
    target: '/a.txt',
    change: folder => put(folder, 'kept/one.txt', 'two'),
    before: '200 one',
    after: '200 two',
  },
  {
    name: 'a link in the middle that is flipped',
    files: { 'releases/1/x/a.txt': 'one', 'releases/2/x/a.txt': 'two' },
    links: { current: 'releases/1' },
    target: '/current/x/a.txt',
    change: folder => flip(folder, 'current', 'releases/2'),
    before: '200 one',
    after: '200 two',
  },
  {
    name: 'a link beyond a link that is flipped, as Kubernetes mounts its files',
    files: { '..2026_1/a.txt': 'one', '..2026_2/a.txt': 'two' },
    links: { '..data': '..2026_1', 'a.txt': '..data/a.txt' },
    target: '/a.txt',
    change: folder => flip(folder, '..data', '..2026_2'),
    before: '200 one',
    after: '200 two',
  },
  {
    name: 'the root behind a link that is flipped',
    files: { '1/a.txt': 'one', '2/a.txt': 'two' },
    links: { site: '1' },
    target: '/a.txt',
    change: folder => flip(folder, 'site', '2'),
    before: '200 one',
    after: '200 two',
  },
  {
    name: 'the root behind a link behind a link, whose far end is flipped',
    files: { 'releases/1/public/a.txt': 'one', 'releases/2/public/a.txt': 'two' },
    links: { site: 'releases/current/public', 'releases/current': '1' },
    target: '/a.txt',
    change: folder => flip(folder, 'releases/current', '2'),
    before: '200 one',
    after: '200 two',
  },
  {
    name: 'the root itself put in the place of another',
    files: { 'site/a.txt': 'one', 'next/a.txt': 'two' },
    target: '/a.txt',
    change: folder => {
      renameSync(join(folder, 'site'), join(folder, 'old'));
      renameSync(join(folder, 'next'), join(folder, 'site'));
    },
    before: '200 one',
    after: '200 two',
  },
  {
    name: 'a file that is removed',
    files: { 'a.txt': 'one', 'b.txt': '' },
    target: '/a.txt',
    change: folder => rmSync(join(folder, 'a.txt')),
    before: '200 one',
    after: '404 404 Not Found: There is nothing at this address.\n',
  },
  {
    name: 'a file that appears where nothing was',
    files: { 'b.txt': '' },
    target: '/a.txt',
    change: folder => put(folder, 'a.txt', 'two'),
    before: '404 404 Not Found: There is nothing at this address.\n',
    after: '200 two',
  },
  {
    name: 'a file that appears in folders that were not there',
    files: { 'b.txt': '' },
    target: '/new/deep/a.txt',
    change: folder => {
      put(folder, 'made/deep/a.txt', 'two');
      renameSync(join(folder, 'made'), join(folder, 'new'));
    },
    before: '404 404 Not Found: There is nothing at this address.\n',
    after: '200 two',
  },
  {
    name: 'an index page that appears in a folder that was listed',
    files: { 'docs/a.txt': '' },
    target: '/docs/',
    fields: [['Accept', 'application/json']],
    change: folder => put(folder, 'docs/index.html', 'the page'),
    before:
      '200 {\n  "path": "/docs/",\n  "entries": [\n    { "name": "a.txt", "kind": "file", "href": "./a.txt", "size": 0, "modified": "2026-01-01T00:00:00.000Z" }\n  ]\n}\n',
    after: '200 the page',
  },
  {
    name: 'a page for what is not found that appears',
    files: { 'b.txt': '' },
    target: '/a',
    fields: [['Accept', 'text/html']],
    change: folder => put(folder, '404.html', 'ours'),
    before: '404 theirs',
    after: '404 ours',
  },
  {
    name: 'a coded form that appears',
    files: { 'a.js': 'plain' },
    target: '/a.js',
    fields: gzip,
    change: folder => put(folder, 'a.js.gz', 'coded'),
    before: '200 plain',
    after: '200 gzip coded',
  },
  {
    name: 'a coded form that goes',
    files: { 'a.js': 'plain', 'a.js.gz': 'coded' },
    target: '/a.js',
    fields: gzip,
    change: folder => rmSync(join(folder, 'a.js.gz')),
    before: '200 gzip coded',
    after: '200 plain',
  },
  {
    name: 'a coded form that is now older than its file',
    files: { 'a.js': 'plain', 'a.js.gz': 'coded' },
    target: '/a.js',
    fields: gzip,
    change: folder => writeFileSync(join(folder, 'a.js'), 'newer'),
    before: '200 gzip coded',
    after: '200 newer',
  },
];

const above = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-truth-')));
const seeings: readonly Seeing[] = ['at once, by a watcher', 'when the time is over'];
const rows = changes.flatMap(change =>
  seeings.map(seeing => ({ change, seeing, seen: make(change), unseen: make(change) })),
);

before(() => new Promise(resolve => setTimeout(resolve, settledMs)));
after(() => rmSync(above, { recursive: true, force: true }));

for (const { change, seeing, seen, unseen } of rows) {
  test(`${change.name} shows ${seeing}`, async t => {
    const server = await startSeeing(seeing, rootIn(seen));
    t.after(() => server.stop());
    const memory = await startSeeing('not at all', rootIn(unseen));
    t.after(() => memory.stop());
    for (let round = 0; round < 3; round++) {
      for (const one of [server, memory]) assert.equal(await answer(one, change), change.before);
    }
    for (const folder of [seen, unseen]) change.change(folder);
    await until(async () => (await answer(server, change)) === change.after, change.after);
    for (let round = 0; round < 3; round++) assert.equal(await answer(server, change), change.after);
    // It was remembered. A listing never is.
    if (!change.before.includes('"entries"')) assert.equal(await answer(memory, change), change.before);
    assert.deepEqual(server.reports, []);
  });
}

test('a copy that a client has is not called current after an edit within the same second', async t => {
  const folder = mkdtempSync(join(above, 'folder-'));
  const path = join(folder, 'a.txt');
  const server = await startRaw({ root: folder });
  t.after(() => server.stop());
  const second = 1_700_000_000;
  writeFileSync(path, 'first');
  utimesSync(path, second, second);
  const tags = new Set<string>();
  for (const [content, after] of [
    ['other', 0.001],
    ['third', 0.5],
    ['forth', 0.999],
  ] as const) {
    const held = await server.exchange({ method: 'GET', target: '/a.txt', fields: [] });
    const tag = field(held, 'etag') ?? '';
    tags.add(tag);
    writeFileSync(path, content);
    utimesSync(path, second, second + after);
    const ask = async (): Promise<string> => {
      const fields: readonly FieldLine[] = [
        ['If-None-Match', tag],
        ['If-Modified-Since', field(held, 'last-modified') ?? ''],
      ];
      const { status, content } = await server.exchange({ method: 'GET', target: '/a.txt', fields });
      return `${status} ${content}`;
    };
    await until(async () => (await ask()) === `200 ${content}`, content);
  }
  assert.equal(tags.size, 3);
});

async function answer(server: Running, { target, fields = [] }: Change): Promise<string> {
  const response = await server.exchange({ method: 'GET', target, fields });
  const coding = field(response, 'content-encoding');
  const content = text(response);
  const shown = content.startsWith('<!doctype') ? 'theirs' : content;
  return [response.status, ...(coding === undefined ? [] : [coding]), shown].join(' ');
}

function make({ files, links = {} }: Change): string {
  const folder = mkdtempSync(join(above, 'folder-'));
  for (const [path, content] of Object.entries(files)) put(folder, path, content);
  for (const [path, to] of Object.entries(links)) symlinkSync(to, join(folder, path));
  return folder;
}

function rootIn(folder: string): string {
  return existsSync(join(folder, 'site')) ? join(folder, 'site') : folder;
}

/** Writes a file in place, always with the same time of modification. */
function put(folder: string, path: string, content: string): void {
  const place = join(folder, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, content);
  utimesSync(place, fixed, fixed);
}

/** Makes a link lead elsewhere, as deployments do it: there is no moment without one. */
function flip(folder: string, link: string, to: string): void {
  symlinkSync(to, join(folder, 'flipping'));
  renameSync(join(folder, 'flipping'), join(folder, link));
}
