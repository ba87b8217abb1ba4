import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BannerFacts, pageAddress, plainBanner, terminalBanner } from '../../src/cli/banner.ts';
import { commands } from '../../src/cli/commands.ts';
import { helpText } from '../../src/cli/help.ts';
import { printable, type Style } from '../../src/cli/style.ts';
import { actions, options, readOptions } from '../../src/config/options.ts';

const same = (text: string): string => text;
const plain: Style = { bold: same, dim: same, accent: same, warn: same, good: same, bad: same };

const facts: BannerFacts = {
  version: '1.2.3',
  root: '/srv/site',
  mounts: [],
  settings: readOptions({}),
  addresses: [
    { kind: 'tcp', host: '127.0.0.1', port: 8080, url: 'http://127.0.0.1:8080/' },
    { kind: 'tcp', host: '::1', port: 8080, url: 'http://[::1]:8080/' },
  ],
  workers: 1,
  pid: 42,
};

function fitsScreen(text: string, linesMax = 24): void {
  const lines = text.replace(/\n$/, '').split('\n');
  assert.ok(lines.length <= linesMax, `${lines.length} lines`);
  for (const line of lines) assert.ok(line.length <= 80, `${line.length} columns: ${line}`);
}

test('the help fits a screen of 40 lines and 80 columns', () => {
  fitsScreen(helpText('10.20.30'), 40);
  // What is seldom wanted is told on demand, and scrolled through.
  fitsScreen(helpText('10.20.30', true), 100);
});

test('the help names every command, and every flag, short flag and variable of the table', () => {
  const help = helpText('1.2.3', true);
  for (const option of Object.values(options)) {
    const flag = option.initial === true ? `--no-${option.flag}` : `--${option.flag}`;
    assert.ok(help.includes(option.flag === undefined ? `[${option.key}]` : flag), flag);
    if (option.short !== undefined) assert.ok(help.includes(`-${option.short}, --${option.flag}`));
    for (const name of option.environment) assert.match(help, new RegExp(`\\b${name}\\b`));
    assert.ok(help.includes(`  ${option.help}\n`));
  }
  for (const command of Object.keys(commands))
    assert.match(help, new RegExp(`^       .*\\b${command}\\b`, 'm'));
  for (const { flag, short } of actions) assert.ok(help.includes(`-${short}, --${flag} `));
  assert.doesNotMatch(helpText('1.2.3'), /--revalidate/);
});

test('the terminal banner has a row for each fact', () => {
  const expected = [
    '',
    '  plinth 1.2.3',
    '',
    '  Folder    /srv/site',
    '  Local     http://127.0.0.1:8080/',
    '            http://[::1]:8080/',
    '  On        listing, clean URLs',
    '  Stop      Ctrl-C',
    '',
  ];
  assert.equal(terminalBanner(facts, plain), expected.join('\n'));
});

test('what is off, moved or on a Unix socket is told as it is', () => {
  const everything = {
    dev: true,
    trace: true,
    spa: true,
    variants: true,
    languages: 'en,zh',
    env: 'PUBLIC_',
    auth: 'users',
    deny: '10.0.0.0/8',
    allowedHosts: 'a.example',
    cors: '*',
    secure: true,
  };
  const more = { dotfiles: true, followSymlinks: true, throttle: '1k' };
  const settings = readOptions({ listing: false, cleanUrls: false, ...more });
  const rows: readonly (readonly [Partial<BannerFacts>, string, string])[] = [
    [{ workers: 3 }, '  Workers   3\n', ': workers: 3; renew them with: kill -HUP 42\n'],
    [
      { settings },
      '  On        dotfiles, links out of the folder, slow answers\n',
      ': on: dotfiles, links out of the folder, slow answers\n',
    ],
    [
      { settings: readOptions(everything) },
      '  On        live reload, listing, clean URLs, single-page application,\n' +
        '            image variants, languages, environment values, passwords,\n' +
        '            address lists, a list of hosts, CORS, security fields, trace\n',
      ': on: live reload, listing, clean URLs, single-page application, image variants, languages, ' +
        'environment values, passwords, address lists, a list of hosts, CORS, security fields, trace\n',
    ],
    [
      { settings: readOptions({ listing: false, cleanUrls: false }) },
      '  On        nothing beyond files\n',
      ': on: nothing beyond files\n',
    ],
    [
      { addresses: [{ kind: 'tcp', host: '127.0.0.1', port: 8083, url: 'http://127.0.0.1:8083/' }] },
      '  Port      8080 is taken; 8083 is the next free one\n',
      ': port 8080 is taken; 8083 is the next free one\n',
    ],
    [
      { mounts: [{ at: '/app/docs', path: '/srv/docs', dotfiles: false }] },
      '  Folder    /srv/site\n            /app/docs from /srv/docs\n',
      ': serving /app/docs from /srv/docs\n',
    ],
    [
      { settings: readOptions({ base: '/my app' }) },
      '  Local     http://127.0.0.1:8080/my%20app/\n',
      ': listening on http://127.0.0.1:8080/my%20app/\n',
    ],
    [
      { addresses: [{ kind: 'unix', path: '/run/p.sock' }] },
      '  Local     unix:/run/p.sock\n',
      ': listening on unix:/run/p.sock\n',
    ],
    [
      { addresses: [{ kind: 'tcp', host: '192.0.2.9', port: 8080, url: 'http://192.0.2.9:8080/' }] },
      '  Network   http://192.0.2.9:8080/\n',
      ': listening on http://192.0.2.9:8080/\n',
    ],
  ];
  for (const [changes, row, line] of rows) {
    const changed = { ...facts, ...changes };
    assert.ok(terminalBanner(changed, plain).includes(row), terminalBanner(changed, plain));
    assert.ok(plainBanner(changed).includes(line), plainBanner(changed));
  }
});

test('a port that was asked for is never said to have moved', () => {
  const addresses = [{ kind: 'tcp', host: '127.0.0.1', port: 9, url: 'http://127.0.0.1:9/' }] as const;
  assert.doesNotMatch(
    terminalBanner({ ...facts, addresses, settings: readOptions({ port: 9 }) }, plain),
    /taken/,
  );
});

test('every address is told as the addresses of the machine, and none as 0.0.0.0', () => {
  const addresses = [
    { kind: 'tcp', host: '0.0.0.0', port: 81, url: 'http://0.0.0.0:81/' },
    { kind: 'tcp', host: '::', port: 81, url: 'http://[::]:81/' },
  ] as const;
  const banner = plainBanner({ ...facts, addresses });
  assert.match(banner, /listening on http:\/\/127\.0\.0\.1:81\/\n/);
  assert.doesNotMatch(banner, /0\.0\.0\.0|\[::\]|fe80/);
});

test('a browser is shown to the first address that a URL can have, loopback first', () => {
  const at = (host: string): BannerFacts['addresses'][number] => {
    const name = host.includes(':') ? `[${host}]` : host;
    return { kind: 'tcp', host, port: 81, url: `http://${name}:81/` };
  };
  const unix = { kind: 'unix', path: '/run/plinth.sock' } as const;
  const rows: readonly (readonly [BannerFacts['addresses'], object])[] = [
    [[at('fd00::2'), at('::1')], { kind: 'page', url: 'http://[::1]:81/base/x' }],
    [[unix, at('fd00::2')], { kind: 'page', url: 'http://[fd00::2]:81/base/x' }],
    [[at('fe80::1%eth0'), at('127.0.0.2')], { kind: 'page', url: 'http://127.0.0.2:81/base/x' }],
    [
      [unix, at('fe80::1%eth0')],
      { kind: 'none', why: 'no browser knows the zone in http://[fe80::1%eth0]:81/base/' },
    ],
    [[unix], { kind: 'none', why: 'no browser speaks over a Unix socket' }],
  ];
  for (const [addresses, expected] of rows)
    assert.deepEqual(pageAddress(addresses, '/base', '/x'), expected, JSON.stringify(addresses));
});

test('a banner of long paths and addresses fits the screen', () => {
  const root = `/${'very-long-folder-name/'.repeat(20)}site`;
  const hosts = Array.from(
    { length: 30 },
    (_, index) => `2001:db8:aaaa:bbbb:cccc:dddd:eeee:${(0xff00 + index).toString(16)}`,
  );
  const addresses = hosts.map(
    host => ({ kind: 'tcp', host, port: 65_535, url: `http://[${host}]:65535/` }) as const,
  );
  const banner = terminalBanner({ ...facts, root, addresses }, plain);
  fitsScreen(banner);
  assert.match(banner, / {2}Folder {4}….*\/site\n/);
  assert.match(banner, /and 24 more\n/);
});

test('names of others are harmless to a terminal', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['plain é 中', 'plain é 中'],
    ['a\x1b]0;x\x07b', 'a\\x1B]0;x\\x07b'],
    ['a\nb\x9b', 'a\\x0Ab\\x9B'],
    ['txt.\u202egnp', 'txt.\\u202Egnp'],
  ];
  for (const [text, shown] of rows) assert.equal(printable(text), shown);
  assert.match(plainBanner({ ...facts, root: '/srv/\x1b[2J' }), /serving \/srv\/\\x1B\[2J\n/);
});
