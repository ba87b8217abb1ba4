import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { askDigestOverHttp2 } from '../../bench/ask.ts';
import { type H2Counts, judgeH2Counts, readH2Counts } from '../../bench/h2.ts';
import { offer } from '../../bench/offer.ts';
import { judgeDigest } from '../../bench/transfer.ts';
import { createServer } from '../../src/index.ts';
import { makeTlsFolder } from '../server/tls-fixture.ts';

const printed = `starting benchmark...
TLS Protocol: TLSv1.3
Cipher: TLS_AES_128_GCM_SHA256
Server Temp Key: X25519 253 bits
Application protocol: h2
finished in 1.00s, 75376.00 req/s, 78.86MB/s
requests: 75376 total, 75504 started, 75376 done, 75376 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 75376 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 78.86MB (82688912) total, 3.95MB (4146832) headers (space savings 75.66%), 73.61MB (77185024) data
`;
const right: H2Counts = {
  ...{ protocol: 'h2', agreed: offer, perSecond: 75376, succeeded: 75376, failed: 0, bytes: 77185024 },
};

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
      [{ agreed: { ...offer, group: 'P-256' } }, asked, /GCM_SHA256 P-256 where/],
      [{ succeeded: 0 }, asked, /no answer/],
      [{ failed: 1 }, asked, /1 requests without a right answer/],
    ];
  for (const [counts, as, wanted] of rows) {
    const why = judgeH2Counts({ ...right, ...counts }, as);
    if (wanted === undefined) assert.equal(why, undefined);
    else assert.match(why ?? '', wanted);
  }
});

test('an answer over HTTP/2 is compared as a whole', async t => {
  const root = mkdtempSync(join(tmpdir(), 'plinth-bench-h2-'));
  const folder = await makeTlsFolder();
  await folder.issue('server', ['127.0.0.1']);
  const content = Buffer.alloc(1_000_000, 'content ');
  writeFileSync(join(root, 'a.bin'), content);
  const [tlsCert, tlsKey] = [folder.path('server.crt'), folder.path('server.key')];
  const server = createServer({ root, host: '127.0.0.1', port: 0, tlsCert, tlsKey });
  t.after(async () => {
    await server.stop(0);
    rmSync(root, { recursive: true });
    folder.remove();
  });
  const [address] = await server.start();
  assert.ok(address?.kind === 'tcp');
  const { port } = address;
  const sha256 = createHash('sha256').update(content).digest('hex');
  const right = { target: '/a.bin', length: content.length, sha256 };
  const got = await askDigestOverHttp2(port, '/a.bin');
  assert.deepEqual(got, { status: 200, length: content.length, sha256 });
  assert.equal(judgeDigest(right, got), undefined);
  assert.match(judgeDigest(right, await askDigestOverHttp2(port, '/absent')) ?? '', /answered 404/);
  await server.stop(0);
  await assert.rejects(askDigestOverHttp2(port, '/a.bin'), /ECONNREFUSED/);
});
