import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../faults/until.ts';
import { exchange, get, open, scratch, serving } from './command.ts';
import { PseudoTerminal, shellWords } from './pseudo-terminal.ts';

const site = join(scratch, 'site');
mkdirSync(site);
writeFileSync(join(site, 'index.html'), 'home');
writeFileSync(join(site, 'big.bin'), Buffer.alloc(24 * 1024 * 1024));

/** What `stty` says of a terminal on which one types lines and Ctrl-C interrupts. */
const usual = /\sisig icanon [\s\S]*\secho\s/;
const hasKeys = /Keys +[^\r]*h help/;

/** A reader that takes nothing more than the head of a big answer. */
async function stall(port: number): Promise<() => void> {
  const socket = open(port).on('error', () => {});
  socket.write('GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise(resolve => socket.once('readable', resolve));
  return () => socket.destroy();
}

/** Types `h` until the keys are shown. */
async function askForHelp(shell: PseudoTerminal, from: number): Promise<void> {
  const asking = setInterval(() => shell.type('h'), 200);
  try {
    await shell.shows(/ {2}h {2}help\r\n/, from);
  } finally {
    clearInterval(asking);
  }
}

test('a key helps, one copies the address, one opens it, one quits, and the terminal is as it was', async () => {
  const opened = join(scratch, 'opened');
  const programs = join(scratch, 'programs');
  mkdirSync(programs);
  writeFileSync(join(programs, 'xdg-open'), `#!/bin/sh\nprintf '%s' "$1" > '${opened}'\n`);
  chmodSync(join(programs, 'xdg-open'), 0o755);
  const env = { PATH: `${programs}:${process.env.PATH}` };
  const terminal = new PseudoTerminal(`${shellWords(site, '0')}; echo code $?; stty -a`, env);
  const port = await terminal.port();
  const address = `http://127.0.0.1:${port}/`;
  assert.match(terminal.screen, /Keys +o open, c copy address, q quit, h help\r\n/);
  terminal.type('h');
  await terminal.shows(/ {2}o {2}open\r\n {2}c {2}copy address\r\n {2}q {2}quit\r\n {2}h {2}help\r\n/);
  terminal.type('\x1b[A?C');
  const [, copied = ''] = await terminal.shows(/\x1b\]52;c;([^\x07]*)\x07/);
  assert.equal(Buffer.from(copied, 'base64').toString(), address);
  terminal.type('o');
  await until(() => (existsSync(opened) ? readFileSync(opened, 'utf8') : ''), address);
  assert.match(await exchange(port, get('/')), /home$/);
  terminal.type('q');
  await terminal.shows(/code 0\r\n/);
  await terminal.ended;
  assert.match(terminal.screen, usual);
});

test('Ctrl-C finishes what is under way, a second one ends at once, and the terminal is as it was', async () => {
  const terminal = new PseudoTerminal(`${shellWords(site, '0')}; echo code $?; stty -a`);
  const leave = await stall(await terminal.port());
  terminal.type('\x03');
  await terminal.shows(/finishing the answers under way/);
  terminal.type('\x03');
  await terminal.ended;
  assert.match(terminal.screen, /code 130\r\n/);
  assert.match(terminal.screen, usual);
  leave();
});

test('a server that falls leaves the terminal as it was', async () => {
  const config = join(scratch, 'falling.mjs');
  const program = "setInterval(() => { if (existsSync('fall')) throw new Error('fallen'); }, 20);";
  writeFileSync(
    config,
    `import { existsSync } from 'node:fs';\n${program}\nexport default { root: 'site', port: 0 };\n`,
  );
  const terminal = new PseudoTerminal(`${shellWords('--config', config)}; echo code $?; stty -a`);
  await terminal.port();
  assert.match(terminal.screen, hasKeys);
  writeFileSync(join(scratch, 'fall'), '');
  await terminal.ended;
  assert.match(terminal.screen, /fallen[\s\S]*code 1\r\n/);
  assert.match(terminal.screen, usual);
});

test('a terminal that is closed ends the server in front of it', async () => {
  const terminal = new PseudoTerminal(shellWords(site, '0'));
  const port = await terminal.port();
  const connection = open(port).on('error', () => {});
  await new Promise(resolve => connection.once('connect', resolve));
  const isOver = new Promise(resolve => connection.once('close', resolve));
  terminal.close();
  await isOver;
});

test('Ctrl-Z gives the shell its terminal, and fg takes the keys up again', async () => {
  const shell = new PseudoTerminal('exec bash --norc --noprofile -i');
  shell.type(`${shellWords(site, '0')}\r`);
  const port = await shell.port();
  shell.type('\x1a');
  await shell.shows(/Stopped/);
  shell.type("stty -a; echo to''ld\r");
  await shell.shows(/\r\ntold\r\n/);
  assert.match(shell.screen, usual);
  const from = shell.screen.length;
  shell.type('fg\r');
  // Whatever is typed before the keys are taken up is a line of its own.
  await askForHelp(shell, from);
  assert.match(await exchange(port, get('/')), /home$/);
  shell.type('q');
  await shell.shows(/bash\S*[#$] $/, from);
  shell.type('echo code $?; exit\r');
  await shell.shows(/code 0\r\n/, from);
  await shell.ended;
});

test('a server in the background leaves the keyboard to the shell', async () => {
  const shell = new PseudoTerminal('exec bash --norc --noprofile -i');
  shell.type(`${shellWords(site, '0')} &\r`);
  const port = await shell.port();
  assert.doesNotMatch(shell.screen, hasKeys);
  shell.type("jobs; stty -a; echo to''ld\r");
  await shell.shows(/\r\ntold\r\n/);
  assert.match(shell.screen, /Running/);
  assert.match(await exchange(port, get('/')), /home$/);
  shell.type('kill %1; wait; exit\r');
  await shell.ended;
});

test('a server that a shell takes from the background to the front has the keys then', async () => {
  const shell = new PseudoTerminal('exec bash --norc --noprofile -i');
  shell.type(`${shellWords(site, '0')} &\r`);
  await shell.port();
  for (const isStopped of [false, true]) {
    const from = shell.screen.length;
    shell.type('fg\r');
    await shell.shows(/fg\r\n[\s\S]*cli\.js'/, from);
    await askForHelp(shell, from);
    if (isStopped) break;
    shell.type('\x1a');
    await shell.shows(/Stopped/, from);
    // It runs on in the background, and no signal tells it of the next `fg`.
    shell.type("bg; echo go''ne\r");
    await shell.shows(/\r\ngone\r\n/, from);
  }
  shell.type('q');
  await shell.shows(/bash\S*[#$] $/);
  shell.type('exit\r');
  await shell.ended;
});

test('a key loads the pages again with --dev, and renews the workers', async () => {
  const dev = new PseudoTerminal(shellWords(site, '0', '--dev'));
  const port = await dev.port();
  assert.match(dev.screen, /Keys +r reload pages,/);
  const events = open(port).setEncoding('latin1');
  let told = '';
  events.on('data', text => {
    told += text;
  });
  events.write('GET /.plinth/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await until(() => String(told.includes('retry:')), 'true');
  dev.type('r');
  await until(() => String(told.includes('event: change\ndata: ["/"]\n')), 'true');
  events.destroy();
  dev.type('q');
  assert.equal(await dev.ended, 0);

  const workers = new PseudoTerminal(shellWords(site, '0', '--workers', '2'));
  await workers.port();
  assert.match(workers.screen, /Keys +r renew workers,/);
  workers.type('r');
  await workers.shows(/reloaded: 2 workers are new/);
  workers.type('\x03');
  assert.equal(await workers.ended, 0);
});

test('where nobody types there are no keys', async () => {
  const piped = new PseudoTerminal(`${shellWords(site, '0')} < /dev/null`);
  await piped.port();
  assert.doesNotMatch(piped.screen, hasKeys);
  piped.type('\x03');
  assert.equal(await piped.ended, 0);
  const { run } = await serving([site, '0']);
  assert.doesNotMatch(run.stderr, /Keys|help/);
  await run.stop();
});
