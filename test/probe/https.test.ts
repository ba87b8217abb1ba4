// The checks that need a site of the world: its answers are given, and no name is looked up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ask, Reply } from '../../src/probe/ask.ts';
import { securityChecks } from '../../src/probe/check-security.ts';
import { crawl, crawlLimits } from '../../src/probe/crawl.ts';
import type { Result } from '../../src/probe/doctor.ts';

type Answers = Readonly<Record<string, Partial<Omit<Reply, 'content'>> & { readonly content?: string }>>;

function asking(answers: Answers): Ask {
  return async url => {
    const answer = answers[url];
    if (answer === undefined) return { kind: 'no-reply', url, why: 'there is nothing' };
    const { status = 200, fields = new Map([['content-type', 'text/html']]), content = '' } = answer;
    return { kind: 'reply', url, status, fields, content: Buffer.from(content), isWhole: true };
  };
}

const home = 'https://example.org/';
const to = (status: number, location: string) => ({ status, fields: new Map([['location', location]]) });

const rows: readonly (readonly [
  string,
  string,
  Answers,
  readonly [looked: number, ...findings: string[]],
])[] = [
  ['https', home, {}, [1]],
  ['https', 'http://example.org/', {}, [1, 'fault: http://example.org/ is not encrypted']],
  ...['localhost', 'nas.local', '192.168.0.9:80', '172.20.0.1', '[::1]:8080', '[fe80::1]'].map(
    host => ['https', `http://${host}/`, {}, [0]] as const,
  ),
  ['https', 'http://172.40.0.1/', {}, [1, 'fault: http://172.40.0.1/ is not encrypted']],
  ['https-redirect', 'https://example.org:8443/', {}, [0]],
  ['https-redirect', home, {}, [1]],
  ['https-redirect', home, { 'http://example.org/': to(308, home) }, [1]],
  [
    'https-redirect',
    home,
    { 'http://example.org/': to(302, home) },
    [1, 'advice: http://example.org/ redirects with 302, for once only'],
  ],
  [
    'https-redirect',
    home,
    { 'http://example.org/': {} },
    [1, 'fault: http://example.org/ answers 200 instead'],
  ],
  [
    'mixed-content',
    home,
    { [home]: { content: '<a href="http://x.test/"><script src="http://x.test/s.js"></script>' } },
    [1, `fault: ${home} has a part at http://x.test/s.js`],
  ],
  ['mixed-content', 'http://example.org/', { 'http://example.org/': { content: '<img src=a>' } }, [0]],
  ['hsts', home, { [home]: {} }, [1, `advice: ${home} has no Strict-Transport-Security`]],
  ['hsts', home, { [home]: { fields: new Map([['strict-transport-security', 'max-age=9']]) } }, [1]],
  ['hsts', 'http://example.org/', { 'http://example.org/': {} }, [0]],
];

for (const [index, [id, start, answers, expected]] of rows.entries()) {
  test(`check ${id}, row ${index}`, async () => {
    const ask = asking(answers);
    const check = securityChecks.find(one => one.id === id);
    const seen = await crawl(start, ask, crawlLimits, () => {});
    const { looked, findings }: Pick<Result, 'looked' | 'findings'> = (await check?.look({
      start,
      hops: [],
      crawl: seen,
      ask,
    })) ?? { looked: -1, findings: [] };
    const found = findings.map(
      ({ url, text, isAdvice }) => `${isAdvice ? 'advice' : 'fault'}: ${url} ${text}`,
    );
    assert.deepEqual([looked, ...found], expected);
  });
}
