// The folder that the wire tests serve: every kind of thing that a site may hold, and what must never leave it.
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** When every file of the site was last modified. */
const modified: Date = new Date('2024-02-03T04:05:06.789Z');

/** The same as Last-Modified says it, in the three forms of RFC 9110 §5.6.7. */
export const modifiedForms = {
  imf: 'Sat, 03 Feb 2024 04:05:06 GMT',
  rfc850: 'Saturday, 03-Feb-24 04:05:06 GMT',
  asctime: 'Sat Feb  3 04:05:06 2024',
} as const;

/** Stands in every file that no answer may ever hold. */
export const secret = 'TOP-SECRET-e7b1';

/** Octets of `big.bin`, a sparse file, and where its marker stands, beyond 4 GiB. */
export const big = { size: 5 * 2 ** 30, markerAt: 2 ** 32 + 5, marker: 'beyond four gibibytes' } as const;

/** Contents of the site by path. */
export const files: Readonly<Record<string, string>> = {
  'index.html': '<!doctype html><title>home</title>',
  'a.txt': '0123456789abcdefghijklmnopqrstuvwxyz',
  'empty.txt': '',
  noext: 'bytes',
  'style.css': 'p{}',
  'app.mjs': 'export {};',
  'data.json': '{}',
  'pic.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'font.woff2': 'w',
  'about.html': 'about',
  both: 'the file',
  'both.html': 'the page',
  'team.html': 'team page',
  'team/x.txt': 'x',
  'docs/index.html': 'docs index',
  'docs/page.html': 'docs page',
  'old/index.htm': 'old index',
  'list/z-folder/x': 'x',
  'list/file 10.txt': '10',
  'list/file 9.txt': '9',
  'list/.hidden': secret,
  'errs/404.html': 'nothing in errs',
  'errs/405.html': 'only reading in errs',
  'errs/412.html': 'precondition in errs',
  'errs/416.html': 'range in errs',
  'errs/deep/x.txt': 'x',
  'errs/own/404.html': 'nothing in own',
  '.well-known/security.txt': 'Contact: mailto:a@example.org',
  '.well-known/.secret': secret,
  '.env': `TOKEN=${secret}`,
  '.git/config': secret,
  '.git/HEAD': secret,
  'sub/.env': secret,
  'sub/x.txt': 'x',
  'private/f.txt': 'not secret',
};

/**
 * Contents below `coded/`: of `app.js`, plain and in each coding (the server sends what is stored and does not look
 * into it), and what the files that stand there in a coding alone hold when they are decoded.
 */
export const coded = {
  plain: 'let coding = "none";',
  br: 'not really brotli',
  zstd: 'nor is this zstd',
  gzip: 'gzip neither',
  alone: 'what is stored in a coding only',
  /** Of `made.js`, which stands there plain and is long enough to be coded. */
  made: 'let made = "again and again";\n'.repeat(50),
} as const;

/** A served folder with secrets around it. */
export interface SiteFolder {
  /** The folder above the root; it holds secrets as well. */
  readonly above: string;
  readonly root: string;
  readonly remove: () => void;
}

/** Makes `site/`, its sibling `site-secret/` and a secret above both. */
export function makeSite(): SiteFolder {
  const above = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-wire-')));
  const root = join(above, 'site');
  for (const [path, content] of Object.entries(files)) put(join(root, path), content);
  for (const [path, content] of codedFiles()) put(join(root, 'coded', path), content);
  utimesSync(join(root, 'coded', 'stale.js.br'), modified, new Date(modified.getTime() - 1));
  put(join(above, 'site-secret', 's'), secret);
  put(join(above, 'site-secret', 'index.html'), secret);
  put(join(above, 'secret.txt'), secret);
  makeBig(join(root, 'big.bin'));
  return { above, root, remove: () => rmSync(above, { recursive: true, force: true }) };
}

/** Links of each kind, below `links/`: those that lead out of the root, into hidden things, in circles, nowhere. */
export function addLinks({ above, root }: SiteFolder): void {
  const folder = join(root, 'links');
  mkdirSync(join(folder, 'nested'), { recursive: true });
  const links: Readonly<Record<string, string>> = {
    'out-file.txt': join(above, 'secret.txt'),
    'out-relative.txt': '../../secret.txt',
    'out-folder': join(above, 'site-secret'),
    'out-root': above,
    'nested/out': '../out-folder',
    'twice.txt': 'out-file.txt',
    'x.js.gz': join(above, 'secret.txt'),
    'alone.js.br': join(above, 'secret.txt'),
    'page.html': join(above, 'secret.txt'),
    'hidden.txt': '../.env',
    git: '../.git',
    broken: 'nowhere',
    loop: 'loop',
    'inside.txt': '../a.txt',
    'inside-folder': '../docs',
    root: '..',
    passwd: '/etc/passwd',
    proc: '/proc/self',
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name));
  writeFileSync(join(folder, 'x.js'), '1');
  linkSync(join(root, 'a.txt'), join(folder, 'hard.txt'));
}

function codedFiles(): readonly (readonly [path: string, content: string | Buffer])[] {
  const gzip = gzipSync(coded.alone);
  return [
    ['app.js', coded.plain],
    ['app.js.br', coded.br],
    ['app.js.zst', coded.zstd],
    ['app.js.gz', coded.gzip],
    ['stale.js', coded.plain],
    ['stale.js.br', coded.br],
    ['stale.js.gz', coded.gzip],
    ['pic.png', coded.plain],
    ['pic.png.br', coded.br],
    ['only.js.br', brotliCompressSync(coded.alone)],
    ['zipped.css.zst', coded.zstd],
    ['page.html.gz', gzip],
    ['folder/index.html.gz', gzip],
    ['pic.svgz', gzip],
    ['made.js', coded.made],
    ['made.png', coded.made],
  ];
}

function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  utimesSync(path, modified, modified);
}

function makeBig(path: string): void {
  writeFileSync(path, '');
  truncateSync(path, big.size);
  const fd = openSync(path, 'r+');
  writeSync(fd, Buffer.from(big.marker), 0, big.marker.length, big.markerAt);
  closeSync(fd);
  utimesSync(path, modified, modified);
}
