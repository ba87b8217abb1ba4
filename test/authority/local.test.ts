import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect, createServer } from 'node:tls';
import { type Issued, issueAuthority, issueServer } from '../../src/authority/issue.ts';
import {
  issueLocally,
  type LocalAuthority,
  openAuthority,
  readAuthority,
} from '../../src/authority/local.ts';
import { namesOf } from '../../src/server/certificates.ts';

const scratch = mkdtempSync(join(tmpdir(), 'plinth-authority-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const now = Date.now();
const yearMs = 365 * 24 * 3600 * 1000;
let folders = 0;

function newFolder(): string {
  folders += 1;
  return join(scratch, String(folders), 'data');
}

async function opened(folder: string, nowMs = now): Promise<LocalAuthority> {
  const authority = await openAuthority('desk', nowMs, folder);
  assert.ok(!('kind' in authority), JSON.stringify(authority));
  return authority;
}

/** How a client that trusts an authority takes a server: undefined when it does, else why not. */
async function judged(issued: Issued, authority: Issued, servername: string): Promise<string | undefined> {
  const server = createServer(issued, socket => socket.end());
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const place = { port: address.port, host: '127.0.0.1', servername: isIP(servername) ? '' : servername };
  const socket = connect({ ...place, ca: authority.cert });
  try {
    await once(socket, 'secureConnect');
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    socket.destroy();
    server.close();
  }
}

test('an authority is made once, for its owner alone, and then found', async () => {
  const folder = newFolder();
  const made = await opened(folder);
  assert.equal(made.isNew, true);
  assert.deepEqual(await opened(folder), { ...made, isNew: false });
  assert.equal(made.path, join(folder, 'authority.pem'));
  if (process.platform === 'win32') return;
  assert.equal(statSync(made.path).mode & 0o777, 0o600);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
});

test('of many that make it at once, all use the same, and nothing else is left', async () => {
  const folder = newFolder();
  const all = await Promise.all(Array.from({ length: 8 }, () => opened(folder)));
  assert.equal(new Set(all.map(({ cert }) => cert)).size, 1);
  assert.equal(all.filter(({ isNew }) => isNew).length, 1);
  assert.deepEqual(readdirSync(folder), ['authority.pem']);
});

test('one that is about to end is made anew', async () => {
  const folder = newFolder();
  const old = await opened(folder);
  // Who only looks, so that it can be forgotten, takes nothing away.
  const late = await issueAuthority({
    subject: 'Late',
    validFromMs: now - yearMs,
    validUntilMs: now - 1,
  });
  const path = join(folder, 'late.pem');
  writeFileSync(path, `${late.cert}${late.key}`, { mode: 0o600 });
  assert.deepEqual([readAuthority(path), readAuthority(path)], [late, late]);
  const renewed = await opened(folder, now + 9 * yearMs);
  assert.notEqual(renewed.cert, old.cert);
  assert.equal(renewed.isNew, true);
});

test('a file that others may read, or that is something else, is not used and not overwritten', {
  skip: process.platform === 'win32',
}, async () => {
  const rows: readonly (readonly [(path: string) => void, RegExp])[] = [
    [path => chmodSync(path, 0o640), /authority\.pem: others may read the key/],
    [path => writeFileSync(path, 'a diary'), /authority\.pem: is no authority of ours/],
  ];
  for (const [spoil, why] of rows) {
    const { path } = await opened(newFolder());
    spoil(path);
    const before = readFileSync(path);
    const found = await openAuthority('desk', now, join(path, '..'));
    assert.ok('kind' in found);
    assert.match(found.why, why);
    assert.deepEqual(readFileSync(path), before);
  }
});

test('a folder that cannot be made is named', async () => {
  writeFileSync(join(scratch, 'file'), '');
  const found = await openAuthority('desk', now, join(scratch, 'file', 'data'));
  assert.ok('kind' in found);
  assert.match(found.why, /file/);
});

test('a certificate is for those hosts that no more than one network can have', async () => {
  const authority = await opened(newFolder());
  const asked = [
    ...['localhost', '*.localhost', '127.0.0.1', '::1', 'desk', 'desk.local', 'app.test', 'localhost'],
    ...['10.1.2.3', '172.16.0.1', '172.31.255.1', '192.168.7.7', '169.254.1.1', 'fd00::7', 'fe80::1%eth0'],
    // The world may have these.
    ...['other', 'example.com', '172.32.0.1', '192.0.2.1', '8.8.8.8', '2001:db8::1', 'notlocalhost'],
  ];
  const issued = await issueLocally(authority, 'desk', asked, now);
  const names = namesOf(new X509Certificate(issued.cert));
  assert.equal(names.length, 14);
  assert.deepEqual(names.slice(0, 8), [
    'localhost',
    '*.localhost',
    '127.0.0.1',
    '0:0:0:0:0:0:0:1',
    'desk',
    'desk.local',
    'app.test',
    '10.1.2.3',
  ]);
  for (const host of ['localhost', 'desk', 'desk.local', 'app.test'])
    assert.equal(await judged(issued, authority, host), undefined, host);
  assert.match((await judged(issued, authority, 'example.com')) ?? '', /altnames/);
  const moved = await issueLocally(authority, 'laptop', ['desk', 'laptop', 'localhost'], now);
  assert.deepEqual(namesOf(new X509Certificate(moved.cert)), ['localhost']);
});

test('who steals the key cannot pretend to be the rest of the world', async () => {
  const authority = await opened(newFolder());
  for (const host of ['bank.example', '8.8.8.8']) {
    const forged = await issueServer(
      { subject: host, validFromMs: now - 1000, validUntilMs: now + yearMs },
      [host],
      authority,
    );
    assert.equal(await judged(forged, authority, host), 'permitted subtree violation', host);
  }
});
