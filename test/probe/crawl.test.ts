import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askLimits, createAsk } from '../../src/probe/ask.ts';
import { hasHash } from '../../src/probe/check-caching.ts';
import { crawl, crawlLimits } from '../../src/probe/crawl.ts';
import { type Answer, rawServer, siteOf } from './site.ts';

/** Each page links to two others, for ever. */
const maze: Readonly<Record<string, Answer>> = new Proxy(
  {},
  {
    get: (_, target) => ({
      fields: { 'content-type': 'text/html' },
      content: `<a href="${String(target)}l/"></a><a href="${String(target)}r/"></a>`,
    }),
  },
);

test('a site without end is left at the bound that comes first, and that is said', async () => {
  const rows = [
    [{ addressesMax: 20 }, 'after 20 addresses', 20],
    [{ depthMax: 3 }, '3 links away from the first page', 15],
    [{ timeMaxMs: 0 }, 'after 0 s', 0],
    [{ referencesMax: 9, addressesMax: 50 }, 'after 9 links', 10],
  ] as const;
  const origin = await siteOf(maze);
  for (const [limits, cut, visits] of rows) {
    const { ask, end } = createAsk(askLimits, 'test');
    const seen = await crawl(`${origin}/`, ask, { ...crawlLimits, ...limits }, () => {});
    end();
    assert.deepEqual({ cut: seen.cut, visits: seen.visits.size }, { cut, visits });
  }
});

test('no more is asked at once than allowed, and no other origin', async () => {
  const asked: string[] = [];
  let most = 0;
  let open = 0;
  const { visits } = await crawl(
    'http://x.test/',
    async url => {
      asked.push(url);
      open += 1;
      most = Math.max(most, open);
      await new Promise(resolve => setImmediate(resolve));
      open -= 1;
      const content = Buffer.from(
        '<a href=a><a href=b><a href=c><a href=d><a href=e><a href=//y.test/><a href=https://x.test/>',
      );
      return {
        kind: 'reply',
        url,
        status: 200,
        fields: new Map([['content-type', 'text/html']]),
        content,
        isWhole: true,
      };
    },
    { ...crawlLimits, atOnceMax: 2 },
    () => {},
  );
  assert.equal(visits.size, 6);
  assert.equal(most, 2);
  assert.ok(asked.every(url => url.startsWith('http://x.test/')));
});

test('an answer that does not come, or does not end, is given up', async () => {
  const silent = await rawServer(() => {});
  const dripping = await rawServer(socket => {
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na'));
  });
  const { ask, end } = createAsk({ ...askLimits, answerTimeoutMs: 200 }, 'test');
  const answers = await Promise.all([ask(`${silent}/`), ask(`${dripping}/`)]);
  end();
  assert.deepEqual(
    answers.map(answer => (answer.kind === 'no-reply' ? answer.why : answer.status)),
    ['no answer within 0.2 s', 'its content did not end within 0.2 s'],
  );
});

test('a hash in a name is told from words and versions', () => {
  const rows: readonly (readonly [string, boolean])[] = [
    ['index-BxK3a9Qz.js', true],
    ['main.8f3c2a10.css', true],
    ['app.8f3c2a10d41e.min.js.map', true],
    ['logo-Dq0V_k-3.svg', true],
    ['index.js', false],
    ['jquery-3.7.1.min.js', false],
    ['photo-20261122.jpg', true],
    ['my-background.png', false],
    ['getting-started2.css', false],
  ];
  for (const [name, expected] of rows) assert.equal(hasHash(name), expected, name);
});
