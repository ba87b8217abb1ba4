// Files that change while they are sent, and more readers than descriptors.
import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { appendFile, open, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { field, RawConnection, text } from './client.ts';
import { makeSite, type SiteFolder } from './site.ts';
import { startRaw } from './transports.ts';

const size = 48 * 2 ** 20;
const old = Buffer.alloc(size, 'o');
let folder: string;
let site: SiteFolder;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-files-'));
  site = makeSite();
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
  site.remove();
});

/** What happens to the file while a reader has taken its first bytes, and what that reader may be given. */
const changes: readonly (readonly [
  name: string,
  change: (path: string) => void | Promise<void>,
  outcome: 'whole' | 'cut short',
])[] = [
  ['shrinks', path => truncateSync(path, 40 * 2 ** 20), 'cut short'],
  ['is emptied', path => truncateSync(path, 0), 'cut short'],
  ['grows', path => appendFile(path, 'n'), 'cut short'],
  ['is rewritten in place, as long as before', path => writeFile(path, Buffer.alloc(size, 'n')), 'cut short'],
  ['has its last byte rewritten', path => overwrite(path, size - 1), 'cut short'],
  ['vanishes', path => rmSync(path), 'whole'],
  ['is replaced', path => replace(path, Buffer.alloc(size, 'n')), 'whole'],
  ['is replaced by a shorter one', path => replace(path, Buffer.from('n')), 'whole'],
];

async function overwrite(path: string, position: number): Promise<void> {
  const file = await open(path, 'r+');
  await file.write('n', position);
  await file.close();
}

function replace(path: string, content: Buffer): void {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

for (const [name, change, outcome] of changes) {
  for (const range of [undefined, 'bytes=1-', `bytes=0-0,2-${size - 3},${size - 1}-`]) {
    test(`a file that ${name} is ${outcome}${range === undefined ? '' : `, ${range}`}`, async t => {
      const path = join(folder, 'file');
      writeFileSync(path, old);
      utimesSync(path, new Date(1e12), new Date(1e12));
      const server = await startRaw({ root: folder });
      t.after(() => server.stop());
      const descriptors = openDescriptors();
      const client = await RawConnection.open(server.place);
      const lines = range === undefined ? '' : `Range: ${range}\r\n`;
      client.write(`GET /file HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${lines}\r\n`);
      const head = (await client.atLeast(1000)).toString('latin1').split('\r\n\r\n', 1)[0] ?? '';
      client.pause();
      await change(path);
      client.resume();
      const { bytes } = await client.rest();
      const content = bytes.subarray(head.length + 4);
      const length = Number(/\r\nContent-Length: (\d+)/.exec(head)?.[1]);
      assert.ok(length >= size - 1);
      if (outcome === 'whole') {
        assert.equal(content.length, length);
        assert.ok(!content.includes('nnn'));
        assert.deepEqual(server.reports, []);
      } else {
        assert.ok(content.length < length, 'an answer that looks whole');
        assert.match(server.reports.join(), /^\/file: the file (changed|shrank) while it was sent/);
      }
      client.destroy();
      await until(() => openDescriptors() <= descriptors);
      rmSync(path, { force: true });
    });
  }
}

test('a file that is replaced all the time is always served whole, with the fields of what is served', async t => {
  const path = join(folder, 'busy');
  const versions = ['a', 'b', 'c'].map((letter, index) => letter.repeat(1000 * (index + 1)));
  writeFileSync(path, versions[0] ?? '');
  const server = await startRaw({ root: folder });
  t.after(() => server.stop());
  whileRunning(t, async turn => {
    await writeFile(`${path}.new`, versions[turn % 3] ?? '');
    await rename(`${path}.new`, path);
    // Without a rest, eight look-ups in a row may meet a change, and the answer is an honest 503.
    await rest(3);
  });
  const tags = new Map<string, string>();
  const client = await RawConnection.open(server.place);
  for (let count = 0; count < 400; count++) {
    client.write('GET /busy HTTP/1.1\r\nHost: h\r\n\r\n');
    const response = await client.response();
    assert.equal(response.status, 200);
    assert.ok(versions.includes(text(response)), 'a content that never was');
    const tag = field(response, 'etag') ?? '';
    assert.equal(tags.get(tag) ?? text(response), text(response), 'one tag for two contents');
    tags.set(tag, text(response));
  }
  assert.ok(tags.size > 1);
  client.destroy();
});

test('a file that comes and goes is there or not, and never anything else', async t => {
  const path = join(folder, 'flicker');
  const server = await startRaw({ root: folder });
  t.after(() => server.stop());
  whileRunning(t, async () => {
    await writeFile(`${path}.new`, 'here');
    await rename(`${path}.new`, path);
    await rest(1);
    await rename(path, `${path}.old`);
  });
  const client = await RawConnection.open(server.place);
  for (let count = 0; count < 300; count++) {
    client.write('GET /flicker HTTP/1.1\r\nHost: h\r\n\r\n');
    const response = await client.response();
    if (response.status === 200) assert.equal(text(response), 'here');
    else assert.equal(response.status, 404);
  }
  client.destroy();
});

test('more slow readers than files may be open: 503 for the others, and full service when they leave', async t => {
  const server = await startRaw({ root: site.root, limits: { openFilesMax: 4, openWaitTimeoutMs: 50 } });
  t.after(() => server.stop());
  const ask = (target: string, method = 'GET') => server.exchange({ method, target, fields: [] });
  const descriptors = openDescriptors();
  const slow: RawConnection[] = [];
  for (let count = 0; count < 4; count++) {
    const client = await RawConnection.open(server.place);
    client.write('GET /big.bin HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.atLeast(1);
    client.pause();
    slow.push(client);
  }
  for (const target of ['/a.txt', '/', '/list/', '/big.bin']) {
    const response = await ask(target);
    assert.equal(response.status, 503, target);
    assert.equal(field(response, 'retry-after'), '1', target);
  }
  assert.equal((await ask('/a.txt', 'HEAD')).status, 200);
  assert.equal((await ask('/none')).status, 404);
  const newcomer = await RawConnection.open(server.place);
  newcomer.write('GET /big.bin HTTP/1.1\r\nHost: h\r\n\r\n');
  assert.equal((await newcomer.response()).status, 503);
  newcomer.destroy();
  for (const [index, client] of slow.entries()) {
    if (index % 2 === 0) client.destroy();
    else client.reset();
  }
  await until(() => openDescriptors() <= descriptors);
  for (const target of ['/a.txt', '/', '/list/']) assert.equal((await ask(target)).status, 200);
  await until(() => openDescriptors() <= descriptors);
  assert.deepEqual(server.reports, []);
});

test('who waits a moment for a file is served when another reader is done', async t => {
  const server = await startRaw({ root: site.root, limits: { openFilesMax: 1, openWaitTimeoutMs: 20_000 } });
  t.after(() => server.stop());
  const slow = await RawConnection.open(server.place);
  slow.write('GET /big.bin HTTP/1.1\r\nHost: h\r\n\r\n');
  await slow.atLeast(1);
  slow.pause();
  const waiting = ['/a.txt', '/docs/', '/list/', '/a.txt'].map(target =>
    server.exchange({ method: 'GET', target, fields: [] }),
  );
  slow.destroy();
  for (const response of await Promise.all(waiting)) assert.equal(response.status, 200);
});

/** Does something over and over until the test ends. */
function whileRunning(t: TestContext, step: (turn: number) => Promise<void>): void {
  let isRunning = true;
  const running = (async () => {
    for (let turn = 0; isRunning; turn++) await step(turn);
  })();
  t.after(async () => {
    isRunning = false;
    await running;
  });
}

function rest(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

/** Descriptors of this process but the one of all watchers, which stays. */
function openDescriptors(): number {
  return readdirSync('/proc/self/fd').filter(fd => !leadsToInotify(fd)).length;
}

function leadsToInotify(fd: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).endsWith('inotify');
  } catch {
    return false;
  }
}

/** Looks again and again until something holds; the guard is far beyond what that takes. */
async function until(holds: () => boolean): Promise<void> {
  for (let looks = 0; !holds(); looks++) {
    assert.ok(looks < 1000, 'it does not come to hold');
    await rest(20);
  }
}
