// What only TLS does: who is shown which certificate, who is let in, what is redirected; and certificates that change
// under way. That requests mean the same over it is in `semantics.test.ts`.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect as connectPlain, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { issueAuthority, issueServer } from '../../src/authority/issue.ts';
import { createServer, type PlinthServer, type ServerOptions } from '../../src/index.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { goodNow, makeTlsFolder, type TlsFolder } from '../server/tls-fixture.ts';
import { until } from '../workers/processes.ts';
import { field, RawConnection, text } from './client.ts';

let folder: TlsFolder;
const big = Buffer.alloc(3 * 1024 * 1024, 'plinth over TLS, ');
const store = memoryStore({ 'a.txt': 'over TLS', 'big.bin': big });

before(async () => {
  folder = await makeTlsFolder();
  await folder.issue('first', ['localhost', '127.0.0.1']);
  await folder.issue('second', ['second.test', '*.wild.test']);
});
after(() => folder.remove());

interface Started {
  readonly server: PlinthServer;
  readonly port: number;
  readonly reports: string[];
}

/** A server that ends with the test. */
async function start(t: { after(end: () => Promise<void>): void }, options: ServerOptions): Promise<Started> {
  const reports: string[] = [];
  const server = createServer({
    store,
    port: 0,
    host: '127.0.0.1',
    tlsCert: folder.path('first.crt'),
    tlsKey: folder.path('first.key'),
    onReport: line => reports.push(line),
    ...options,
  });
  t.after(() => server.stop(0));
  const [address] = await server.start();
  assert.ok(address?.kind === 'tcp');
  assert.equal(address.url, `https://127.0.0.1:${address.port}/`);
  return { server, port: address.port, reports };
}

/** A secured connection; rejects when there is none. */
async function secured(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', ca: folder.authority.cert, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** The whole answer on a connection that closes after it. */
async function ask(socket: Socket, target = '/a.txt', host = 'localhost'): Promise<string> {
  socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  return rest(socket);
}

async function rest(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

/** Who the server says that it is. */
async function shown(port: number, servername: string): Promise<string> {
  const socket = await secured(port, { servername, checkServerIdentity: () => undefined });
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

test('TLS 1.2 and 1.3 are spoken, with forward secrecy and authenticated encryption', async t => {
  const { port } = await start(t, {});
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = await secured(port, { minVersion: version, maxVersion: version });
    assert.equal(socket.getProtocol(), version);
    assert.match(
      String(socket.getCipher().standardName),
      /^TLS_(ECDHE_ECDSA_WITH_)?(AES_|CHACHA20).*(GCM|POLY1305)/,
    );
    assert.match(await ask(socket), /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nover TLS$/);
  }
});

test('old versions, old ciphers and protocols that are not spoken are refused, and that is told once', async t => {
  const { port, reports } = await start(t, {});
  const rows: readonly ConnectionOptions[] = [
    { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
    { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA:AES128-SHA:@SECLEVEL=0' },
    { ALPNProtocols: ['spdy/3'] },
  ];
  for (const row of rows) await assert.rejects(secured(port, row), JSON.stringify(row));
  assert.equal(reports.length, 1);
  assert.match(
    reports[0] ?? '',
    /^TLS handshake failed: the client speaks no TLS newer than 1\.1; last with 127/,
  );
  const socket = await secured(port, { ALPNProtocols: ['spdy/3', 'http/1.1'] });
  assert.equal(socket.alpnProtocol, 'http/1.1');
  socket.destroy();
});

test('the certificate is chosen by the name that is asked for; the first is for all other names', async t => {
  const { port } = await start(t, {
    tlsCert: [folder.path('first.crt'), folder.path('second.crt')],
    tlsKey: [folder.path('second.key'), folder.path('first.key')],
  });
  const rows: readonly (readonly [servername: string, subject: string])[] = [
    ['localhost', 'localhost'],
    ['second.test', 'second.test'],
    ['SECOND.test', 'second.test'],
    ['a.wild.test', 'second.test'],
    ['a.b.wild.test', 'localhost'],
    ['wild.test', 'localhost'],
    ['elsewhere.test', 'localhost'],
    ['', 'localhost'],
  ];
  for (const [servername, subject] of rows) assert.equal(await shown(port, servername), subject, servername);
});

test('plain HTTP on the port for TLS gets an answer that people and programs can read', async t => {
  const { port } = await start(t, { hsts: true });
  for (const [accept, type] of [
    ['*/*', 'text/plain; charset=utf-8'],
    ['text/html', 'text/html; charset=utf-8'],
    ['application/json', 'application/json'],
  ] as const) {
    const connection = await RawConnection.open({ host: '127.0.0.1', port });
    connection.write(`GET /a.txt HTTP/1.1\r\nHost: localhost\r\nAccept: ${accept}\r\n\r\n`);
    const response = await connection.response();
    assert.equal(response.status, 400);
    assert.equal(field(response, 'content-type'), type);
    assert.equal(field(response, 'strict-transport-security'), undefined);
    assert.match(text(response), /https:\/\//);
    assert.doesNotMatch(text(response), /over TLS/);
    await connection.expectEnd();
  }
  // What is neither is answered in the same way as on any other port.
  const connection = await RawConnection.open({ host: '127.0.0.1', port });
  connection.write('\x80\x00 what is this\r\n\r\n');
  const response = await connection.response();
  assert.equal(response.status, 400);
  assert.equal(field(response, 'strict-transport-security'), undefined);
  connection.destroy();
});

test('requests that come together are answered in order, and a large file comes whole to a slow reader', async t => {
  const { port } = await start(t, {});
  const socket = await secured(port);
  const once200 = 'GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n';
  socket.write(once200.repeat(50));
  const answers = await ask(socket, '/big.bin');
  assert.equal(answers.match(/over TLS(?=HTTP)/g)?.length, 50);
  assert.ok(answers.endsWith(big.toString('latin1')));
});

test('a session is resumed, also when another key has signed its ticket in between: then by a new handshake', async t => {
  const { server, port } = await start(t, {});
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    let session: Buffer | undefined;
    const options = { maxVersion: version, servername: 'localhost' };
    const first = connect({ port, host: '127.0.0.1', ca: folder.authority.cert, ...options });
    first.on('session', ticket => {
      session = ticket;
    });
    await ask(first);
    await until(() => session !== undefined, 'there is a session');
    const again = await secured(port, { ...options, session });
    assert.equal(again.isSessionReused(), true);
    assert.match(await ask(again), /over TLS$/);
    server.shareTicketKeys(Buffer.alloc(48, version));
    const anew = await secured(port, { ...options, session });
    assert.equal(anew.isSessionReused(), false);
    assert.match(await ask(anew), /over TLS$/);
  }
});

test('with authorities for clients, only those are let in whom one of them knows', async t => {
  const { port, reports } = await start(t, { tlsClientCa: folder.path('authority.crt') });
  const client = await issueServer({ subject: 'client', ...goodNow }, ['client.test'], folder.authority);
  const stranger = await issueAuthority({ subject: 'Another authority', ...goodNow });
  const forged = await issueServer({ subject: 'client', ...goodNow }, ['client.test'], stranger);
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const known = await secured(port, { ...client, maxVersion: version });
    assert.match(await ask(known), /over TLS$/);
    for (const credentials of [{}, forged]) {
      const answered = secured(port, { ...credentials, maxVersion: version }).then(socket => ask(socket));
      // In TLS 1.3 a client takes itself for connected before it is told that it is not.
      assert.doesNotMatch(await answered.catch(() => 'refused'), /over TLS|HTTP/);
    }
  }
  assert.match(reports[0] ?? '', /^TLS handshake failed: /);
});

test('handshakes that do not come to an end do not last, and are not many', async t => {
  const { port } = await start(t, { limits: { handshakeTimeoutMs: 300, handshakesMax: 3 } });
  const silent = await Promise.all(
    Array.from({ length: 6 }, () => RawConnection.open({ host: '127.0.0.1', port })),
  );
  // The beginning of a record, octet by octet: no octet buys time.
  for (const connection of silent.slice(3)) connection.write('\x16\x03\x01');
  const drip = setInterval(() => {
    for (const connection of silent.slice(3)) connection.write('\x01');
  }, 50);
  t.after(async () => clearInterval(drip));
  await until(() => silent.every(connection => connection.ending !== undefined), 'all are ended');
  const socket = await secured(port);
  assert.match(await ask(socket), /over TLS$/);
});

test('who leaves in the middle of a handshake leaves nothing behind', async t => {
  const { port, reports } = await start(t, {});
  for (const begun of ['', '\x16', '\x16\x03\x01\x02\x00\x01\x00']) {
    const connection = await RawConnection.open({ host: '127.0.0.1', port });
    connection.write(begun);
    connection.end();
    await connection.expectEnd();
  }
  assert.deepEqual(reports, []);
});

/** Puts a file in another's place in one step. */
function replace(name: string, text: string): void {
  writeFileSync(folder.path(`${name}.new`), text, { mode: 0o600 });
  renameSync(folder.path(`${name}.new`), folder.path(name));
}

test('renewed certificates are shown to newcomers, and nobody is sent away', async t => {
  const issue = (subject: string) => issueServer({ subject, ...goodNow }, ['localhost'], folder.authority);
  const [one, two, three, four] = await Promise.all(['one', 'two', 'three', 'four'].map(issue));
  assert.ok(one && two && three && four);
  folder.write('live.crt', one.cert);
  folder.write('live.key', one.key);
  const { port, reports } = await start(t, {
    tlsCert: folder.path('live.crt'),
    tlsKey: folder.path('live.key'),
  });
  const lasting = await secured(port, { servername: 'localhost' });
  assert.equal(await shown(port, 'localhost'), 'one');
  const becomes = async (subject: string): Promise<void> => {
    await until(
      () => reports.some(line => line.startsWith('certificates renewed')),
      `the report on ${subject}`,
    );
    reports.length = 0;
    assert.equal(await shown(port, 'localhost'), subject);
  };
  // One file after the other, as most programs do it.
  replace('live.key', two.key);
  replace('live.crt', two.cert);
  await becomes('two');
  // In place.
  folder.write('live.key', three.key);
  folder.write('live.crt', three.cert);
  await becomes('three');
  // What does not fit is told once, and everything stays as it was.
  replace('live.key', four.key);
  await until(() => reports.length > 0, 'the report on a key that does not fit');
  assert.match(
    reports.join('\n'),
    /^[^\n]*live\.crt: [^\n]*do not belong together[^\n]*; the certificates stay as they were$/,
  );
  assert.equal(await shown(port, 'localhost'), 'three');
  reports.length = 0;
  rmSync(folder.path('live.crt'));
  await until(() => reports.length > 0, 'the report on a file that is gone');
  assert.match(reports[0] ?? '', /live\.crt: cannot be read/);
  reports.length = 0;
  folder.write('live.crt', four.cert);
  await becomes('four');
  assert.match(await ask(lasting), /over TLS$/);
});

test('renewals under load lose no answer and no connection', async t => {
  const pair = async (subject: string): Promise<string> => {
    const issued = await issueServer({ subject, ...goodNow }, ['localhost'], folder.authority);
    return `${issued.cert}${issued.key}`;
  };
  folder.write('busy.pem', await pair('busy'));
  const { port, reports } = await start(t, { tlsCert: folder.path('busy.pem'), tlsKey: [] });
  let isDone = false;
  let answers = 0;
  const comeAndGo = async (): Promise<void> => {
    while (!isDone) {
      assert.match(
        await ask(await secured(port, { servername: 'localhost' })),
        /^HTTP\/1\.1 200 [\s\S]*over TLS$/,
      );
      answers += 1;
    }
  };
  const stay = async (): Promise<void> => {
    const socket = await secured(port, { servername: 'localhost' });
    while (!isDone) {
      socket.write('GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n');
      const [answer] = await once(socket, 'data');
      assert.match(String(answer), /^HTTP\/1\.1 200 [\s\S]*over TLS$/);
      answers += 1;
    }
    socket.destroy();
  };
  const clients = [comeAndGo(), comeAndGo(), stay(), stay()];
  for (const subject of ['second', 'third']) {
    const before = answers;
    replace('busy.pem', await pair(subject));
    await until(() => reports.length > 0, `the report on ${subject}`);
    assert.equal(await shown(port, 'localhost'), subject);
    await until(() => answers > before, 'answers under way');
    reports.length = 0;
  }
  isDone = true;
  await Promise.all(clients);
  assert.deepEqual(reports, []);
});

test('a link that is flipped brings what it leads to, as certbot and Kubernetes do it', async t => {
  for (const name of ['before', 'after']) {
    const issued = await issueServer({ subject: name, ...goodNow }, ['localhost'], folder.authority);
    folder.write(`${name}.pem`, `${issued.cert}${issued.key}`);
  }
  symlinkSync('before.pem', folder.path('..data'));
  symlinkSync('..data', folder.path('linked.pem'));
  const { port, reports } = await start(t, { tlsCert: folder.path('linked.pem'), tlsKey: [] });
  assert.equal(await shown(port, 'localhost'), 'before');
  symlinkSync('after.pem', folder.path('..data_tmp'));
  renameSync(folder.path('..data_tmp'), folder.path('..data'));
  await until(() => reports.length > 0, 'the certificate is renewed');
  assert.equal(await shown(port, 'localhost'), 'after');
});

test('the port for plain HTTP leads to the same place over HTTPS, for our own hosts only', async t => {
  const probe = createServer({ store, port: 0, host: '127.0.0.1' });
  const [free] = await probe.start();
  await probe.stop();
  assert.ok(free?.kind === 'tcp');
  const { port } = await start(t, { httpsRedirect: free.port, allowedHosts: ['named.test'], hsts: 600 });
  const rows: readonly (readonly [target: string, host: string, status: number, location?: string])[] = [
    ['/a%20b?x=%2F', 'localhost', 308, `https://localhost:${port}/a%20b?x=%2F`],
    ['/', `127.0.0.1:${free.port}`, 308, `https://127.0.0.1:${port}/`],
    ['//evil.test/', 'named.test', 308, `https://named.test:${port}//evil.test/`],
    ['http://localhost/a', 'elsewhere.test', 308, `https://localhost:${port}/a`],
    ['http://localhost', 'localhost', 308, `https://localhost:${port}/`],
    ['http://localhost?q', 'localhost', 308, `https://localhost:${port}/?q`],
    ['/', 'elsewhere.test', 421],
    ['/', 'localhost.elsewhere.test', 421],
    ['http://elsewhere.test/a', 'localhost', 421],
    ['/', '', 400],
    ['/%00', 'localhost', 400],
    ['/..', 'localhost', 400],
    ['a', 'localhost', 400],
  ];
  for (const [target, host, status, location] of rows) {
    const answer = await ask(connectPlain(free.port, '127.0.0.1'), target, host);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), `${target} of ${host}`);
    assert.equal(/^Location: (.*)\r$/m.exec(answer)?.[1], location, `${target} of ${host}`);
    assert.doesNotMatch(answer, /Strict-Transport-Security/);
  }
  const answer = await ask(await secured(port));
  assert.match(answer, /^Strict-Transport-Security: max-age=600\r$/m);
});

test('connections that are to be redirected are among the most that there may be, and few of them', async t => {
  const probe = createServer({ store, port: 0, host: '127.0.0.1' });
  const [free] = await probe.start();
  await probe.stop();
  assert.ok(free?.kind === 'tcp');
  await start(t, { httpsRedirect: free.port, limits: { connectionsMax: 16 } });
  const connections: RawConnection[] = [];
  for (let count = 0; count <= 2; count += 1)
    connections.push(await RawConnection.open({ host: '127.0.0.1', port: free.port }));
  await until(() => connections[0]?.ending !== undefined, 'the oldest has made room');
  for (const connection of connections) connection.destroy();
});

test('what cannot secure a server keeps it from starting, in words', async () => {
  folder.write('loose.key', 'no key');
  const rows: readonly (readonly [ServerOptions, RegExp])[] = [
    [{ tlsCert: folder.path('first.crt') }, /^TLS: .*first\.crt: its private key is missing/],
    [{ tlsCert: folder.path('none.crt') }, /^TLS: .*none\.crt: cannot be read: ENOENT/],
    [
      { tlsCert: folder.path('first.crt'), tlsKey: folder.path('loose.key') },
      /loose\.key: is no private key in PEM$/,
    ],
    [{ tlsCert: '/dev/null' }, /^TLS: \/dev\/null: is not a file$/],
    [{ hsts: true }, /^--hsts: found no certificate/],
    [{ httpsRedirect: 8080 }, /^--https-redirect: found no certificate/],
    [{ tlsKey: 'a' }, /^--tls-key: found no certificate/],
  ];
  for (const [options, message] of rows) {
    const started = async (): Promise<unknown> => createServer({ store, port: 0, ...options }).start();
    await assert.rejects(started(), { name: 'OptionError', message });
  }
});

test('a key that others may read is a warning', { skip: process.platform === 'win32' }, async t => {
  const { key } = await folder.issue('open', ['localhost']);
  folder.write('open-key.pem', key, 0o644);
  const certificate = readFileSync(folder.path('open.crt'), 'latin1');
  // A certificate is for everybody to read, whatever stands above it.
  const { reports } = await start(t, {
    tlsCert: folder.write('told.crt', `Bag Attributes\n${certificate}`, 0o644),
    tlsKey: folder.path('open-key.pem'),
    tlsPass: folder.write('open-pass', 'not needed\n', 0o604),
  });
  assert.equal(reports.length, 2);
  assert.match(reports[1] ?? '', /^warning: .*open-pass: others than its owner may read/);
  assert.match(
    reports[0] ?? '',
    /^warning: .*open-key\.pem: others than its owner may read or change this key/,
  );
});

test('keys that lie in the folder that is served are not served', async t => {
  const { port } = await start(t, { store: undefined, root: folder.path('.') });
  for (const [target, status] of [
    ['/first.key', 404],
    ['/first.crt', 404],
    ['/authority.crt', 200],
  ] as const)
    assert.match(await ask(await secured(port), target), new RegExp(`^HTTP/1\\.1 ${status} `), target);
});

test('a key inside the folder that is served is not served after its renewal either, as certbot does it', async t => {
  const root = mkdtempSync(join(tmpdir(), 'plinth-renewed-'));
  t.after(async () => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'live'));
  mkdirSync(join(root, 'archive'));
  for (const n of [1, 2]) {
    const issued = await issueServer({ subject: `${n}`, ...goodNow }, ['127.0.0.1'], folder.authority);
    writeFileSync(join(root, 'archive', `fullchain${n}.pem`), issued.cert);
    writeFileSync(join(root, 'archive', `privkey${n}.pem`), issued.key, { mode: 0o600 });
  }
  const flip = (n: number): void => {
    for (const name of ['fullchain', 'privkey']) {
      symlinkSync(`../archive/${name}${n}.pem`, join(root, 'live', 'next'));
      renameSync(join(root, 'live', 'next'), join(root, 'live', `${name}.pem`));
    }
  };
  flip(1);
  const { port, reports } = await start(t, {
    store: undefined,
    root,
    tlsCert: join(root, 'live', 'fullchain.pem'),
    tlsKey: join(root, 'live', 'privkey.pem'),
  });
  flip(2);
  await until(() => reports.some(line => /^certificates renewed/.test(line)), 'the certificate is renewed');
  for (const target of ['/archive/privkey2.pem', '/archive/privkey1.pem', '/live/privkey.pem'])
    assert.match(await ask(await secured(port), target), /^HTTP\/1\.1 404 /, target);
});

test('files that are read anew for each answer are not mixed up', async t => {
  const root = mkdtempSync(join(tmpdir(), 'plinth-rare-'));
  t.after(async () => rmSync(root, { recursive: true }));
  const names = Array.from({ length: 60 }, (_, index) => `file-${index}.bin`);
  for (const name of names) writeFileSync(join(root, name), `${name};`.repeat(1500));
  const { port } = await start(t, { store: undefined, root });
  // What has just changed is not remembered.
  await new Promise(resolve => setTimeout(resolve, 1200));
  const requests = names.map(name => `GET /${name} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join('');
  const askAll = async (): Promise<void> => {
    const socket = await secured(port);
    for (let round = 0; round < 3; round++) socket.write(requests);
    const answers = (await ask(socket)).split(/HTTP\/1\.1 [\s\S]*?\r\n\r\n/).slice(1);
    const wanted = [...names, ...names, ...names].map(name => `${name};`.repeat(1500));
    assert.ok(
      wanted.every((content, index) => answers[index] === content),
      'each answer is the content of its file',
    );
  };
  await Promise.all(Array.from({ length: 6 }, askAll));
});

test('an archive comes over TLS as it comes without', async t => {
  const root = mkdtempSync(join(tmpdir(), 'plinth-archive-'));
  t.after(async () => rmSync(root, { recursive: true }));
  for (let index = 0; index < 40; index++)
    writeFileSync(join(root, `file-${index}.bin`), `${index};`.repeat(20_000 + index));
  const { port } = await start(t, { store: undefined, root });
  const plain = createServer({ root, port: 0, host: '127.0.0.1' });
  t.after(() => plain.stop(0));
  const [address] = await plain.start();
  assert.ok(address?.kind === 'tcp');
  const target = '/?download=tar';
  const contentOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n'));
  const wanted = contentOf(await ask(connectPlain(address.port, '127.0.0.1'), target));
  assert.ok(wanted.length > 1_000_000);
  assert.ok(contentOf(await ask(await secured(port), target)) === wanted);
});

test('the authority of this machine is not served, made just now or before', {
  skip: process.platform !== 'linux',
}, async t => {
  const { XDG_DATA_HOME } = process.env;
  t.after(() => {
    process.env.XDG_DATA_HOME = XDG_DATA_HOME ?? '';
  });
  process.env.XDG_DATA_HOME = folder.path('share');
  for (const _ of ['made', 'found']) {
    const options: ServerOptions = { store: undefined, root: folder.path('.'), tlsCert: [], tlsKey: [] };
    const { port } = await start(t, { ...options, tls: true });
    assert.match(readFileSync(folder.path('share/plinth/authority.pem'), 'latin1'), /PRIVATE KEY/);
    const socket = await secured(port, { rejectUnauthorized: false });
    assert.match(await ask(socket, '/share/plinth/authority.pem'), /^HTTP\/1\.1 404 /);
  }
});

test('a stop ends idle connections in order and lets answers under way come to their end', async t => {
  const { server, port } = await start(t, {});
  const idle = await secured(port);
  const idleRest = rest(idle);
  const busy = await secured(port);
  busy.write('GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(busy, 'readable');
  const stopped = server.stop(20_000);
  assert.equal(await idleRest, '');
  assert.ok((await rest(busy)).endsWith(big.toString('latin1')));
  await stopped;
});
