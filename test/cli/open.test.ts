import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../faults/until.ts';
import { exchange, get, plinth, type Run, scratch, serving } from './command.ts';

const site = join(scratch, 'site');
mkdirSync(site);
writeFileSync(join(site, 'index.html'), 'home');

/** A folder for PATH with a program in it that the system would open a browser by: it writes down what it is to open. */
function browser(
  name: string,
  more = '',
): { readonly env: Readonly<Record<string, string>>; readonly opened: string } {
  const folder = join(scratch, name);
  const opened = join(folder, 'opened');
  mkdirSync(folder);
  writeFileSync(join(folder, 'xdg-open'), `#!/bin/sh\nprintf '%s\\n' "$@" >> '${opened}'\n${more}`);
  chmodSync(join(folder, 'xdg-open'), 0o755);
  return { env: { PATH: `${folder}:${process.env.PATH}` }, opened };
}

/** Waits until these lines and no others are in a file. */
function holds(path: string, ...lines: readonly string[]): Promise<void> {
  const text = (): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  return until(text, lines.map(line => `${line}\n`).join(''));
}

async function answers(port: number, run: Run): Promise<void> {
  assert.match(await exchange(port, get('/')), /home$/);
  assert.equal((await run.stop()).code, 0);
}

test('a browser is opened once the server listens, at the page that was asked for', async () => {
  const rows: readonly (readonly [words: readonly string[], path: string])[] = [
    [['--open'], '/'],
    [['-o', '/docs/'], '/docs/'],
    [['--open=docs/a b.html?q=1#é'], '/docs/a%20b.html?q=1#%C3%A9'],
    [['--open=/100%/%41'], '/100%25/%41'],
    [['--open=/a/../../b'], '/b'],
  ];
  for (const [index, [words, path]] of rows.entries()) {
    const { env, opened } = browser(`browser${index}`);
    const { run, port } = await serving([site, '0', '-q', ...words], env);
    await holds(opened, `http://127.0.0.1:${port}${path}`);
    await answers(port, run);
  }
});

test('a server with workers opens one browser', async () => {
  const { env, opened } = browser('workers');
  const { run, port } = await serving([site, '0', '-q', '--open', '--workers', '2'], env);
  await run.said(/stop with/);
  await holds(opened, `http://127.0.0.1:${port}/`);
  run.child.kill('SIGHUP');
  await run.said(/reloaded: 2 workers are new/);
  await holds(opened, `http://127.0.0.1:${port}/`);
  await answers(port, run);
});

test('a configuration may ask for it', async () => {
  const { env, opened } = browser('configured');
  const config = join(scratch, 'open.json');
  writeFileSync(config, JSON.stringify({ root: site, port: 0, open: '/x' }));
  const { run, port } = await serving(['-q', '--config', config], env);
  await holds(opened, `http://127.0.0.1:${port}/x`);
  await answers(port, run);
});

test('where no browser can be opened, a line says so and the server lives on', async () => {
  const empty = join(scratch, 'empty');
  mkdirSync(empty);
  const rows: readonly (readonly [Readonly<Record<string, string>>, readonly string[], RegExp])[] = [
    [
      browser('refusing', 'exit 3\n').env,
      [],
      /^plinth: no browser could be opened \(exit code 3 of xdg-open\); see http:\/\/127/m,
    ],
    [{ PATH: empty }, [], /^plinth: no browser could be opened \(spawn xdg-open ENOENT\); see http:\/\/127/m],
  ];
  for (const [env, words, line] of rows) {
    const { run, port } = await serving([site, '0', '-q', '--open', ...words], env);
    await run.said(line);
    await answers(port, run);
  }
  const socket = join(scratch, 'socket');
  const run = plinth([site, '-q', '--open', '--host', `unix:${socket}`]);
  await run.said(/no browser can be opened: no browser speaks over a Unix socket\n/);
  assert.match(await exchange(socket, get('/')), /home$/);
  assert.equal((await run.stop()).code, 0);
});

test('what leads elsewhere, and a folder in the place of a page, are refused', async () => {
  const wanted = 'wanted a path of this server such as /docs/';
  const rows: readonly (readonly [words: readonly string[], message: string])[] = [
    [['--open=https://evil.example/'], `--open: found "https://evil.example/", ${wanted}`],
    [['--open=//evil.example/'], `--open: found "//evil.example/", ${wanted}`],
    [['--open=/\\evil.example'], `--open: found "/\\\\evil.example", ${wanted}`],
    [['--open=javascript:alert(1)'], `--open: found "javascript:alert(1)", ${wanted}`],
    [['--open=file:///etc/passwd'], `--open: found "file:///etc/passwd", ${wanted}`],
    [['--open='], `--open: found "", ${wanted}`],
    [
      ['-o', site],
      `-o: found ${JSON.stringify(site)}, which is a folder of this machine; wanted a folder before it: plinth ${site} --open, or plinth . --open ${site}`,
    ],
  ];
  for (const [words, message] of rows) {
    const { code, stderr } = await plinth(words).ended;
    assert.deepEqual([code, stderr], [2, `plinth: ${message}\n`]);
  }
});
