import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { type Listener, listen } from '../../src/server/listen.ts';
import type { Address } from '../../src/server/places.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-listen-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some(address => address?.family === 'IPv6');

async function listenFor(
  t: TestContext,
  hosts: readonly string[],
  port: number | 'default' = 0,
): Promise<Listener> {
  const options = { hosts, port: port === 'default' ? undefined : port, backlog: 10 };
  const listener = await listen(options, greet, () => {});
  t.after(listener.close);
  return listener;
}

function greet(socket: Socket): void {
  // Whoever looks whether somebody listens leaves without reading.
  socket.on('error', () => {});
  socket.end('hello');
}

/** What a client reads at an address: 'hello', or the code of the error. */
function greeting(address: Address | { readonly host: string; readonly port: number }): Promise<string> {
  const place = 'path' in address ? { path: address.path } : { host: address.host, port: address.port };
  return new Promise(resolve => {
    const socket = connect(place);
    socket.on('data', bytes => resolve(bytes.toString()));
    socket.on('error', error => resolve((error as NodeJS.ErrnoException).code ?? ''));
    socket.on('end', () => socket.end());
  });
}

async function occupied(t: TestContext, port = 0, host = '127.0.0.1'): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  return address.port;
}

test('localhost is both loopbacks on one port', async t => {
  const { addresses } = await listenFor(t, ['localhost']);
  assert.equal(addresses.length, hasIpv6 ? 2 : 1);
  assert.equal(new Set(addresses.map(address => address.kind === 'tcp' && address.port)).size, 1);
  const [first] = addresses;
  assert.ok(first?.kind === 'tcp');
  assert.equal(first.url, `http://127.0.0.1:${first.port}/`);
  for (const address of addresses) assert.equal(await greeting(address), 'hello');
});

test('an address in brackets is the address', { skip: hasIpv6 ? false : 'no IPv6 here' }, async t => {
  const { addresses } = await listenFor(t, ['[::1]']);
  const [only] = addresses;
  assert.ok(only?.kind === 'tcp');
  assert.equal(only.url, `http://[::1]:${only.port}/`);
  assert.equal(await greeting(only), 'hello');
});

test('* is every address of both families', async t => {
  const { addresses } = await listenFor(t, ['*']);
  assert.equal(addresses.length, hasIpv6 ? 2 : 1);
  const [first] = addresses;
  assert.ok(first?.kind === 'tcp');
  for (const host of hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1']) {
    assert.equal(await greeting({ host, port: first.port }), 'hello');
  }
});

test('several hosts and a Unix socket listen at once, and all close', async () => {
  const path = join(folder, 'several.sock');
  const { addresses, close } = await listen(
    { hosts: ['127.0.0.1', `unix:${path}`], port: 0, backlog: 10 },
    greet,
    () => {},
  );
  for (const address of addresses) assert.equal(await greeting(address), 'hello');
  assert.deepEqual(addresses[1], { kind: 'unix', path });
  close();
  const [tcp, unix] = addresses;
  assert.ok(tcp !== undefined && unix !== undefined);
  assert.equal(await greeting(tcp), 'ECONNREFUSED');
  assert.match(await greeting(unix), /ECONNREFUSED|ENOENT/);
});

test('a port that was asked for and is taken is an error, and then nothing listens', async t => {
  const port = await occupied(t);
  const asked = listen(
    { hosts: ['127.0.0.2', '127.0.0.1'], port, backlog: 10 },
    () => {},
    () => {},
  );
  await assert.rejects(asked, { code: 'EADDRINUSE', port });
  assert.equal(await greeting({ host: '127.0.0.2', port }), 'ECONNREFUSED');
});

test('the default port moves on to the next free one', async t => {
  // Whoever holds 8080, we or another program: it is taken.
  await occupied(t, 8080).catch(() => {});
  const { addresses } = await listenFor(t, ['127.0.0.1'], 'default');
  const [only] = addresses;
  assert.ok(only?.kind === 'tcp');
  assert.ok(only.port > 8080 && only.port <= 8180, `port ${only.port}`);
  assert.equal(await greeting(only), 'hello');
});

test('an address that is not ours is an error', async t => {
  await assert.rejects(listenFor(t, ['192.0.2.1']), { code: 'EADDRNOTAVAIL' });
});

test('a folder that is not there for a Unix socket is an error', async t => {
  await assert.rejects(listenFor(t, [`unix:${join(folder, 'none', 'x.sock')}`]), { code: /ENOENT|EACCES/ });
});

test('a socket file that a crash has left is taken over', async t => {
  const path = join(folder, 'stale.sock');
  const script = `import { createServer } from 'node:net';
    createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'));`;
  assert.throws(() => execFileSync(process.execPath, ['--input-type=module', '--eval', script]));
  assert.ok(existsSync(path));
  const { addresses } = await listenFor(t, [`unix:${path}`]);
  assert.equal(await greeting(addresses[0] as Address), 'hello');
});

test('a socket file on which somebody listens, and a file that is none, stay', async t => {
  const path = join(folder, 'live.sock');
  const { addresses } = await listenFor(t, [`unix:${path}`]);
  await assert.rejects(listenFor(t, [`unix:${path}`]), { code: 'EADDRINUSE' });
  assert.equal(await greeting(addresses[0] as Address), 'hello');
  const plain = join(folder, 'plain');
  writeFileSync(plain, 'mine');
  await assert.rejects(listenFor(t, [`unix:${plain}`]), { code: 'EEXIST' });
  assert.ok(existsSync(plain));
});
