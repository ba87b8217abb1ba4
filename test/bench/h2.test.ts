import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type H2Counts, judgeH2Counts, readH2Counts } from '../../bench/h2.ts';

const printed = `starting benchmark...
Application protocol: h2
finished in 1.00s, 75376.00 req/s, 78.86MB/s
requests: 75376 total, 75504 started, 75376 done, 75376 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 75376 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 78.86MB (82688912) total, 3.95MB (4146832) headers (space savings 75.66%), 73.61MB (77185024) data
`;
const right: H2Counts = { protocol: 'h2', perSecond: 75376, succeeded: 75376, failed: 0, bytes: 77185024 };

test('the figures of h2load are read from what it prints', () => {
  const rows: [printed: string, wanted: H2Counts | undefined][] = [
    [printed, right],
    [
      printed.replace('0 failed, 0 errored, 0 timeout', '1 failed, 2 errored, 3 timeout'),
      { ...right, failed: 6 },
    ],
    [printed.replace('75376 2xx, 0 3xx', '75370 2xx, 6 3xx'), { ...right, failed: 6 }],
    [printed.replace('finished', 'gave up'), undefined],
    ['', undefined],
  ];
  for (const [text, wanted] of rows) assert.deepEqual(readH2Counts(text), wanted);
});

test('counts that cannot be those of right answers have a reason', () => {
  const file = { target: '/1k.jpg', length: 1024, sha256: '' };
  const asked = { file, connections: 8, streams: 16, until: { seconds: 1 } };
  const whole = { ...asked, until: { requests: 75376 } };
  const rows: [counts: Partial<H2Counts>, asked: typeof asked | typeof whole, wanted: RegExp | undefined][] =
    [
      [{}, asked, undefined],
      [{ bytes: right.bytes + 8 * 16 * 1024 }, asked, undefined],
      [{ bytes: right.bytes + 8 * 16 * 1024 + 1 }, asked, /^1026 bytes an answer where 1024 are right$/],
      [{ bytes: right.bytes + 1 }, whole, /bytes an answer/],
      [{ bytes: right.bytes - 1 }, asked, /bytes an answer/],
      [{ protocol: 'http/1.1' }, asked, /given http\/1\.1/],
      [{ succeeded: 0 }, asked, /no answer/],
      [{ failed: 1 }, asked, /1 requests without a right answer/],
    ];
  for (const [counts, as, wanted] of rows) {
    const why = judgeH2Counts({ ...right, ...counts }, as);
    if (wanted === undefined) assert.equal(why, undefined);
    else assert.match(why ?? '', wanted);
  }
});
