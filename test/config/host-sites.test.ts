import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfigFile } from '../../src/config/file.ts';
import { readHosts, settleHosts } from '../../src/config/host-sites.ts';
import { loadSettings } from '../../src/config/load.ts';
import { givenOptions, OptionError } from '../../src/config/options.ts';

const place = { locate: () => ({ file: 'f' }), resolved: (_setting: unknown, value: unknown) => value };

test('a host takes over what it does not say itself, but for what is about other files', () => {
  const { hosts, faults } = readHosts(
    {
      'a.example, www.a.example': {
        root: 'a',
        listing: true,
        rules: { redirects: [{ from: '/x', to: '/y' }] },
      },
      '*.b.example': { root: 'b', base: '/b', spa: true, secure: false },
    },
    place,
  );
  assert.deepEqual(faults, []);
  const all = givenOptions({
    root: 'main',
    mounts: { '/docs': 'docs' },
    base: '/main',
    spa: 'app.html',
    listing: false,
    secure: true,
    cache: 'max-age=5',
    log: 'json',
  });
  const [a, b] = settleHosts(hosts, all);
  assert.ok(a !== undefined && b !== undefined);
  assert.deepEqual(a.names, ['a.example', 'www.a.example']);
  assert.equal(a.rules.routes.length, 1);
  const { root, mounts, base, spa, listing, secure, cache } = a.settings;
  assert.deepEqual(
    { root, mounts, base, spa, listing, secure, cache },
    { root: 'a', mounts: {}, base: '', spa: undefined, listing: true, secure: true, cache: ['max-age=5'] },
  );
  assert.deepEqual(b.names, ['*.b.example']);
  assert.equal(b.rules.routes.length, 0);
  assert.deepEqual(
    [b.settings.root, b.settings.base, b.settings.spa, b.settings.listing, b.settings.secure],
    ['b', '/b', 'index.html', false, false],
  );
});

test('what is no host, and what is not for one host to say, is told with its place; the others hold', () => {
  const rows: readonly (readonly [unknown, string])[] = [
    [[], 'hosts: found an array, wanted an object of sites by host'],
    ['a', 'hosts: found "a", wanted an object of sites by host'],
    [
      { 'https://a': { root: 'x' } },
      'hosts["https://a"]: found "https://a", wanted a host such as example.com, *.example.com or 192.0.2.1, without a port',
    ],
    [{ a: { root: 'x' }, 'A.': { root: 'y' } }, 'hosts["A."]: A. has its site already'],
    [{ 'a,a': { root: 'x' } }, 'hosts["a,a"]: a has its site already'],
    [{ a: 'x' }, 'hosts.a: found "x", wanted an object of options'],
    [{ 'a.example': {} }, 'hosts["a.example"]: found no root, wanted the folder of this host'],
    [{ a: { root: 'x', port: 1 } }, 'hosts.a.port: it belongs to the whole server, not to one host'],
    [{ a: { root: 'x', limits: {} } }, 'hosts.a.limits: it belongs to the whole server, not to one host'],
    [{ a: { root: 'x', gates: [] } }, 'hosts.a.gates: it belongs to the whole server, not to one host'],
    [{ a: { root: 'x', hosts: {} } }, 'hosts.a.hosts: it belongs to the whole server, not to one host'],
    [{ a: { root: 'x', lisitng: true } }, 'hosts.a.lisitng: unknown option "lisitng"; did you mean listing?'],
    [
      { a: { root: 'x', rules: { redirects: [{ from: 'a', to: '/' }] } } },
      'hosts.a.rules.redirects[0].from: found "a"; a pattern begins with a slash',
    ],
    [{ a: { root: 'x', rules: [] } }, 'hosts.a.rules: found an array, wanted an object'],
  ];
  for (const [value, message] of rows) {
    const { faults } = readHosts(value, place);
    assert.deepEqual(
      faults.map(({ source, why }) => `${source.key}: ${why}`),
      [message],
    );
  }
});

test('a value that cannot be read names the host', () => {
  const { hosts } = readHosts({ 'a.example': { root: 'x', listing: 'perhaps' } }, place);
  assert.throws(
    () => settleHosts(hosts, new Map()),
    error =>
      error instanceof OptionError &&
      error.message === 'f: hosts["a.example"].listing: found "perhaps", wanted true or false',
  );
});

test('in a file, folders are found from where it lies, and lines are known', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-hosts-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'c.json');
  const text = (listing: string): string =>
    `{\n "listing": false,\n "hosts": {\n  "a.example": {\n   "root": "a",\n   "mounts": {"/d": "../d"},\n   "listing": ${listing}\n  }\n }\n}`;
  writeFileSync(path, text('true'));
  const plinth = async (): Promise<object> => ({});
  const reading = await readConfigFile(path, plinth);
  assert.ok(reading.kind === 'read');
  const command = loadSettings(['--dotfiles'], {}, false, reading.file);
  assert.ok(command.kind === 'run');
  const [host] = command.hosts;
  assert.equal(host?.settings.root, join(folder, 'a'));
  assert.deepEqual(host.settings.mounts, { '/d': join(folder, '..', 'd') });
  assert.deepEqual(
    [command.settings.listing, host.settings.listing, host.settings.dotfiles],
    [false, true, true],
  );
  writeFileSync(path, text('7'));
  const wrong = await readConfigFile(path, plinth);
  assert.ok(wrong.kind === 'read');
  const fault = loadSettings([], {}, false, wrong.file);
  assert.ok(fault.kind === 'fault');
  assert.match(fault.message, /c\.json:7: hosts\["a\.example"\]\.listing: found 7, wanted true or false$/);
});
