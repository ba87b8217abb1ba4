/** Makes requests, valid ones and ones broken in a few places, out of a source of random numbers. */
export type Random = () => number;

/** One or two requests; half of them are left as they are, of which most are valid. */
export function generateRequests(random: Random): Buffer {
  let bytes = generateRequest(random);
  if (random() < 0.2) bytes += generateRequest(random);
  const wounds = random() < 0.5 ? 0 : 1 + Math.floor(random() * 2);
  for (let count = 0; count < wounds; count++) bytes = pick(random, mangles)(bytes, random);
  return Buffer.from(bytes, 'latin1');
}

function generateRequest(random: Random): string {
  const line = `${pick(random, methods)} ${pick(random, targets)} HTTP/${pick(random, versions)}`;
  const fields: string[] = random() < 0.97 ? [`Host: ${pick(random, hosts)}`] : [];
  for (let count = Math.floor(random() ** 2 * 5); count > 0; count--) fields.push(pick(random, fieldLines));
  const [framing, content] = random() < 0.3 ? pick(random, contents) : noFraming;
  fields.push(...framing);
  if (random() < 0.3) fields.reverse();
  return `${[line, ...fields].join('\r\n')}\r\n\r\n${content}`;
}

/** What is usual, nine times out of ten, and what is not. */
interface Choices<T> {
  readonly usual: readonly T[];
  readonly odd: readonly T[];
}

function pick<T>(random: Random, { usual, odd }: Choices<T>): T {
  const choices = random() < 0.9 ? usual : odd;
  return choices[Math.floor(random() * choices.length)] as T;
}

type Mangle = (bytes: string, random: Random) => string;

const mangles: Choices<Mangle> = {
  usual: [
    (bytes, random) => spliced(bytes, place(bytes, random), 1, ''),
    (bytes, random) => spliced(bytes, place(bytes, random), 0, octet(random)),
    (bytes, random) => spliced(bytes, place(bytes, random), 1, octet(random)),
    (bytes, random) => spliced(bytes, placeOf(/[\r\n]/g, bytes, random), 1, ''),
    (bytes, random) => spliced(bytes, placeOf(/[\r\n]/g, bytes, random), 0, octet(random)),
    (bytes, random) => spliced(bytes, placeOf(/[ :]/g, bytes, random), 0, octet(random)),
    (bytes, random) => spliced(bytes, placeOf(/\n/g, bytes, random) + 1, 0, octet(random)),
    (bytes, random) =>
      spliced(bytes, placeOf(/\n/g, bytes, random) + 1, 0, `${pick(random, fieldLines)}\r\n`),
  ],
  odd: [
    (bytes, random) => bytes.slice(0, place(bytes, random)),
    bytes => bytes.replaceAll('\r\n', '\n'),
    bytes => bytes.replaceAll('\r\n', '\r'),
    bytes => bytes.replaceAll('\r\n', '\r\r\n'),
    bytes => `\r\n\r\n${bytes}`,
    bytes => `\r\n\r\n\r\n\r\n\r\n${bytes}`,
  ],
};

function spliced(text: string, at: number, taken: number, put: string): string {
  return text.slice(0, at) + put + text.slice(at + taken);
}

function place(text: string, random: Random): number {
  return Math.floor(random() * (text.length + 1));
}

function placeOf(pattern: RegExp, text: string, random: Random): number {
  const places = [...text.matchAll(pattern)].map(match => match.index);
  return places[Math.floor(random() * places.length)] ?? 0;
}

function octet(random: Random): string {
  if (random() < 0.3) return String.fromCharCode(Math.floor(random() * 256));
  return telling.charAt(Math.floor(random() * telling.length));
}

/** The octets that mean something to a parser. */
const telling = '\r\n\0 \t:,;"/\\\x7f\xa0+-0x';

const methods: Choices<string> = {
  usual: ['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'DELETE'],
  odd: ['get', 'FOO', 'M-SEARCH', 'SOURCE', 'G(T'],
};

const targets: Choices<string> = {
  usual: ['/', '/', '/a/b.html', '/a?b=c&d', '/%41%c3%a9', '/a//b', 'http://b/p', 'http://b', '/a"<>|^`{}b'],
  odd: [
    '*',
    '//evil/',
    '/..',
    '/%00',
    '/%',
    'http://u@b/',
    'http:///p',
    'ftp://b/',
    'a',
    '/a#b',
    '?a',
    '/\\a',
  ],
};

const versions: Choices<string> = {
  usual: ['1.1', '1.1', '1.1', '1.0'],
  odd: ['1.2', '2.0', '0.9', '9.9', '1.10', '1'],
};

const hosts: Choices<string> = {
  usual: ['a', 'a:80', '[::1]:8', '127.0.0.1', ' a\t'],
  odd: ['', 'a b', 'a/b', 'u@a', 'a:x', 'a, b', '\xe9', '[', ':80'],
};

const fieldLines: Choices<string> = {
  usual: [
    ...[
      'Accept: */*',
      'A:',
      'A:b',
      'A: \t b \t',
      'A: b\xe9\xa0',
      'a.b~c: "d"',
      'Cookie: a=b; c=d',
      'TE: trailers',
    ],
    ...['Connection: close', 'Connection: keep-alive', 'Connection: x, close', 'Content-Length: 0'],
    ...['Expect: 100-continue', 'Upgrade: h2c', 'Trailer: A'],
  ],
  odd: [
    ...[
      'Host: b',
      'Expect: bogus',
      'Content-Length: 5',
      'Transfer-Encoding: x',
      'Transfer-Encoding: chunked',
    ],
    ...['A(: b', 'A b: c', 'A : b', ' A: b', 'A', ': b'],
  ],
};

type Framed = readonly [framing: readonly string[], content: string];

const noFraming: Framed = [[], ''];
const chunked = ['Transfer-Encoding: chunked'];
const contents: Choices<Framed> = {
  usual: [
    [['Content-Length: 5'], 'hello'],
    [['Content-Length: 005'], 'hello'],
    [chunked, '5\r\nhello\r\n0\r\n\r\n'],
    [chunked, '5;a=b;c="d"\r\nhello\r\n0\r\nA: b\r\n\r\n'],
  ],
  odd: [
    [['Content-Length: +5'], 'hello'],
    [['Content-Length: 5, 5'], 'hello'],
    [['Content-Length: 0x5'], 'hello'],
    [['Content-Length: 5', 'Content-Length: 5'], 'hello'],
    [['Content-Length: 5', 'Content-Length: 6'], 'hello!'],
    [['Content-Length: 5', ...chunked], '0\r\n\r\n'],
    [['Content-Length: 65537'], 'x'.repeat(65_537)],
    [chunked, '5 ; a\r\nhello\r\n0\r\n\r\n'],
    [chunked, '0x5\r\nhello\r\n0\r\n\r\n'],
    [chunked, '5\nhello\n0\n\n'],
    [chunked, '00000000000000000005\r\nhello\r\n0\r\n\r\n'],
    [['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'],
    [['Transfer-Encoding: chunked, gzip'], '0\r\n\r\n'],
    [['Transfer-Encoding: xchunked'], '0\r\n\r\n'],
    [['Transfer-Encoding: identity'], ''],
  ],
};
