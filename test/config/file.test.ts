import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type ConfigFile, type ConfigReading, formatFault, readConfigFile } from '../../src/config/file.ts';
import { options, type Settings } from '../../src/config/options.ts';
import { runConfig } from '../../src/config/program.ts';

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'plinth file ')));
const before = process.cwd();
process.chdir(scratch);
after(() => {
  process.chdir(before);
  rmSync(scratch, { recursive: true, force: true });
});

const plinth = async (): Promise<object> => ({ defineConfig: (config: unknown) => config });
let made = 0;

/** Reads a configuration of this text; each has a folder of its own, since Node remembers modules. */
async function reading(name: string, text: string): Promise<ConfigReading> {
  made += 1;
  mkdirSync(String(made));
  process.chdir(join(scratch, String(made)));
  writeFileSync(name, text);
  try {
    return await readConfigFile(join(scratch, String(made), name), plinth);
  } finally {
    process.chdir(scratch);
  }
}

async function fileOf(name: string, text: string): Promise<ConfigFile> {
  const read = await reading(name, text);
  assert.equal(read.kind, 'read', JSON.stringify(read));
  return (read as { file: ConfigFile }).file;
}

test('what a file says comes from JSON and from every kind of program', async () => {
  const rows: readonly (readonly [string, string])[] = [
    ['a.json', '{"port": 81, "listing": false}'],
    ['a.json', '\ufeff// why\n{\n  "$schema": "x", /* c */ "port": 81,\n  "listing": false,\n}\n'],
    ['a.js', 'export default { port: 81, listing: false };'],
    ['a.js', 'module.exports = { port: 81, listing: false };'],
    ['a.mjs', 'export default { port: 81, listing: false, dotfiles: undefined };'],
    [
      'a.mjs',
      "import { defineConfig } from 'plinth'; export default defineConfig({ port: 81, listing: false });",
    ],
    ['a.mjs', 'export default () => ({ port: 81, listing: false });'],
    ['a.mjs', 'export default async () => ({ port: 81, listing: false });'],
    ['a.mjs', 'export default Promise.resolve({ port: 81, listing: false });'],
    ['a.mjs', 'const port = await Promise.resolve(81); export default { port, listing: false };'],
    ['a.ts', 'const port: number = 81; export default { port, listing: false } satisfies object;'],
    ['a.ts', 'enum Port { web = 81 } export default { port: Port.web, listing: false };'],
    ['a.mts', 'export default (): object => ({ port: 81, listing: false });'],
    [
      'a.mts',
      "import { defineConfig } from 'plinth'; export default defineConfig({ port: 81 as number, listing: false });",
    ],
  ];
  for (const [name, text] of rows) {
    const { given, faults } = await fileOf(name, text);
    const values = Object.fromEntries([...given].map(([setting, { value }]) => [setting, value]));
    assert.deepEqual(values, { port: 81, listing: false }, text);
    assert.deepEqual(faults, [], text);
  }
});

test('a file that cannot be had is one line that says where and why', async () => {
  const options = 'wanted an object of options';
  const rows: readonly (readonly [string, string, string | RegExp])[] = [
    ['a.json', '', 'a.json:1: value expected'],
    ['a.json', '{\n  "port": 81\n  "listing": false\n}', 'a.json:3: comma expected'],
    ['a.json', '{\n  "port" 81 }', 'a.json:2: colon expected'],
    ['a.json', '[1]', `a.json:1: found an array, ${options}`],
    ['a.json', '"x"', `a.json:1: found "x", ${options}`],
    ['a.json', 'null', `a.json:1: found null, ${options}`],
    ['a.json', '['.repeat(100_000), 'a.json:1: nothing in it, or nested too deeply'],
    ['a.mjs', '', 'a.mjs: exports nothing, wanted export default'],
    ['a.mjs', 'export const config = {};', 'a.mjs: exports "config", wanted export default'],
    ['a.mjs', 'export default 5;', `a.mjs: found 5, ${options}`],
    ['a.mjs', 'export default () => [];', `a.mjs: found an array, ${options}`],
    ['a.mjs', 'export default () => () => ({});', `a.mjs: found a function, ${options}`],
    ['a.mjs', 'export default async () => undefined;', `a.mjs: found undefined, ${options}`],
    ['a.mjs', "\nthrow new Error('no\\nway');", 'a.mjs:2: threw Error: no'],
    ['a.mjs', "throw new TypeError('\\x1b[2J');", 'a.mjs:1: threw TypeError: \\u001b[2J'],
    ['a.mjs', "throw 'words';", 'a.mjs: threw "words"'],
    ['a.mjs', 'throw null;', 'a.mjs: threw null'],
    [
      'a.mjs',
      "\n\nexport default async () => { JSON.parse('x'); };",
      /^a\.mjs:3: threw SyntaxError: Unexpected token/,
    ],
    ['a.mjs', "export default Promise.reject(new Error('late'));", 'a.mjs:1: threw Error: late'],
    [
      'a.ts',
      "interface A {\n  b: string;\n}\nexport default (): A => {\n  throw new Error('no');\n};",
      'a.ts:5: threw Error: no',
    ],
    ['a.mjs', "import 'absent';\nexport default {};", "a.mjs: Cannot find module 'absent'"],
    ['a.mjs', "import './absent.mjs';\nexport default {};", "a.mjs: Cannot find module './absent.mjs'"],
    [
      'a.mjs',
      "import { nothing } from 'node:path';\nexport default {};",
      /^a\.mjs:1: threw SyntaxError: .*'node:path' does not provide an export named 'nothing'/,
    ],
  ];
  for (const [name, text, expected] of rows) {
    const read = await reading(name, text);
    assert.equal(read.kind, 'fault', text);
    const { message } = read as { message: string };
    if (typeof expected === 'string') assert.equal(message, expected, text);
    else assert.match(message, expected, text);
  }
});

test('mounted folders are found from where the file lies', async () => {
  const { given, faults } = await fileOf('a.json', '{"mounts": {"/docs": "../docs", "/abs": "/srv"}}');
  assert.deepEqual(faults, []);
  const docs = join(scratch, 'docs');
  assert.deepEqual(given.get('mounts')?.value, { '/docs': docs, '/abs': '/srv' });
});

test('password files and sockets are found from where the file lies, whatever is in its path', async () => {
  mkdirSync(join(scratch, 'c=d'));
  const rows: readonly (readonly [keyof Settings, key: string, value: unknown, expected: unknown])[] = [
    ['auth', 'auth', 'users', [{ path: '/', file: 'c=d/users' }]],
    ['auth', 'auth', 'a=b', [{ path: '/', file: 'c=d/a=b' }]],
    [
      'auth',
      'auth',
      ['/x=users', '/y=e=f'],
      [
        { path: '/x', file: 'c=d/users' },
        { path: '/y', file: 'c=d/e=f' },
      ],
    ],
    ['auth', 'auth', { file: '../users' }, [{ path: '/', file: 'users' }]],
    ['hosts', 'host', 'unix:./sock', ['unix:c=d/sock']],
    [
      'hosts',
      'host',
      ['localhost', 'unix:sock', 'unix:/run/sock'],
      ['localhost', 'unix:c=d/sock', 'unix:/run/sock'],
    ],
  ];
  for (const [setting, key, value, expected] of rows) {
    writeFileSync('c=d/a.json', JSON.stringify({ [key]: value }));
    const reading = await readConfigFile(join(scratch, 'c=d/a.json'), plinth);
    assert.ok(reading.kind === 'read');
    const read = options[setting].read(reading.file.given.get(setting)?.value);
    assert.ok(read.kind === 'read', JSON.stringify(read));
    const told = JSON.stringify(read.value).replaceAll(`${scratch}/`, '');
    assert.deepEqual(JSON.parse(told), expected, JSON.stringify(value));
  }
});

test('what was run until it threw is not run once more', async () => {
  const text =
    "globalThis.runs = (globalThis.runs ?? 0) + 1;\nexport default {};\nthrow new SyntaxError('no');";
  assert.equal((await reading('a.mjs', text)).kind, 'fault');
  assert.equal((globalThis as { runs?: number }).runs, 1);
});

test('a program that never settles is a fault', async () => {
  const path = join(scratch, 'never.mjs');
  writeFileSync(path, 'export default () => new Promise(() => {});');
  const message = 'never.mjs: gave nothing within 0.001 s';
  assert.deepEqual(await runConfig(path, plinth, 1), { kind: 'fault', message });
});

test('a file that may not be opened is a fault', async () => {
  const read = await readConfigFile(join(scratch, 'absent.json'), plinth);
  assert.equal(read.kind, 'fault');
  assert.match((read as { message: string }).message, /^absent\.json: ENOENT/);
});

test('folders are found from where the file lies', async () => {
  const { path, given } = await fileOf(
    'a.json',
    '{"root": "../dist", "cacheDir": "/var/cache", "host": "x"}',
  );
  assert.equal(given.get('root')?.value, join(path, '..', '..', 'dist'));
  assert.equal(given.get('cacheDir')?.value, '/var/cache');
  assert.equal(given.get('hosts')?.value, 'x');
});

test('keys that nobody knows are named with their line and the nearest known', async () => {
  const { given, faults: found } = await fileOf(
    'a.json',
    '{\n  "prot": 80,\n  "workers": 2,\n  "config": "b.json",\n  "gates":\n  "x"\n}',
  );
  assert.deepEqual([...given.keys()], ['workers']);
  const faults = found.map(formatFault);
  assert.equal(faults.length, 3);
  assert.equal(faults[0], 'a.json:2: unknown option "prot"; did you mean port?');
  assert.match(faults[1] ?? '', /^a\.json:4: unknown option "config"; known are root, port, /);
  assert.equal(faults[2], 'a.json:5: gates: found "x", wanted an array of functions');
});

test('functions of the owner are taken as they are', async () => {
  const { parts, faults } = await fileOf(
    'a.mjs',
    'export default { gates: [() => undefined], observers: [] };',
  );
  assert.deepEqual(faults, []);
  assert.deepEqual(Object.keys(parts), ['gates', 'observers']);
  assert.equal(typeof (parts.gates as unknown[])[0], 'function');
});
