import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { H2Connection } from '../../src/h2/connection.ts';
import { HeadBlock } from '../../src/h2/head-block.ts';
import type { Limits } from '../../src/http/limits.ts';
import { clientOctets } from './client-frames.ts';
import { readFrames } from './frames.ts';
import { sharing, Transcript, unknownLength } from './transcript.ts';

/** A connection that has been greeted, with windows that stop nothing. */
function opened(limits: Partial<Limits> = {}, settings = 'SETTINGS 4=2147483647'): Transcript {
  const shared = sharing(limits);
  const transcript = new Transcript(new H2Connection(shared), shared);
  send(transcript, 'hello', settings, 'WINDOW_UPDATE 0 2147418112');
  transcript.lines.length = 0;
  return transcript;
}

function send(transcript: Transcript, ...lines: readonly string[]): readonly string[] {
  transcript.lines.length = 0;
  transcript.receive(clientOctets(lines));
  return [...transcript.lines];
}

/** The streams of DATA frames, each run of one as one. */
function turns(lines: readonly string[]): string {
  const streams = lines.filter(line => line.startsWith('> DATA')).map(line => line.split(' ')[2]);
  return streams.filter((stream, at) => stream !== streams[at - 1]).join(' ');
}

describe('whose turn it is', () => {
  const rows: readonly (readonly [string, readonly string[], string])[] = [
    ['one after the other', ['GET 1 /bytes/40000', 'GET 3 /bytes/40000', 'GET 5 /bytes/40000'], '1 3 5'],
    [
      'the most urgent first',
      [
        'GET 1 /bytes/40000',
        'GET 3 /bytes/40000',
        '  priority: u=1',
        'GET 5 /bytes/40000',
        '  priority: u=0',
      ],
      '5 3 1',
    ],
    [
      'those that may be mixed take turns',
      ['GET 1 /bytes/40000', '  priority: i', 'GET 3 /bytes/40000', '  priority: i'],
      '1 3 1 3 1 3',
    ],
    [
      'what may be mixed waits behind what is more urgent',
      ['GET 1 /bytes/40000', '  priority: u=4, i', 'GET 3 /bytes/40000'],
      '3 1',
    ],
    [
      'a priority that came before its request',
      ['PRIORITY_UPDATE 3 u=0', 'GET 1 /bytes/40000', 'GET 3 /bytes/40000'],
      '3 1',
    ],
    ['a later priority', ['GET 1 /bytes/40000', 'GET 3 /bytes/40000', 'PRIORITY_UPDATE 3 u=0'], '3 1'],
    [
      'what is no priority is none',
      [
        'GET 1 /bytes/40000',
        'GET 3 /bytes/40000',
        '  priority: u=0; =',
        'GET 5 /bytes/40000',
        '  priority: u=9',
      ],
      '1 3 5',
    ],
  ];
  for (const [name, lines, expected] of rows)
    test(name, () => assert.equal(turns(send(opened(), ...lines)), expected));

  test('nobody waits for ever behind what is more urgent', () => {
    const lines = send(
      opened(),
      'GET 1 /bytes/2000000',
      '  priority: u=0',
      'GET 3 /bytes/100',
      '  priority: u=7',
      'GET 5 /bytes/100',
    );
    const data = lines.filter(line => line.startsWith('> DATA'));
    for (const stream of [3, 5]) {
      const at = data.indexOf(`> DATA ${stream} END_STREAM 100`);
      assert.ok(at > 0 && at < 40, `${stream} waited for ${at} frames`);
    }
  });
});

describe('contents that are pulled', () => {
  const date = 'Mon, 23 Nov 2026 02:00:00 GMT';

  function pulled(settings: string): { readonly connection: H2Connection; readonly transcript: Transcript } {
    const shared = sharing();
    const connection = new H2Connection(shared);
    const transcript = new Transcript(connection, shared);
    send(transcript, 'hello', settings, 'GET 1 /later');
    const head = new HeadBlock({ status: 200, fields: [], content: unknownLength }, shared.vocabulary);
    assert.equal(connection.respond(1, head, date, { kind: 'pulled' }), 'content');
    return { connection, transcript };
  }

  test('are asked for as far as the windows reach, and once', () => {
    const { connection } = pulled('SETTINGS 4=100');
    assert.deepEqual(connection.pull(), { stream: 1, bytesMax: 100 });
    assert.equal(connection.pull(), undefined);
  });

  test('are not asked for while the window is closed', () => {
    const { connection, transcript } = pulled('SETTINGS 4=0');
    assert.equal(connection.pull(), undefined);
    transcript.hear(clientOctets(['WINDOW_UPDATE 1 5']));
    assert.deepEqual(connection.pull(), { stream: 1, bytesMax: 5 });
    connection.supply(1, new Uint8Array(5), true);
    transcript.lines.length = 0;
    transcript.pump();
    transcript.pump();
    assert.deepEqual(transcript.lines, ['> HEADERS 1 200', '> DATA 1 END_STREAM 5', 'finished 1 sent 5']);
  });

  test('end in a frame of nothing where the end comes late', () => {
    const { connection, transcript } = pulled('SETTINGS');
    connection.pull();
    connection.supply(1, new Uint8Array(5), false);
    transcript.take();
    connection.pull();
    connection.supply(1, new Uint8Array(0), true);
    transcript.lines.length = 0;
    transcript.pump();
    assert.deepEqual(transcript.lines, ['finished 1 sent 5', '> DATA 1 END_STREAM 0']);
  });

  test('that cannot be made are torn, and said to be', () => {
    const { connection, transcript } = pulled('SETTINGS');
    connection.pull();
    connection.tear(1);
    transcript.lines.length = 0;
    transcript.pump();
    assert.deepEqual(transcript.lines, [
      'finished 1 abandoned 0',
      '> HEADERS 1 200',
      '> RST_STREAM 1 INTERNAL_ERROR',
    ]);
  });

  test('of a stream that is gone are not torn', () => {
    const { connection, transcript } = pulled('SETTINGS');
    send(transcript, 'RST_STREAM 1 8');
    connection.tear(1);
    transcript.lines.length = 0;
    transcript.pump();
    assert.deepEqual(transcript.lines, []);
  });

  test('are given up with their stream', () => {
    const { connection, transcript } = pulled('SETTINGS');
    connection.pull();
    assert.deepEqual(send(transcript, 'RST_STREAM 1 8'), ['finished 1 abandoned 0', '> HEADERS 1 200']);
    assert.equal(connection.supply(1, new Uint8Array(5), true), false);
  });

  test('of many streams hold little, whatever the windows do', () => {
    const transcript = opened();
    const { connection } = transcript;
    const shared = sharing();
    const head = new HeadBlock({ status: 200, fields: [], content: unknownLength }, shared.vocabulary);
    send(transcript, '100 × GET {1} /later');
    for (let stream = 1; stream < 200; stream += 2)
      connection.respond(stream, head, date, { kind: 'pulled' });
    let asked = 0;
    for (let pull = connection.pull(); pull !== undefined; pull = connection.pull()) asked += pull.bytesMax;
    assert.ok(asked > 0 && asked <= 320 * 1024, `${asked} octets were asked for`);
  });
});

describe('requests that are refused before they are whole', () => {
  /** What comes with the request in one piece, and what is said of it all. */
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['the rest is dropped', ['DATA 1 5', 'DATA 1 5 END_STREAM']],
    ['a trailer is dropped', ['DATA 1 5', 'HEADERS 1 END_STREAM END_HEADERS', '  a: b']],
  ];
  for (const [name, rest] of rows)
    test(name, () =>
      assert.deepEqual(send(opened(), 'POST 1 /', '  content-length: 100000', ...rest), [
        'violation 1 413: more content than is read',
        '> HEADERS 1 END_STREAM 413',
      ]),
    );

  test('for control data that is far too long', () => {
    const long = 'a'.repeat(30_000);
    const connecting = ['HEADERS 3 END_STREAM END_HEADERS', '  :method: CONNECT', `  :authority: ${long}`];
    assert.deepEqual(send(opened(), `GET 1 /${long}`, ...connecting), [
      'violation 1 431: the field section is too long',
      'violation 3 431: the field section is too long',
      '> HEADERS 1 END_STREAM 431',
      '> HEADERS 3 END_STREAM 431',
    ]);
  });

  test('with the octets that end them', () => {
    const lines = send(opened({ drainedContentBytesMax: 10 }), 'POST 1 /', 'DATA 1 11 END_STREAM');
    assert.deepEqual(lines, ['violation 1 413: more content than is read', '> HEADERS 1 END_STREAM 413']);
  });
});

describe('the table of field lines', () => {
  /** What the client says of its size, and how the next head begins: with size updates, then `:status: 200`. */
  const rows: readonly (readonly [string, readonly string[], string])[] = [
    [
      'is told to be empty when the client wanted it smaller for a moment',
      ['SETTINGS 1=0 1=4096'],
      '203fe11f88',
    ],
    ['is told so too when that was said in two frames', ['SETTINGS 1=0', 'SETTINGS 1=4096'], '203fe11f88'],
    ['becomes as small as the client wants it', ['SETTINGS 1=100'], '203f4588'],
    ['becomes as small as the last word on it', ['SETTINGS 1=4096 1=100'], '203f4588'],
    ['is nothing when the client wants none', ['SETTINGS 1=0'], '202088'],
    ['stays when the client has room for more than we use', ['SETTINGS 1=65536'], '88'],
    ['stays when the client says what holds', ['SETTINGS 1=4096'], '88'],
  ];
  for (const [name, settings, block] of rows) {
    test(name, () => {
      const shared = sharing();
      const connection = new H2Connection(shared);
      connection.receive(clientOctets(['hello', ...settings, 'GET 1 /']), 0);
      assert.equal(connection.next().kind, 'request');
      const content = { kind: 'bytes', bytes: new Uint8Array(0) } as const;
      const head = new HeadBlock({ status: 200, fields: [], content }, shared.vocabulary);
      connection.respond(1, head, 'Mon, 23 Nov 2026 02:00:00 GMT', content);
      const { frames } = readFrames(connection.take(0) ?? Buffer.alloc(0));
      // RFC 7541 section 4.2: behind the acknowledgement, and before every line.
      const types = frames.map(({ type }) => type);
      assert.ok(types.lastIndexOf(4) < types.indexOf(1), types.join(' '));
      const sent = frames.find(({ type }) => type === 1)?.payload.toString('hex') ?? '';
      assert.equal(sent.slice(0, sent.indexOf('88') + 2), block);
    });
  }
});

describe('time', () => {
  test('content that does not come is given up', () => {
    const transcript = opened({ contentTotalTimeoutMs: 1000, contentTimeoutMs: 2000 });
    send(transcript, 'POST 1 /');
    transcript.connection.expire(999);
    transcript.pump();
    assert.deepEqual(transcript.lines, []);
    transcript.connection.expire(1000);
    transcript.pump();
    assert.deepEqual(transcript.lines, [
      'violation 1 408: the request content did not arrive in time',
      '> HEADERS 1 END_STREAM 408',
      '> RST_STREAM 1 NO_ERROR',
    ]);
    assert.equal(transcript.connection.phase, 'idle');
  });

  test('an answer that nobody takes is given up', () => {
    const transcript = opened({ stalledReaderTimeoutMs: 1000 }, 'SETTINGS 4=10');
    transcript.nowMs = 500;
    send(transcript, 'GET 1 /bytes/20', 'GET 3 /bytes/20');
    transcript.nowMs = 1000;
    send(transcript, 'WINDOW_UPDATE 3 1');
    transcript.connection.expire(1500);
    transcript.lines.length = 0;
    transcript.pump();
    assert.deepEqual(transcript.lines, ['> RST_STREAM 1 CANCEL']);
    assert.equal(transcript.connection.phase, 'answering');
  });

  test('an answer whose turn does not come is not given up while the client takes others', () => {
    const shared = sharing({ stalledReaderTimeoutMs: 1000 });
    const transcript = new Transcript(new H2Connection(shared), shared);
    const { connection } = transcript;
    // The window of all lets through 65,535 octets.
    send(transcript, 'hello', 'SETTINGS 4=1000000', 'GET 1 /bytes/200000', 'GET 3 /bytes/20');
    for (transcript.nowMs = 900; transcript.nowMs < 2000; transcript.nowMs += 900) {
      const lines = send(transcript, 'WINDOW_UPDATE 0 10');
      assert.deepEqual(lines, ['> DATA 1 10']);
      connection.expire(transcript.nowMs + 200);
      transcript.lines.length = 0;
      transcript.pump();
      assert.deepEqual(transcript.lines, []);
    }
    connection.expire(transcript.nowMs + 100);
    transcript.pump();
    assert.deepEqual(transcript.lines, ['> RST_STREAM 1 CANCEL', '> RST_STREAM 3 CANCEL']);
  });

  test('what was spent comes back', () => {
    const transcript = opened();
    for (transcript.nowMs = 0; transcript.nowMs < 60_000; transcript.nowMs += 1000) {
      const lines = send(transcript, '33 × PING 0011223344556677');
      assert.equal(lines.length, 33, `after ${transcript.nowMs} ms`);
    }
  });

  test('a client that is too slow with a frame is told so', () => {
    const transcript = opened();
    send(transcript, 'octets 0000');
    assert.equal(transcript.connection.phase, 'head');
    transcript.connection.refuse('too slow');
    transcript.pump();
    assert.deepEqual(transcript.lines, ['> GOAWAY 0 ENHANCE_YOUR_CALM too slow']);
    assert.equal(transcript.connection.next().kind, 'ended');
  });
});

describe('the end', () => {
  test('comes in two steps, and a request that crosses the first is answered', () => {
    const transcript = opened();
    send(transcript, 'GET 1 /');
    transcript.connection.drain();
    transcript.lines.length = 0;
    transcript.pump();
    assert.deepEqual(transcript.lines, ['> GOAWAY 2147483647 NO_ERROR', '> PING 6661726577656c6c']);
    assert.deepEqual(send(transcript, 'GET 3 /'), ['request 3 GET / at a', '> HEADERS 3 END_STREAM 200']);
    assert.equal(transcript.connection.next().kind, 'need-bytes');
    assert.deepEqual(send(transcript, 'frame 6 1 0 6661726577656c6c', 'GET 5 /'), ['> GOAWAY 3 NO_ERROR']);
    assert.equal(transcript.connection.next().kind, 'ended');
  });

  test('is announced once', () => {
    const transcript = opened({}, 'SETTINGS 4=10');
    send(transcript, 'GET 1 /bytes/20');
    transcript.connection.drain();
    transcript.connection.drain();
    assert.deepEqual(send(transcript), ['> GOAWAY 2147483647 NO_ERROR', '> PING 6661726577656c6c']);
    transcript.connection.close();
    transcript.connection.close();
    transcript.connection.drain();
    assert.deepEqual(send(transcript), ['> GOAWAY 1 NO_ERROR']);
    transcript.connection.refuse('too slow');
    transcript.connection.refuse('too slow');
    transcript.connection.receiveEnd();
    assert.deepEqual(send(transcript), ['> GOAWAY 1 ENHANCE_YOUR_CALM too slow']);
  });

  test('waits for answers under way, and takes no request', () => {
    const transcript = opened({}, 'SETTINGS 4=10');
    send(transcript, 'GET 1 /bytes/20');
    transcript.connection.close();
    assert.deepEqual(send(transcript, 'GET 3 /'), ['> GOAWAY 1 NO_ERROR']);
    assert.equal(transcript.connection.next().kind, 'need-bytes');
    assert.deepEqual(send(transcript, 'WINDOW_UPDATE 1 10'), ['> DATA 1 END_STREAM 10']);
    assert.equal(transcript.connection.next().kind, 'ended');
  });

  test('of the client lets answers end', () => {
    const transcript = opened({}, 'SETTINGS 4=10');
    send(transcript, 'GET 1 /later', 'POST 3 /');
    transcript.connection.receiveEnd();
    assert.equal(transcript.connection.next().kind, 'need-bytes');
    const shared = sharing();
    const head = new HeadBlock({ status: 200, fields: [], content: { kind: 'none' } }, shared.vocabulary);
    transcript.connection.respond(1, head, '', { kind: 'none' });
    assert.equal(transcript.connection.next().kind, 'ended');
  });

  test('after a fault nothing is read and nothing answered', () => {
    const transcript = opened();
    send(transcript, 'GET 1 /later', 'POST 3 /');
    assert.deepEqual(send(transcript, 'DATA 0 1', 'GET 5 /'), [
      '> GOAWAY 3 PROTOCOL_ERROR DATA on a stream that is not open',
    ]);
    assert.deepEqual(send(transcript, 'GET 7 /'), []);
    const shared = sharing();
    const head = new HeadBlock({ status: 200, fields: [], content: { kind: 'none' } }, shared.vocabulary);
    assert.equal(transcript.connection.respond(1, head, '', { kind: 'none' }), 'nothing');
    assert.equal(transcript.connection.phase, 'ended');
    assert.equal(transcript.connection.fault?.code, 1);
  });
});

test('to answer what was not asked, or twice, is a bug of ours', () => {
  const { connection } = opened();
  const head = new HeadBlock({ status: 200, fields: [], content: { kind: 'none' } }, sharing().vocabulary);
  connection.receive(clientOctets(['GET 1 /']), 0);
  assert.throws(() => connection.respond(1, head, '', { kind: 'none' }), /without a request/);
  assert.equal(connection.next().kind, 'request');
  connection.respond(1, head, '', { kind: 'pulled' });
  assert.throws(() => connection.respond(1, head, '', { kind: 'none' }), /without a request/);
});

describe('requests that are taken back', () => {
  test('are not told when nobody has looked at them', () => {
    const lines = send(opened(), 'GET 1 /', 'RST_STREAM 1 8', 'GET 3 /');
    assert.deepEqual(lines, ['request 3 GET / at a', '> HEADERS 3 END_STREAM 200']);
  });

  test('end the connection when there are very many, though nobody has looked at them: CVE-2023-44487', () => {
    const lines = send(opened(), '301 × GET {1} / ; RST_STREAM {1} 8');
    assert.deepEqual(lines, ['> GOAWAY 601 ENHANCE_YOUR_CALM too many requests that come to nothing']);
  });

  test('count until their answers were made', () => {
    const transcript = opened({ concurrentStreamsMax: 2 });
    send(transcript, 'GET 1 /later', 'GET 3 /later');
    assert.deepEqual(send(transcript, 'RST_STREAM 1 8', 'GET 5 /'), ['> RST_STREAM 5 REFUSED_STREAM']);
    const shared = sharing();
    const head = new HeadBlock({ status: 200, fields: [], content: { kind: 'none' } }, shared.vocabulary);
    assert.equal(transcript.connection.respond(1, head, '', { kind: 'none' }), 'nothing');
    assert.deepEqual(send(transcript, 'GET 7 /'), ['request 7 GET / at a', '> HEADERS 7 END_STREAM 200']);
  });
});

test('a head that is longer than a frame goes on in others, and nothing comes between', () => {
  const shared = sharing();
  const connection = new H2Connection(shared);
  const transcript = new Transcript(connection, shared);
  send(transcript, 'hello', 'GET 1 /later');
  transcript.hear(clientOctets(['GET 3 /bytes/50000']));
  const fields = Array.from({ length: 5 }, (_, n): [string, string] => [`x-${n}`, '~'.repeat(9000)]);
  const head = new HeadBlock({ status: 206, fields, content: { kind: 'none' } }, shared.vocabulary);
  connection.respond(1, head, 'Mon, 23 Nov 2026 02:00:00 GMT', { kind: 'none' });
  transcript.lines.length = 0;
  transcript.hear(clientOctets(['PING 0011223344556677']));
  transcript.pump();
  assert.equal(
    transcript.lines.find(line => line.startsWith('> HEADERS 1')),
    '> HEADERS 1 END_STREAM 206',
  );
});

test('our settings name no push', () => {
  const { frames } = readFrames(new H2Connection(sharing()).take(0) ?? Buffer.alloc(0));
  const payload = frames[0]?.payload ?? Buffer.alloc(0);
  const settings = Array.from({ length: payload.length / 6 }, (_, n) => [
    payload.readUInt16BE(6 * n),
    payload.readUInt32BE(6 * n + 2),
  ]);
  assert.deepEqual(settings, [
    [3, 100],
    [6, 16_384],
    [9, 1],
  ]);
});

test('the crumbs of a cookie are one field behind the others, RFC 9113 section 8.2.3', () => {
  const connection = new H2Connection(sharing());
  const fields = ['  cookie: a=b', '  x: y', '  cookie: c=d', '  cookie: e=f'];
  connection.receive(clientOctets(['hello', 'GET 1 /', ...fields]), 0);
  const event = connection.next();
  assert.ok(event.kind === 'request');
  assert.deepEqual(event.head.fields.lines, [
    ['x', 'y'],
    ['cookie', 'a=b; c=d; e=f'],
  ]);
});

test('of very many requests only so many are kept to be known again', () => {
  const connection = new H2Connection(sharing({ concurrentStreamsMax: 1000 }));
  const asked = Array.from({ length: 140 }, (_, n) => `GET ${1 + 2 * n} /${n}`);
  connection.receive(clientOctets(['hello', ...asked, 'GET 901 /0', 'GET 903 /0', 'GET 905 /139']), 0);
  const heads = Array.from({ length: 143 }, () => {
    const event = connection.next();
    return event.kind === 'request' ? event.head : undefined;
  });
  assert.equal(heads[140]?.target, '/0');
  assert.notEqual(heads[140], heads[0], 'one is kept for ever');
  assert.equal(heads[141], heads[140]);
  assert.equal(heads[142], heads[139]);
});

test('an equal request is the same value', () => {
  const shared = sharing();
  const connection = new H2Connection(shared);
  connection.receive(
    clientOctets([
      'hello',
      'GET 1 /',
      'GET 3 /',
      'GET 5 /other',
      'GET 7 /',
      '  authorization: a',
      'GET 9 /',
      '  authorization: a',
    ]),
    0,
  );
  const heads = Array.from({ length: 5 }, () => {
    const event = connection.next();
    return event.kind === 'request' ? event.head : undefined;
  });
  assert.equal(heads[0], heads[1]);
  assert.notEqual(heads[0], heads[2]);
  assert.notEqual(heads[3], heads[4], 'one with a password is kept');
});
