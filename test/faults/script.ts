// A fixed script of requests that meets every way in which the server reads a store or writes to a socket.
import assert from 'node:assert/strict';
import { type Place, RawConnection } from '../wire/client.ts';

/** Octets of the file that takes two reads: one of 64 KiB, one of the rest. */
const largeBytes = 150_000;

/** Contents of the site by path. */
export const contents: Readonly<Record<string, string>> = {
  'small.txt': '0123456789abcdefghijklmnopqrstuvwxyz',
  'large.bin': Array.from({ length: largeBytes / 10 }, (_, index) => String(index).padStart(10, '.')).join(
    '',
  ),
  'empty.txt': '',
  'about.html': '<!doctype html><title>about</title>',
  '404.html': '<!doctype html><title>nothing here</title>',
  'docs/404.html': '<!doctype html><title>nothing in docs</title>',
  'list/a.txt': 'a',
  'list/b/c.txt': 'c',
};

/** An answer as it came, without its Date. */
export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly content: string;
}

/** What came on one connection: the answers that are whole by their own framing, then perhaps a beginning. */
export interface Outcome {
  readonly answers: readonly Answer[];
  readonly isCut: boolean;
}

interface Step {
  /** The method of each request. */
  readonly methods: readonly string[];
  /** Written one after the other, each once something came in answer to the one before. */
  readonly writes: readonly string[];
}

/** One connection each; the last request on it asks to close. */
const steps: readonly Step[] = [
  get('/small.txt'),
  get('/large.bin'),
  get('/large.bin', 'Range: bytes=20000-139999'),
  get('/small.txt', 'Range: bytes=0-4,10-14,-3'),
  get('/large.bin', 'Range: bytes=0-69999,80000-149999'),
  get('/small.txt', 'If-None-Match: *'),
  get('/docs/absent', 'Accept: text/html'),
  get('/list/'),
  get('/list'),
  connection(request('HEAD', '/large.bin')),
  connection(
    request('GET', '/small.txt'),
    request('GET', '/large.bin'),
    request('HEAD', '/small.txt'),
    request('GET', '/about'),
    request('GET', '/empty.txt'),
    request('GET', '/absent', 'Accept: text/html'),
    request('GET', '/small.txt', 'Range: bytes=99-'),
    request('GET', '/small.txt', 'If-Match: "other"'),
    request('PUT', '/small.txt'),
    request('GET', '/list/', 'Accept: application/json'),
    request('GET', '/small.txt'),
  ),
  {
    methods: ['POST', 'GET'],
    writes: [
      request('POST', '/', 'Content-Length: 5', 'Expect: 100-continue'),
      `12345${closing(request('GET', '/small.txt'))}`,
    ],
  },
  { methods: ['GET'], writes: ['GET /small.txt HTTP/1.1\r\nHost : test\r\n\r\n'] },
];

/** Runs the script, a connection after the other. Fails the test when what came is not HTTP or does not end. */
export async function runScript(place: Place): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of steps) outcomes.push(await runStep(place, step));
  return outcomes;
}

/** One request whose answer must be whole. */
export async function freshAnswer(place: Place): Promise<Answer> {
  const outcome = await runStep(place, get('/large.bin'));
  assert.equal(outcome.isCut, false);
  const [answer] = outcome.answers;
  assert.ok(answer !== undefined, 'a fresh request is not answered');
  return answer;
}

async function runStep(place: Place, { methods, writes }: Step): Promise<Outcome> {
  const open = await RawConnection.open(place);
  try {
    for (const [index, bytes] of writes.entries()) {
      // When the connection has ended instead, the rest tells.
      if (index > 0) await open.atLeast(1).catch(() => {});
      open.write(bytes);
    }
    const { bytes } = await open.rest();
    return readAnswers(bytes.toString('latin1'), methods);
  } finally {
    open.destroy();
  }
}

function readAnswers(text: string, methods: readonly string[]): Outcome {
  const answers: Answer[] = [];
  let at = 0;
  for (const method of methods) {
    if (text.startsWith('HTTP/1.1 100 Continue\r\n\r\n', at)) at = text.indexOf('\r\n\r\n', at) + 4;
    const headEnd = text.indexOf('\r\n\r\n', at);
    if (headEnd < 0) break;
    const head = text.slice(at, headEnd);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    assert.ok(status >= 200, `no final answer: ${JSON.stringify(head)}`);
    const length = Number(/\r\nContent-Length: (\d+)(?:\r\n|$)/.exec(head)?.[1] ?? 0);
    const hasContent = method !== 'HEAD' && status !== 204 && status !== 304;
    const end = headEnd + 4 + (hasContent ? length : 0);
    if (text.length < end) break;
    answers.push({
      status,
      head: head.replace(/\r\nDate: [^\r]*/, ''),
      content: text.slice(headEnd + 4, end),
    });
    at = end;
    if (head.includes('\r\nConnection: close')) break;
  }
  const isLast = answers.length > 0 && (answers.at(-1)?.head.includes('\r\nConnection: close') ?? false);
  if (isLast) assert.equal(text.slice(at, at + 100), '', 'bytes after the last answer');
  return { answers, isCut: !isLast };
}

function get(target: string, ...lines: readonly string[]): Step {
  return connection(request('GET', target, ...lines));
}

/** Requests in one write on one connection. */
function connection(...requests: readonly string[]): Step {
  const all = requests.map((text, index) => (index === requests.length - 1 ? closing(text) : text));
  return { methods: requests.map(text => text.slice(0, text.indexOf(' '))), writes: [all.join('')] };
}

function request(method: string, target: string, ...lines: readonly string[]): string {
  return [`${method} ${target} HTTP/1.1`, 'Host: test', ...lines, '', ''].join('\r\n');
}

function closing(text: string): string {
  return text.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
}
