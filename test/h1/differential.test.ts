/**
 * The same bytes go to our machine and to `node:http`. Where the two differ we are the stricter one, or the RFC
 * demands what we do; `kinds` lists every difference with its reason. `SEED=n` repeats a run.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { H1Connection } from '../../src/h1/connection.ts';
import { defaultLimits } from '../../src/http/limits.ts';
import { isKnownMethod } from '../../src/http/method.ts';
import { parseTarget } from '../../src/http/target.ts';
import { generateRequests } from './mangled.ts';
import { NodeHttp, type Outcome, requestText } from './node-http.ts';
import { randomFrom } from './transcript.ts';

const inputsCount = 6000;
const batchSize = 200;
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

interface Kind {
  /** What we make of it: why we refuse, or that we have ended, or that we serve. */
  readonly ours: string;
  /** What node makes of it; anything when absent. */
  readonly theirs?: RegExp;
  readonly reason: string;
  readonly example: string;
  /** Newer versions of node agree with us. */
  readonly isGone?: true;
}

const host = 'Host: a\r\n';
const get = `GET / HTTP/1.1\r\n${host}`;
const chunkedPost = `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`;

const stricter: readonly Kind[] = [
  {
    ours: '400 an invalid Host',
    reason: 'RFC 9112 §3.2 demands 400; node does not look at the value.',
    example: 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
  },
  {
    ours: '400 a target without a valid host',
    reason: 'RFC 9110 §4.2.1 and §4.2.4: no empty host, no user information; node leaves it to its user.',
    example: 'GET http://u@b/ HTTP/1.1\r\nHost: a\r\n\r\n',
  },
  {
    ours: '400 more than one Host',
    reason: 'RFC 9112 §3.2 demands 400; node takes the first.',
    example: 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  },
  {
    ours: '400 no Host',
    reason:
      'RFC 9112 §3.2 demands 400 of the first such request; node answers it late, with what is pipelined behind.',
    example: `GET / HTTP/1.1\r\n\r\n${get}\r\n`,
  },
  {
    ours: '400 target',
    reason: 'http/target refuses what leads out of the root or does not decode; node leaves it to its user.',
    example: `GET /%00 HTTP/1.1\r\n${host}\r\n`,
  },
  {
    ours: '501 method',
    reason: 'A method of which no RFC of HTTP or WebDAV tells; node knows some more.',
    example: `SOURCE / HTTP/1.1\r\n${host}\r\n`,
  },
  {
    ours: '505 an HTTP version that is not spoken here',
    reason: 'RFC 9110 §15.6.6; node answers HTTP/2.0 as if it were 1.1.',
    example: `GET / HTTP/2.0\r\n${host}\r\n`,
  },
  {
    ours: '400 an HTTP version that never was',
    reason: 'HTTP/0.9 had no version in its request line; node answers it.',
    example: 'GET / HTTP/0.9\r\n\r\n',
  },
  {
    ours: '400 a request line without a version',
    reason: 'HTTP/0.9 is not spoken (RFC 9112 §2.3); node answers it.',
    example: 'GET /\r\n\r\n',
  },
  {
    ours: '400 a malformed request line',
    reason: 'RFC 9112 §3: exactly one space between the parts; node takes several before the target.',
    example: `GET  / HTTP/1.1\r\n${host}\r\n`,
  },
  {
    ours: '400 a control octet, or a CR or LF that is not part of a CRLF',
    reason: 'RFC 9112 §2.2; node takes a bare CR or LF before a request line.',
    example: `\n${get}\r\n`,
  },
  {
    ours: '400 too many empty lines before the request line',
    reason: 'RFC 9112 §2.2 asks for one to be skipped; node skips without end.',
    example: `\r\n\r\n\r\n\r\n\r\n${get}\r\n`,
  },
  {
    ours: '400 Transfer-Encoding in HTTP/1.0',
    reason: 'RFC 9112 §6.1: such framing is to be taken for faulty.',
    example: 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  },
  {
    ours: '501 an unknown transfer coding',
    reason: 'RFC 9112 §6.1: what we cannot decode we do not guess; node looks at the last coding only.',
    example: `POST / HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  },
  {
    ours: '400 chunked is not the last coding',
    reason: 'RFC 9112 §6.1: chunked twice; node does not see it behind a tab.',
    example: `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\t\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    isGone: true,
  },
  {
    ours: '400 a malformed Transfer-Encoding',
    reason: 'RFC 9112 §6.1: a list of tokens; node looks at the end of it only.',
    example: `POST / HTTP/1.1\r\n${host}Transfer-Encoding: \x22, chunked\r\n\r\n0\r\n\r\n`,
  },
  {
    ours: '400 a malformed chunk-size line',
    reason: 'RFC 9112 §7.1.1: a size of at most 16 digits, extensions with a name; node takes more.',
    example: `${chunkedPost}00000000000000000005\r\nhello\r\n0\r\n\r\n`,
  },
  {
    ours: '413 more content than is read',
    reason: 'A static site has no use for content, so that only a little of it is read and dropped.',
    example: `POST / HTTP/1.1\r\n${host}Content-Length: 65537\r\n\r\n${'x'.repeat(65_537)}`,
  },
  {
    ours: '417 an unknown expectation',
    reason: 'RFC 9110 §10.1.1; node finds 100-continue anywhere in the value good enough.',
    example: `${get}Expect: 100-continue, bogus\r\n\r\n`,
  },
  {
    ours: 'ended',
    theirs: /^serves$/,
    reason: 'Connection has both close and keep-alive in HTTP/1.0: we close, node keeps.',
    example: `GET / HTTP/1.0\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n${get}\r\n`,
  },
  {
    ours: 'ended',
    reason:
      'RFC 9112 §9.6: nothing after the last request is read; node reads on and reports what is wrong with it.',
    example: `${get}Connection: close\r\n\r\nx`,
  },
];

const demanded: readonly Kind[] = [
  {
    ours: 'serves',
    theirs: /Invalid HTTP version/,
    reason: 'RFC 9110 §2.5: a higher minor version is read as 1.1.',
    example: `GET / HTTP/1.2\r\n${host}\r\n`,
  },
  {
    ours: 'serves',
    theirs: /Invalid character in chunk/,
    reason:
      'RFC 9112 §7.1.1 has white space around the parts of a chunk extension, RFC 9110 §5.6.3 has it read.',
    example: `${chunkedPost}5 ; a = b\r\nhello\r\n0\r\n\r\n`,
  },
  {
    ours: 'serves',
    theirs: /Content-Length|Transfer-Encoding/,
    reason: 'RFC 9112 §5: a tab behind a value is white space; node refuses it in the fields of the framing.',
    example: `POST / HTTP/1.1\r\n${host}Content-Length: 5\t\r\n\r\nhello`,
    isGone: true,
  },
  {
    ours: 'serves',
    theirs: /Data after `Connection: close`/,
    reason: 'RFC 9110 §6.5.1: a trailer does not speak for the head; node takes Connection from it.',
    example: `${chunkedPost}0\r\nConnection: close\r\n\r\n${get}\r\n`,
  },
];

const kinds = [...stricter, ...demanded];
const node = new NodeHttp();
after(() => node.close());

test(`we differ from node:http on ${inputsCount} inputs in the listed kinds only (SEED=${seed})`, async () => {
  const random = randomFrom(seed);
  let alike = 0;
  for (let done = 0; done < inputsCount; done += batchSize) {
    const inputs = Array.from({ length: batchSize }, () => generateRequests(random));
    const theirs = await node.outcomes(inputs);
    inputs.forEach((bytes, at) => {
      const difference = differenceOf(bytes, theirs[at]);
      if (difference === undefined) alike++;
      else assert.notEqual(kindOf(difference), undefined, `${JSON.stringify(difference)} SEED=${seed}`);
    });
  }
  assert.ok(alike > inputsCount / 2, `${alike} alike`);
});

test('each listed kind of difference occurs', async () => {
  const theirs = await node.outcomes(kinds.map(kind => Buffer.from(kind.example, 'latin1')));
  for (const [at, kind] of kinds.entries()) {
    const difference = differenceOf(Buffer.from(kind.example, 'latin1'), theirs[at]);
    if (difference === undefined && kind.isGone) continue;
    assert.notEqual(difference, undefined, `no difference: ${kind.reason}`);
    assert.equal(difference && kindOf(difference), kind, JSON.stringify(difference));
  }
});

interface Difference {
  readonly ours: string;
  readonly theirs: string;
  readonly input: string;
}

function kindOf(difference: Difference): Kind | undefined {
  return kinds.find(kind => kind.ours === difference.ours && (kind.theirs?.test(difference.theirs) ?? true));
}

/** What each made of the first request on which they disagree; two refusals agree, whatever their words. */
function differenceOf(bytes: Buffer, theirs: Outcome | undefined): Difference | undefined {
  assert.ok(theirs !== undefined);
  const ours = outcomeOf(bytes);
  let at = 0;
  while (at < ours.requests.length && ours.requests[at] === theirs.requests[at]) at++;
  const [ourRequest, theirRequest] = [ours.requests[at], theirs.requests[at]];
  const input = bytes.toString('latin1');
  if (ourRequest !== undefined && theirRequest !== undefined) {
    return { ours: `serves ${ourRequest}`, theirs: `serves ${theirRequest}`, input };
  }
  if (ourRequest !== undefined) return { ours: 'serves', theirs: theirs.refusal ?? 'ended', input };
  if (theirRequest !== undefined) return { ours: ours.refusal ?? 'ended', theirs: 'serves', input };
  if ((ours.refusal === undefined) === (theirs.refusal === undefined)) return undefined;
  return { ours: ours.refusal ?? 'ended', theirs: theirs.refusal ?? 'ended', input };
}

function outcomeOf(bytes: Buffer): Outcome {
  const connection = new H1Connection(defaultLimits);
  connection.receive(bytes);
  connection.receiveEnd();
  const requests: string[] = [];
  for (;;) {
    const event = connection.next();
    if (event.kind === 'violation') return { requests, refusal: `${event.status} ${event.why}` };
    if (event.kind === 'ended') return { requests, refusal: undefined };
    if (event.kind !== 'request') continue;
    const { method, target, fields } = event.head;
    if (!isKnownMethod(method)) return { requests, refusal: '501 method' };
    if (parseTarget(method, target, { windows: false, secure: false }).kind === 'violation') {
      return { requests, refusal: '400 target' };
    }
    requests.push(requestText(method, target, fields.lines));
    connection.respond({ status: 200, fields: [], content: { kind: 'none' } }, 'now');
  }
}
