// The reasons that are told, and that they are those of the answer which a real server sends.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { decisionText } from '../../src/cli/explain-decision.ts';
import type { Style } from '../../src/cli/style.ts';
import { readOptions } from '../../src/config/options.ts';
import { type Decision, decide } from '../../src/explain/decision.ts';
import { createServer } from '../../src/index.ts';
import { askLimits, createAsk } from '../../src/probe/ask.ts';

const root = mkdtempSync(join(tmpdir(), 'plinth-explain-'));
after(() => rmSync(root, { recursive: true, force: true }));
const text = 'word '.repeat(1000);
mkdirSync(join(root, 'docs'));
for (const [name, content] of [
  ['about.html', text],
  ['docs/index.html', 'docs'],
  ['a.css', text],
  ['a.css.gz', gzipSync(text)],
  ['.secret', 'x'],
  ['404.html', 'lost'],
] as const) {
  writeFileSync(join(root, name), content);
  utimesSync(join(root, name), 1_600_000_000, 1_600_000_000);
}
symlinkSync(tmpdir(), join(root, 'out'));

const same = (text: string): string => text;
const plain: Style = { bold: same, dim: same, accent: same, warn: same, good: same, bad: same };

type Fields = readonly (readonly [string, string])[];

function decided(target: string, fields: Fields = [], options: object = {}): Promise<Decision> {
  return decide(readOptions({ root, ...options }), target, fields);
}

function lookedFor({ looks }: Decision): readonly string[] {
  return looks.map(({ path, found, why }) => `${path} ${found}${why === undefined ? '' : `: ${why}`}`);
}

test('it is told where it was looked, in order, and what stood there', async () => {
  const rows: readonly (readonly [string, object, number, readonly string[]])[] = [
    ['/about', {}, 200, ['/about absent', '/about.html file']],
    ['/about', { cleanUrls: false }, 404, ['/about absent', '/about/404.html absent', '/404.html file']],
    ['/docs/', {}, 200, ['/docs/index.html file']],
    [
      '/docs',
      {},
      308,
      [
        '/docs folder',
        '/docs.html absent',
        '/docs.html.br absent',
        '/docs.html.zst absent',
        '/docs.html.gz absent',
      ],
    ],
    ['/.secret', {}, 404, ['/.secret denied: hidden', '/.secret/404.html denied: hidden', '/404.html file']],
    ['/out', {}, 404, ['/out denied: outside the root']],
    ['//about', {}, 308, []],
  ];
  for (const [target, options, status, expected] of rows) {
    const decision = await decided(target, [['Accept', 'text/html']], options);
    assert.equal(decision.status, status, target);
    assert.deepEqual(lookedFor(decision).slice(0, expected.length), expected, target);
    if (status === 404) assert.equal(lookedFor(decision).at(-1), '/404.html file');
  }
});

test('it is told which form was chosen, and whether the client has it', async () => {
  const tag = (await decided('/a.css')).form?.etag ?? '';
  const rows: readonly (readonly [string, Fields, number, object | undefined, Decision['preconditions']])[] =
    [
      ['/a.css', [], 200, { path: '/a.css', from: 'identity', to: 'identity' }, undefined],
      [
        '/a.css',
        [['Accept-Encoding', 'gzip']],
        200,
        { path: '/a.css.gz', from: 'gzip', to: 'gzip' },
        undefined,
      ],
      [
        '/about',
        [['Accept-Encoding', 'br, gzip']],
        200,
        { path: '/about.html', from: 'identity', to: 'br' },
        undefined,
      ],
      ['/a.css', [['If-None-Match', tag]], 304, { path: '/a.css' }, 'not-modified'],
      ['/a.css', [['If-None-Match', '"other"']], 200, { path: '/a.css' }, 'proceed'],
      ['/a.css', [['If-Match', '"other"']], 412, { path: '/a.css' }, 'failed'],
      ['/a.css', [['Accept-Encoding', 'identity;q=0']], 406, undefined, undefined],
      ['/none', [['If-None-Match', tag]], 404, undefined, undefined],
    ];
  for (const [target, fields, status, form, preconditions] of rows) {
    const decision = await decided(target, fields);
    assert.equal(decision.status, status, JSON.stringify(fields));
    assert.equal(decision.preconditions, preconditions, JSON.stringify(fields));
    if (form === undefined) assert.equal(decision.form, undefined);
    else assert.deepEqual({ ...decision.form, ...form }, decision.form);
  }
});

test('it is told by which field a variant was chosen', async () => {
  const folder = mkdtempSync(join(root, 'variants-'));
  for (const name of ['a.jpg', 'a.webp', 'b.jpg', 'p.html', 'p.zh.html'])
    writeFileSync(join(folder, name), name);
  const options = { root: folder, variants: true, languages: ['en', 'zh'] };
  const variant = (field: string, value?: string, chosen?: string, language?: string): object => ({
    field,
    value,
    chosen,
    language,
  });
  const rows: readonly (readonly [
    string,
    Fields,
    sent: string,
    variant: object | undefined,
    text: RegExp,
  ])[] = [
    [
      '/a.jpg',
      [['Accept', 'image/avif,image/webp']],
      '/a.webp',
      variant('Accept', 'image/avif,image/webp', 'webp'),
      /Accept says "image\/avif,image\/webp": it names image\/webp, which is sent in the stead of the image\n/,
    ],
    ['/a.jpg', [], '/a.jpg', variant('Accept'), /there is no Accept: no newer form/],
    ['/b.jpg', [['Accept', 'image/webp']], '/b.jpg', variant('Accept', 'image/webp'), /no newer form/],
    [
      '/p',
      [['Accept-Language', 'zh-CN']],
      '/p.zh.html',
      variant('Accept-Language', 'zh-CN', 'zh', 'zh'),
      /Accept-Language says "zh-CN": the page in zh is what it prefers/,
    ],
    [
      '/p',
      [['Accept-Language', 'en']],
      '/p.html',
      variant('Accept-Language', 'en', undefined, 'en'),
      /Accept-Language says "en": no page in a language that it prefers to en stands beside this one/,
    ],
    ['/a.webp', [], '/a.webp', undefined, /\/a\.webp as it is/],
  ];
  for (const [target, fields, sent, expected, text] of rows) {
    const decision = await decided(target, fields, options);
    assert.deepEqual([decision.form?.path, decision.variant], [sent, expected], target);
    assert.match(decisionText(decision, folder, plain), text);
  }
});

test('it is told what a tag was made of', async () => {
  const decision = await decided('/a.css');
  assert.match(decisionText(decision, root, plain), /with the tag "\S+", of its size and time\n/);
  writeFileSync(join(root, 'old.css'), text);
  utimesSync(join(root, 'old.css'), 1, 1);
  const { form, ...others } = await decided('/old.css');
  assert.ok(form);
  assert.match(decisionText({ form, ...others }, root, plain), /without a tag, as its time tells nothing/);
  // A server has its hash before long.
  const known = { ...others, form: { ...form, etag: '"hash"' } };
  assert.match(decisionText(known, root, plain), /with the tag "hash", of its content\n/);
});

test('a listing that would leave while its folder is read is explained as such', async () => {
  const rows: readonly (readonly [folder: string, members: number, content: RegExp])[] = [
    ['few', 1000, /^\d+ octets that are made for the answer$/],
    ['many', 1001, /^made while it is sent$/],
  ];
  for (const [folder, members, content] of rows) {
    mkdirSync(join(root, folder));
    for (let at = 0; at < members; at += 1) writeFileSync(join(root, folder, `${at}.txt`), '');
    const decision = await decided(`/${folder}/`);
    assert.match(decision.content, content);
    assert.equal(lookedFor(decision).at(-1), `/${folder} members`);
  }
});

test('what cannot be a request is told of in words', async () => {
  const rows: readonly (readonly [string, Fields, number, RegExp])[] = [
    ['/%zz', [], 400, /malformed/],
    ['/a%2fb', [], 400, /slash|separator/],
    ['/a', [['Host', 'a b']], 400, /Host/],
    [`/${'x'.repeat(9000)}`, [], 414, /too long/],
    ['/a', [['Content-Length', '5']], 400, /does not come to its end/],
  ];
  for (const [target, fields, status, note] of rows) {
    const decision = await decided(target, fields);
    assert.equal(decision.status, status);
    assert.match(decision.note ?? '', note);
    assert.equal(decision.path, target === '/a' ? decision.path : undefined);
  }
  const spaced = await decided('/é x?ä');
  assert.deepEqual([spaced.path, spaced.query], ['/é x', '?%C3%A4']);
});

test('what is explained is what a server answers', async () => {
  const server = createServer({ root, port: 0, host: '127.0.0.1' });
  const [address] = await server.start();
  const { ask, end } = createAsk(askLimits, 'test');
  try {
    assert.ok(address?.kind === 'tcp');
    const rows: readonly (readonly [string, Record<string, string>])[] = [
      ['/about', { 'accept-encoding': 'identity' }],
      ['/a.css', { 'accept-encoding': 'gzip' }],
      ['/a.css', { range: 'bytes=0-9', 'accept-encoding': 'identity' }],
      ['/docs', {}],
      ['/none', { accept: 'text/html' }],
      ['/none', { accept: 'application/json' }],
      ['/.secret', {}],
    ];
    for (const [target, fields] of rows) {
      const answer = await ask(new URL(target, address.url).href, { fields: { accept: '*/*', ...fields } });
      assert.ok(answer.kind === 'reply');
      const decision = await decided(
        target,
        Object.entries({ accept: '*/*', 'accept-encoding': 'br, gzip', ...fields }),
      );
      const set = decision.fields.map(({ name, value }) => [name.toLowerCase(), value] as const);
      const sent = [...answer.fields].filter(([name]) => !ofTransport.has(name));
      assert.equal(decision.status, answer.status, target);
      assert.deepEqual([...set].sort(), [...sent].sort(), target);
    }
  } finally {
    end();
    await server.stop();
  }
});

const ofTransport = new Set(['date', 'content-length', 'connection', 'keep-alive', 'transfer-encoding']);
