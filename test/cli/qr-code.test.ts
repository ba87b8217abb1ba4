import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type jsqr from 'jsqr';
import { reachable } from '../../src/cli/banner.ts';
import { qrCode } from '../../src/cli/qr-code.ts';
import { scratch } from './command.ts';
import { PseudoTerminal, shellWords } from './pseudo-terminal.ts';

const decode: typeof jsqr.default = createRequire(import.meta.url)('jsqr');
const modulePixels = 4;

/** The text of a code as a camera would read it from a screen; undefined when it cannot be read. */
function read(code: string): string | undefined {
  const rows = code.trimEnd().split(/\r?\n/).flatMap(halvesOf);
  const width = (rows[0]?.length ?? 0) * modulePixels;
  const pixels = new Uint8ClampedArray(width * rows.length * modulePixels * 4);
  for (let at = 0; at < pixels.length / 4; at += 1) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const isDark = rows[Math.floor(y / modulePixels)]?.[Math.floor(x / modulePixels)] === true;
    pixels.set(isDark ? [0, 0, 0, 255] : [255, 255, 255, 255], at * 4);
  }
  return decode(pixels, width, rows.length * modulePixels)?.data;
}

/** The upper and the lower half of a line, true where it is dark. */
function halvesOf(line: string): readonly (readonly boolean[])[] {
  const [, blocks] = /^\x1b\[38;5;16;48;5;231m(.*)\x1b\[0m$/.exec(line) ?? [];
  assert.ok(blocks !== undefined, `no line of a code in black on white: ${JSON.stringify(line)}`);
  return ['▀█', '▄█'].map(dark => [...blocks].map(block => dark.includes(block)));
}

test('a code says the address, in black on white with its margin', () => {
  for (const address of [
    'http://192.168.178.123:8080/',
    'http://10.0.0.1:1/',
    'http://[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ff00]:65535/',
  ]) {
    const code = qrCode(address, 80) ?? '';
    assert.equal(read(code), address);
    const rows = code.trimEnd().split('\n').flatMap(halvesOf);
    for (const row of rows.slice(0, 4)) assert.ok(!row.includes(true));
    for (const row of rows) assert.ok(!row.slice(0, 4).includes(true) && !row.slice(-4).includes(true));
  }
});

test('a code that the terminal has no room for is left out', () => {
  const code = qrCode('http://192.168.178.123:8080/', 33) ?? '';
  assert.equal(halvesOf(code.split('\n')[0] ?? '')[0]?.length, 33);
  assert.equal(qrCode('http://192.168.178.123:8080/', 32), undefined);
});

test('a terminal shows the code of a site that is worked on and can be reached, and of no other', async () => {
  const [address] = reachable([{ kind: 'tcp', host: '0.0.0.0', port: 0, url: '' }]).network;
  const isReached = address !== undefined;
  const rows: readonly (readonly [
    words: readonly string[],
    env: Readonly<Record<string, string>>,
    isShown: boolean,
  ])[] = [
    [['--dev', '--host', '0.0.0.0'], {}, isReached],
    [['--dev'], {}, false],
    [['--host', '0.0.0.0'], {}, false],
    [['--dev', '--host', '0.0.0.0', '-q'], {}, false],
    [['--dev', '--host', '0.0.0.0'], { NO_COLOR: '1' }, false],
    [['--dev', '--host', '0.0.0.0'], { TERM: 'dumb' }, false],
  ];
  for (const [words, env, isShown] of rows) {
    const terminal = new PseudoTerminal(shellWords(scratch, '0', ...words), env);
    const [, port] = await terminal.shows(/http:\/\/[\d.]+:(\d+)\//);
    await terminal.shows(isShown ? /Phone +.*\r\n\r\n/ : /Keys +.*\r\n\r\n/);
    terminal.type('q');
    assert.equal(await terminal.ended, 0);
    const [code = ''] = /(?:\x1b\[38;5;16;48;5;231m.*\r\n)+/.exec(terminal.written) ?? [];
    const expected = isShown ? address?.replace(':0/', `:${port}/`) : undefined;
    assert.equal(code === '' ? undefined : read(code), expected);
  }
});
