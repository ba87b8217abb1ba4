// Every check of the doctor against a small site that keeps its rule and one that does not, then whole sites.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createServer, memoryStore } from '../../src/index.ts';
import { checks, examine, type Report, type Result } from '../../src/probe/doctor.ts';
import { type Answer, type Asked, rawServer, siteOf } from './site.ts';

type Site = Parameters<typeof siteOf>[0];

const html = { 'content-type': 'text/html; charset=utf-8', 'content-encoding': 'identity' };
const script = { 'content-type': 'text/javascript' };

function page(body: string, fields: Answer['fields'] = {}): Answer {
  return { fields: { ...html, ...fields }, content: `<!doctype html><p>${body}` };
}

function linking(...targets: readonly string[]): Answer {
  return page(targets.map(target => `<a href="${target}">x</a>`).join(''));
}

async function examined(origin: string): Promise<Extract<Report, { kind: 'examined' }>> {
  const report = await examine(`${origin}/`, () => {});
  assert.ok(report.kind === 'examined', JSON.stringify(report));
  return report;
}

function resultOf(report: Extract<Report, { kind: 'examined' }>, id: string): Result {
  const result = report.results.find(one => one.id === id);
  assert.ok(result !== undefined, `there is no check ${id}`);
  return result;
}

const text = 'word '.repeat(1000);
const coded: Answer = {
  fields: { ...script, 'content-encoding': 'gzip' },
  content: gzipSync(text),
};
const ranged = ({ fields }: Asked): Answer =>
  fields.range === 'bytes=0-0'
    ? { status: 206, fields: { 'content-type': 'video/mp4', 'content-range': 'bytes 0-0/10' }, content: '0' }
    : { fields: { 'content-type': 'video/mp4' }, content: '0123456789' };
const conditional = ({ fields }: Asked): Answer =>
  fields['if-none-match'] === '"1"'
    ? { status: 304, fields: { etag: '"1"' } }
    : page('', { etag: '"1"', 'last-modified': 'Sun, 22 Nov 2026 10:00:00 GMT' });

/** Which check, which site, the verdict, and what each finding says, without the origin. */
const rows: readonly (readonly [string, Site, Result['verdict'], readonly string[]])[] = [
  ['redirects', { '/': page('') }, 'unasked', []],
  [
    'redirects',
    { '/': linking('/a'), '/a': { status: 301, fields: { location: '/b' } }, '/b': page('') },
    'passed',
    [],
  ],
  [
    'redirects',
    {
      '/': linking('/a', '/loop', '/blank'),
      '/a': { status: 302, fields: { location: '/b' } },
      '/b': { status: 308, fields: { location: '/' } },
      '/loop': { status: 301, fields: { location: '/pool' } },
      '/pool': { status: 301, fields: { location: '/loop' } },
      '/blank': { status: 307 },
    },
    'failed',
    [
      '/a 2 redirects one after the other',
      '/blank a redirect without an address to go to',
      '/loop a redirect that leads back to itself',
      '/pool a redirect that leads back to itself',
    ],
  ],
  [
    'trailing-slash',
    { '/': linking('/d/'), '/d/': page(''), '/d': { status: 308, fields: { location: '/d/' } } },
    'passed',
    [],
  ],
  [
    'trailing-slash',
    { '/': linking('/d/', '/e/'), '/d/': page(''), '/e/': page(''), '/e': page('') },
    'advised',
    [
      '/d answers 404; only the form with a slash leads to the folder',
      '/e answers 200 as well as the form with a slash',
    ],
  ],
  ['missing', { '/': page('') }, 'passed', []],
  [
    'dead-links',
    {
      '/': linking('/gone', '/b', '/locked', 'http://127.0.0.1:1/elsewhere'),
      '/b': { status: 301, fields: { location: '/gone' } },
      '/locked': { status: 401 },
      '/gone': { status: 410 },
    },
    'failed',
    ['/gone answers 410; linked from /', '/b answers 410; linked from /'],
  ],
  [
    'dead-links',
    { '/': linking('/b?c=1'), '/b?c=1': page('<img src="/d.png">') },
    'failed',
    ['/d.png answers 404; linked from /b?c=1'],
  ],
  [
    'dead-fragments',
    {
      '/': page(
        '<i id="é"><a href="#%C3%A9"><a href="#top"><a href="#/route"><a href="#no"><a href="/b#c"><a href="/b#d">',
      ),
      '/b': page('<i id="c">'),
    },
    'failed',
    ['/#no no such place in the page; linked from /', '/b#d no such place in the page; linked from /'],
  ],
  [
    'media-types',
    {
      '/': page(
        '<script src=a.js></script><script src=b.js></script><link rel=stylesheet href=c.css><img src=d.png><img src=e.svg>',
      ),
      '/a.js': { fields: { 'content-type': 'application/javascript' }, content: '1' },
      '/b.js': page('a fallback'),
      '/c.css': { content: 'a{}' },
      '/d.png': { fields: { 'content-type': 'application/octet-stream' }, content: '1' },
      '/e.svg': { fields: { 'content-type': 'text/xml' }, content: '<svg/>' },
    },
    'failed',
    [
      '/b.js is text/javascript by its name and comes as text/html',
      '/c.css has no Content-Type',
      '/d.png is image/png by its name and comes as application/octet-stream',
      '/e.svg is image/svg+xml by its name and comes as text/xml',
    ],
  ],
  [
    'charset',
    {
      '/': { fields: { 'content-type': 'text/html' }, content: '<a href=b><a href=c>' },
      '/b': { fields: { 'content-type': 'text/html' }, content: '<meta charset=utf-8>' },
      '/c': { fields: { 'content-type': 'text/html; charset="ISO-8859-1"' }, content: '<p>' },
    },
    'failed',
    ['/ names no encoding', '/c is in ISO-8859-1, not in UTF-8'],
  ],
  ['coding', { '/': page('<script src=a.js></script>'), '/a.js': coded }, 'passed', []],
  [
    'coding',
    { '/': page('<script src=a.js></script>'), '/a.js': { fields: script, content: text } },
    'failed',
    [`/a.js 5000 octets as they are; gzip makes ${gzipSync(text).length} of them`],
  ],
  [
    'vary',
    {
      '/': page('<script src=a.js></script><script src=b.js></script>'),
      '/a.js': coded,
      '/b.js': { ...coded, fields: { ...coded.fields, vary: 'Origin, Accept-Encoding' } },
    },
    'failed',
    ['/a.js has no Vary: Accept-Encoding', '/b.js comes in gzip to a client that accepts no coding'],
  ],
  ['ranges', { '/': page('<video src=v.mp4>'), '/v.mp4': ranged }, 'passed', []],
  [
    'ranges',
    {
      '/': page('<video src=v.mp4><img src=a.png><img src=b.png>'),
      '/v.mp4': { fields: { 'content-type': 'video/mp4' }, content: '0123456789' },
      '/a.png': { fields: { 'content-type': 'image/png' }, content: '01' },
      '/b.png': ({ fields }) => ({
        status: fields.range === undefined ? 200 : 206,
        fields: { 'content-type': 'image/png', 'content-range': 'bytes 0-0/1' },
        content: '0123',
      }),
    },
    'failed',
    [
      '/v.mp4 is sent whole when a part is asked for',
      '/b.png answers 206 with something else than the octet that was asked for',
      '/a.png is sent whole when a part is asked for',
    ],
  ],
  [
    'head',
    { '/': ({ method }) => (method === 'HEAD' ? { status: 405 } : page('')) },
    'failed',
    ['/ GET answers 200 and HEAD 405'],
  ],
  [
    'validators',
    {
      '/': page('<img src=a.png><img src=b-BxK3a9Qz.png>'),
      '/a.png': { fields: { 'content-type': 'image/png', 'cache-control': 'x-immutable' } },
      '/b-BxK3a9Qz.png': {
        fields: { 'content-type': 'image/png', 'cache-control': 'max-age=31536000, immutable' },
      },
    },
    'failed',
    ['/ has none', '/a.png has none'],
  ],
  ['not-modified', { '/': conditional }, 'passed', []],
  [
    'not-modified',
    { '/': page('', { etag: '"1"' }) },
    'failed',
    ['/ answers 200 when asked with its own tag'],
  ],
  ['page-caching', { '/': page('', { 'cache-control': 'no-cache' }) }, 'passed', []],
  [
    'page-caching',
    { '/': page('<a href=b>'), '/b': page('', { 'cache-control': 'public, max-age=604800' }) },
    'failed',
    [
      '/ has no Cache-Control, so browsers guess for how long to keep it',
      '/b is kept for 7 days unasked (public, max-age=604800)',
    ],
  ],
  [
    'asset-caching',
    {
      '/': page(
        ['a-BxK3a9Qz.js', 'b-BxK3a9Qz.js', 'c.8f3c2a10.css', 'd.js', 'e.js?v=2', 'f.js', 'g-YVURPADN.js']
          .map(src => `<script src="${src}"></script>`)
          .join(''),
      ),
      '/a-BxK3a9Qz.js': { fields: { ...script, 'cache-control': 'max-age=31536000, immutable' } },
      '/b-BxK3a9Qz.js': { fields: { ...script, 'cache-control': 'no-store' } },
      '/c.8f3c2a10.css': { fields: { 'content-type': 'text/css', 'cache-control': 'no-cache' } },
      '/d.js': { fields: { ...script, 'cache-control': 'max-age=31536000' } },
      '/e.js?v=2': { fields: { ...script, 'cache-control': 'max-age=31536000' } },
      '/f.js': { fields: { ...script, 'cache-control': 'no-cache' } },
      '/g-YVURPADN.js': { fields: { ...script, 'cache-control': 'max-age=31536000' } },
    },
    'failed',
    [
      '/b-BxK3a9Qz.js has a hash in its name and may not be kept (no-store)',
      '/c.8f3c2a10.css has a hash in its name and is kept for no time unasked',
      '/d.js is kept for 365 days unasked, though its name would stay when it changes',
    ],
  ],
  ['https', { '/': page('') }, 'unasked', []],
  ['nosniff', { '/': page('', { 'x-content-type-options': 'nosniff' }) }, 'passed', []],
  ['nosniff', { '/': page('') }, 'failed', ['/ has no nosniff']],
  [
    'content-security-policy',
    { '/': page('<meta http-equiv=Content-Security-Policy content="default-src *">') },
    'passed',
    [],
  ],
  ['content-security-policy', { '/': page('') }, 'advised', ['/ has no Content-Security-Policy']],
  ['framing', { '/': page('', { 'content-security-policy': "frame-ancestors 'none'" }) }, 'passed', []],
  ['framing', { '/': page('') }, 'advised', ['/ may be framed by anyone']],
  ['referrer-policy', { '/': page('') }, 'advised', ['/ has no Referrer-Policy']],
  [
    'version',
    { '/': page('', { server: 'x/1.2', 'x-powered-by': 'y' }) },
    'advised',
    ['/ says server: x/1.2'],
  ],
  [
    'hidden-files',
    { '/': page(''), '/.git/HEAD': { content: 'ref: refs/heads/main\n' }, '/.env': page('a fallback') },
    'failed',
    ['/.git/HEAD can be read by everybody'],
  ],
];

for (const [index, [id, site, verdict, expected]] of rows.entries()) {
  test(`check ${id}, row ${index}: ${verdict}`, async () => {
    const origin = await siteOf(site);
    const result = resultOf(await examined(origin), id);
    const found = result.findings.map(finding => `${finding.url.replace(origin, '')} ${finding.text}`);
    assert.deepEqual({ verdict: result.verdict, found }, { verdict, found: expected });
  });
}

test('what is missing must not answer 200, but for the routes of an application', async () => {
  const fallback = page('the application');
  const rows: readonly (readonly [(asked: Asked) => Answer, readonly boolean[]])[] = [
    [() => ({ status: 200, fields: html, content: 'sorry' }), [false, false]],
    [({ target }) => (target.endsWith('.js') ? { status: 404 } : fallback), [true]],
    [() => fallback, [true, false]],
  ];
  for (const [otherwise, expected] of rows) {
    const site = new Proxy<Record<string, Answer | ((asked: Asked) => Answer)>>(
      { '/': fallback },
      { get: (known, target) => known[String(target)] ?? otherwise },
    );
    const { findings } = resultOf(await examined(await siteOf(site)), 'missing');
    assert.deepEqual(
      findings.map(({ isAdvice }) => isAdvice),
      expected,
    );
  }
});

test('what is missing is looked for beside the first page, since above it another site may answer', async () => {
  const asked: string[] = [];
  const site = new Proxy<Record<string, Answer>>(
    {},
    {
      get: (_, target) => {
        asked.push(String(target));
        return target === '/project/' ? page('') : { status: 404 };
      },
    },
  );
  const report = await examine(`${await siteOf(site)}/project/`, () => {});
  assert.ok(report.kind === 'examined');
  assert.equal(asked.filter(target => target.startsWith('/project/plinth-doctor-')).length, 2);
});

test('every check says why it matters and what to do, under a name of its own', () => {
  assert.equal(new Set(checks.map(({ id }) => id)).size, checks.length);
  for (const { title, why, fix } of checks) {
    for (const words of [title, why, fix]) assert.match(words, /^[A-Z]/);
    assert.match(`${why} ${fix}`, /\.$/);
  }
});

test('a site that Plinth serves has no fault', async () => {
  const server = createServer({
    store: memoryStore({
      'index.html': `<!doctype html><meta charset=utf-8><a href="docs/">d</a><a href="about#me">a</a><script src=app.js></script>${text}`,
      'about.html': '<!doctype html><meta charset=utf-8><p id=me>',
      'docs/index.html': '<!doctype html><meta charset=utf-8><a href="..">up</a>',
      'app.js': `// ${text}`,
    }),
    port: 0,
    host: '127.0.0.1',
  });
  const [address] = await server.start();
  try {
    assert.ok(address?.kind === 'tcp');
    const { results, addresses, cut } = await examined(address.url.replace(/\/$/, ''));
    const faults = results.filter(({ verdict }) => verdict === 'failed');
    assert.deepEqual(faults, []);
    assert.deepEqual({ addresses, cut }, { addresses: 4, cut: undefined });
    const passed = results.filter(({ verdict }) => verdict === 'passed').map(({ id }) => id);
    for (const id of [
      'missing',
      'dead-links',
      'dead-fragments',
      'coding',
      'vary',
      'not-modified',
      'trailing-slash',
    ]) {
      assert.ok(passed.includes(id), id);
    }
  } finally {
    await server.stop();
  }
});

test('a site that cannot be reached is told of in words', async () => {
  const loop = await siteOf({
    '/': { status: 302, fields: { location: '/b' } },
    '/b': { status: 302, fields: { location: '/' } },
  });
  const rows: readonly (readonly [string, RegExp])[] = [
    ['http://127.0.0.1:1', /^the connection was refused/],
    [await siteOf({}), /^it answers 404$/],
    [loop, /^its redirects lead back to it$/],
    [await rawServer(socket => socket.end('SSH-2.0-x\r\n')), /^what came back is not HTTP/],
    [await rawServer(socket => socket.destroy()), /^the server ended the connection$/],
    [
      await rawServer(socket =>
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc')),
      ),
      /aborted|ended the connection/,
    ],
    [
      await siteOf(
        new Proxy({}, { get: (_, target) => ({ status: 302, fields: { location: `${String(target)}a` } }) }),
      ),
      /^more than 10 redirects/,
    ],
  ];
  for (const [origin, why] of rows) {
    const report = await examine(`${origin}/`, () => {});
    assert.ok(report.kind === 'unreached', origin);
    assert.match(report.why, why);
  }
});

test('an endless content, an endless site and a coding that explodes end within their bounds', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  const origin = await siteOf({
    '/': page('<script src=/bomb.js></script><a href=/lies>'),
    '/bomb.js': { fields: { ...script, 'content-encoding': 'gzip', vary: '*' }, content: bomb },
    '/lies': { fields: { ...html, 'content-encoding': 'br' }, content: 'this is not Brotli' },
  });
  assert.equal((await examined(origin)).addresses, 3);
  const endless = await rawServer(socket => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\n\r\n');
      const more = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
      };
      socket.on('drain', more);
      more();
    });
  });
  const [first] = (await examined(endless)).results;
  assert.ok(first !== undefined);
});
