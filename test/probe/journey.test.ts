import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { type Journey, journeyLimits, requestText, travel } from '../../src/probe/journey.ts';
import { rawServer, siteOf } from './site.ts';

const text = 'word '.repeat(1000);

function steps({ spans }: Journey): readonly string[] {
  return spans.map(({ step }) => step);
}

test('a journey tells of the name, the connection, the very octets, the content and each time', async () => {
  const received: Buffer[] = [];
  const coded = gzipSync(text);
  const head = `HTTP/1.1 200 Fine\r\ncontent-TYPE:text/css\r\nContent-Encoding: gzip\r\nContent-Length: ${coded.length}\r\n\r\n`;
  const origin = await rawServer(socket => {
    socket.on('data', data => {
      received.push(data);
      socket.write(head, 'latin1');
      socket.end(coded);
    });
  });
  const url = `${origin.replace('127.0.0.1', 'localhost')}/a?b#c`;
  const journey = await travel(
    url,
    [
      ['X-Test', '1'],
      ['accept', 'text/css'],
    ],
    journeyLimits,
  );
  assert.equal(journey.failure, undefined, JSON.stringify(journey));
  assert.equal(journey.name?.host, 'localhost');
  assert.ok(journey.name?.addresses.includes('127.0.0.1'));
  assert.equal(journey.connection?.address, '127.0.0.1');
  assert.equal(journey.request, Buffer.concat(received).toString('latin1'));
  assert.match(
    journey.request ?? '',
    /^GET \/a\?b HTTP\/1\.1\r\nHost: localhost:\d+\r\n.*X-Test: 1\r\naccept: text\/css\r\n\r\n$/s,
  );
  assert.equal(journey.request?.match(/^accept:/gim)?.length, 1, 'a field that is given stands for ours');
  assert.equal(journey.head?.text, head);
  assert.deepEqual(journey.content, {
    framing: 'length',
    bytes: coded.length,
    decodedBytes: text.length,
    isWhole: true,
  });
  assert.deepEqual(steps(journey), ['name', 'connection', 'request', 'waiting', 'content']);
  for (const [index, { startMs, endMs }] of journey.spans.entries()) {
    assert.ok(startMs <= endMs && startMs >= (journey.spans[index - 1]?.endMs ?? 0));
  }
});

test('each step that fails is the last one, and says why', async () => {
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['http://name.invalid/', 'name', /^(there is no such name|the name server does not answer)$/],
    ['http://127.0.0.1:1/', 'connection', /^the connection was refused: nothing listens there$/],
    [(await siteOf({})).replace('http', 'https'), 'tls', /^what came back is not TLS$/],
    [
      await rawServer(socket => socket.write('220 mail ready\r\n')),
      'waiting',
      /^what came back is not HTTP\/1: "220 mail ready"$/,
    ],
    [
      await rawServer(socket => socket.once('data', () => socket.end())),
      'waiting',
      /^the server ended the connection without a word$/,
    ],
    [await rawServer(() => {}), 'waiting', /^it did not come to its end within 0\.3 s$/],
    [
      await rawServer(socket => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\na'))),
      'content',
      /^it did not come to its end within 0\.3 s$/,
    ],
    [
      await rawServer(socket =>
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na')),
      ),
      'content',
      /^the connection ended within the content$/,
    ],
  ];
  for (const [url, step, why] of rows) {
    const isLate = why.source.includes('0\\.3');
    const { failure } = await travel(url, [], {
      ...journeyLimits,
      ...(isLate ? { answerTimeoutMs: 300 } : {}),
    });
    assert.match(failure?.why ?? '', why, url);
    // Whether the last octets of the request were taken before the answer came is the system's affair.
    assert.ok(
      failure?.step === step || (step === 'waiting' && failure?.step === 'request'),
      JSON.stringify(failure),
    );
  }
});

test('content is left at its bound, and one that explodes is not decoded', async () => {
  const origin = await siteOf({
    '/bomb': { fields: { 'content-encoding': 'gzip' }, content: gzipSync(Buffer.alloc(1_000_000)) },
    '/large': { content: Buffer.alloc(300_000) },
  });
  const limits = {
    ...journeyLimits,
    contentBytesMax: 100_000,
    keptBytesMax: 50_000,
    decodedBytesMax: 10_000,
  };
  const bomb = await travel(`${origin}/bomb`, [], limits);
  assert.deepEqual([bomb.content?.isWhole, bomb.content?.decodedBytes], [true, undefined]);
  const large = await travel(`${origin}/large`, [], limits);
  assert.deepEqual(
    [large.content?.isWhole, large.content?.decodedBytes, large.failure],
    [false, undefined, undefined],
  );
  assert.ok((large.content?.bytes ?? 0) > 100_000);
});

test('a certificate that is not to be trusted is shown, and nothing is sent', async () => {
  const rows = [
    ['localhost', 'localhost', 'the certificate is signed by nobody but itself'],
    ['expired', 'localhost', 'the certificate has expired'],
    ['elsewhere', 'elsewhere.test', 'the certificate is signed by nobody but itself'],
  ] as const;
  for (const [name, subject, why] of rows) {
    const read = (file: string) => readFileSync(join(import.meta.dirname, 'tls', file));
    let received = 0;
    const server = createTlsServer({ cert: read(`${name}.pem`), key: read(`${name}-key.pem`) }, socket => {
      socket.on('error', () => {});
      socket.on('data', data => {
        received += data.length;
      });
    });
    server.on('tlsClientError', () => {});
    after(() => server.close());
    const port = await new Promise<number>(resolve => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    const { security, failure, request } = await travel(`https://localhost:${port}/`, [], journeyLimits);
    assert.equal(security?.certificate?.subject, subject);
    assert.match(security?.version ?? '', /^TLSv1\.[23]$/);
    assert.deepEqual(
      { failure, request, received },
      { failure: { step: 'tls', why }, request: undefined, received: 0 },
    );
  }
});

test('the request has the host as it stands in the address', () => {
  assert.match(requestText('http://[::1]:81/%20', []), /^GET \/%20 HTTP\/1\.1\r\nHost: \[::1\]:81\r\n/);
  assert.match(
    requestText('https://example.org', [['Host', 'other']]),
    /^GET \/ HTTP\/1\.1\r\n(?!Host: example)[\s\S]*\r\nHost: other\r\n\r\n$/,
  );
});
