// The two sides of a row: Plinth with what is written here, and the other server, run as it is.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { request as requestOverTls } from 'node:https';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { Run, scratch } from '../cli/command.ts';
import type { Place } from '../wire/client.ts';

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly fields: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** A server that runs. */
export interface Side {
  readonly name: string;
  readonly place: Place;
  /** Whether it speaks TLS. */
  readonly isSecure: boolean;
  /** What it has written so far. */
  readonly said: () => string;
  readonly stop: () => Promise<void>;
}

/** How to start another server: its words, and what is in its environment. */
export interface Peer {
  /** The program; empty where it is never run. */
  readonly file: string;
  /** The package that brings the program, where it is none of ours. */
  readonly packageName?: string;
  readonly words: (row: Row) => readonly string[];
  /** What is written there to serve `dist` and nothing more. */
  readonly bare: string;
  /** What it prints for `--help`, to be searched for flags. */
  readonly help?: () => string;
}

/** Where a row runs. */
export interface Row {
  /** The command or directive, with the port of this run. */
  readonly text: string;
  readonly folder: string;
  readonly port: number;
}

const portWritten = '9000';
const socketWritten = '/run/site.sock';
const triesMax = 5;
const running = new Set<ChildProcess>();
let folders = 0;

after(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** A folder with the site that all rows look at, and with further files; `->` before a text makes a link. */
export function layOut(further: Readonly<Record<string, string | Buffer>>): string {
  folders += 1;
  const folder = join(scratch, `row-${folders}`);
  const files = {
    'dist/index.html': '<h1>front</h1>',
    'dist/about.html': '<h1>about</h1>',
    'dist/docs/index.html': '<h1>docs</h1>',
    'dist/files/a.txt': '0123456789',
    'dist/files/b.txt': 'b',
    'dist/app.js': `// ${'the same again '.repeat(300)}`,
    'dist/.secret': 'secret',
    'outside.txt': 'outside',
    ...further,
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof text === 'string' && text.startsWith('->')) symlinkSync(text.slice(2), path);
    else writeFileSync(path, text, { mode: name.startsWith('bin/') ? 0o755 : 0o644 });
  }
  return folder;
}

/** A certificate for localhost, its key, and the same key behind a passphrase. */
export function certificate(): Readonly<Record<string, string>> {
  const [cert = '', key = ''] = ['localhost.pem', 'localhost-key.pem'].map(name =>
    readFileSync(join(import.meta.dirname, '..', 'probe', 'tls', name), 'utf8'),
  );
  const locked = createPrivateKey(key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'secret',
  });
  return { 'cert.pem': cert, 'key.pem': key, 'locked.pem': String(locked), 'pass.txt': 'secret' };
}

/** Starts Plinth as a cell tells. */
export async function startHere(command: string, folder: string): Promise<Side> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    const socket = join(folder, 'here.sock');
    const text = command.replace(portWritten, String(port)).replace(socketWritten, socket);
    const words = text
      .split(' ')
      .slice(1)
      .map(word => word.replace(/^'(.*)'$/, '$1'));
    const hasPlace = text !== command;
    const run = new Run(
      hasPlace ? words : [...words, '--port', '0'],
      { PATH: pathIn(folder) },
      'pipe',
      [],
      placeOf(text, folder),
    );
    const started = await Promise.race([run.said(/stop with/).catch(() => run.ended), run.ended]);
    if ('code' in started && hasPlace && /is taken|in use/.test(started.stderr) && tries < triesMax) continue;
    assert.ok(!('code' in started), `${command} ended: ${JSON.stringify(started)}`);
    const [, bound] = /listening on https?:\/\/\S+:(\d+)\//.exec(run.stderr) ?? [];
    return {
      name: 'plinth',
      place: bound === undefined ? { path: socket } : { host: hostIn(words), port: Number(bound) },
      isSecure: run.stderr.includes('listening on https:'),
      said: () => run.stdout + run.stderr + writtenIn(folder),
      stop: async () => void (await run.stop()),
    };
  }
}

/** Starts another server with what is written there; undefined where this machine has none. */
export async function startThere(peer: Peer, written: string, folder: string): Promise<Side | undefined> {
  if (!isThere(peer.file)) return undefined;
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    const socket = join(folder, 'there.sock');
    const text = written.replace(portWritten, String(port)).replace(socketWritten, socket);
    const words = peer.words({ text, folder, port });
    const child = spawn(peer.file, words, {
      cwd: placeOf(text, folder),
      env: { PATH: pathIn(folder), NO_UPDATE_CHECK: '1', PYTHONUNBUFFERED: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', text => (said += text));
    const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
    void ended.then(() => running.delete(child));
    const place = text.includes(socket) ? { path: socket } : { host: hostIn(words), port };
    const isUp = await answersBefore(place, ended);
    if (!isUp && tries < triesMax && /in use|EADDRINUSE/i.test(said)) continue;
    assert.ok(isUp, `${peer.file} ${words.join(' ')} ended: ${said}`);
    return {
      name: peer.file,
      place,
      isSecure: /ssl|tls/.test(text),
      said: () => said + writtenIn(folder),
      stop: () => {
        child.kill('SIGTERM');
        return ended;
      },
    };
  }
}

/** Asks one thing of a server, over a connection of its own. */
export function ask(
  { place, isSecure }: Side,
  target: string,
  {
    method = 'GET',
    fields = {},
  }: { readonly method?: string; readonly fields?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  const where = 'path' in place ? { socketPath: place.path } : { host: place.host, port: place.port };
  return new Promise((resolve, reject) => {
    const send = isSecure ? requestOverTls : request;
    const asked = send({
      ...where,
      method,
      path: target,
      headers: fields,
      agent: false,
      rejectUnauthorized: false,
      timeout: guardMs,
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer to ${method} ${target}`)));
    asked.on('error', reject);
    asked.on('response', async response => {
      let text = '';
      try {
        for await (const chunk of response.setEncoding('latin1')) text += chunk;
        resolve({ status: response.statusCode ?? 0, fields: response.headers, text });
      } catch (error) {
        reject(error);
      }
    });
    asked.end();
  });
}

/** Opens a connection, says this, then nothing more, and waits until the server ends it. */
export function silence({ place }: Side, first = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(place, () => {
      socket.resume();
      if (first !== '') socket.write(first);
    });
    socket.setTimeout(guardMs, () => socket.destroy(new Error('a silent connection stays open')));
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
}

/** Nothing takes longer: a guard, never a measure. */
const guardMs = 20_000;

const require = createRequire(import.meta.url);

/** The program of an npm package. */
export function programOf(name: string): string {
  const path = require.resolve(`${name}/package.json`);
  const { bin } = JSON.parse(readFileSync(path, 'utf8'));
  return join(dirname(path), typeof bin === 'string' ? bin : String(Object.values(bin)[0]));
}

/** Whether this machine has a program. */
export function isThere(file: string): boolean {
  return file !== '' && spawnSync(file, ['--version']).error === undefined;
}

/** Programs of a row come before those of the machine. */
function pathIn(folder: string): string {
  return `${join(folder, 'bin')}:${process.env.PATH ?? ''}`;
}

/** What a server, or a program that it has called, has written to a file. */
function writtenIn(folder: string): string {
  const paths = ['access.log', 'called.log'].map(name => join(folder, name));
  return paths.map(path => (existsSync(path) ? readFileSync(path, 'utf8') : '')).join('');
}

/** What names no folder is called within the one to serve. */
function placeOf(text: string, folder: string): string {
  return / dist\b|;/.test(text) ? folder : join(folder, 'dist');
}

function hostIn(words: readonly string[]): string {
  return words.includes('::1') ? '::1' : '127.0.0.1';
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function answersBefore(place: Place, ended: Promise<void>): Promise<boolean> {
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  while (!hasEnded) {
    const isOpen = await new Promise<boolean>(resolve => {
      const socket = connect(place);
      socket.on('connect', () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (isOpen) return true;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  return false;
}
