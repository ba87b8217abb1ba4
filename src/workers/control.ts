import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Address } from '../server/places.ts';
import { codeOf } from '../server/places.ts';
import { removeStaleSocket } from '../server/stale-socket.ts';

/** What a supervisor tells of itself to whoever connects. */
export interface ControlGreeting {
  readonly pid: number;
  readonly workers: number;
  readonly addresses: readonly Address[];
}

/** What it says about a reload: that it goes on, each second, and then what came of it. */
export type ControlAnswer =
  | { readonly kind: 'under way' }
  | { readonly kind: 'reloaded'; readonly workers: number }
  | { readonly kind: 'given up'; readonly why: string };

/** The one thing that can be asked for; a line, like all that is said here. */
export const reloadOrder = 'reload';

/** A socket on which a supervisor takes orders. */
export interface Control {
  /** Takes no more; its file is gone. */
  readonly close: () => void;
}

/**
 * Takes orders on a socket in a folder that only this user can enter, which is all that decides who may give them.
 * `reload` answers why not all workers are new. Throws the system's error when there is no place for a socket, such as
 * with a file system that is read-only.
 */
export async function openControl(
  greeting: ControlGreeting,
  reload: () => Promise<string | undefined>,
): Promise<Control> {
  const folder = ownFolder();
  for (const path of socketsIn(folder)) {
    const pid = pidIn(path);
    // One that is just being made refuses connections too, but its process lives. One of our own number is of a process
    // before us. Another supervisor may be quicker to remove it, and what cannot be removed is in nobody's way.
    if (pid === process.pid || !isAlive(pid)) await removeStaleSocket(path).catch(() => {});
  }
  const addresses = greeting.addresses.map(address =>
    address.kind === 'unix' ? { ...address, path: resolve(address.path) } : address,
  );
  const server = createServer(socket => take(socket, { ...greeting, addresses }, reload));
  server.maxConnections = connectionsMax;
  await listenOn(server, join(folder, `${process.pid}-${randomBytes(6).toString('hex')}.sock`));
  server.on('error', () => {});
  server.unref();
  return { close: () => void server.close() };
}

/** The sockets of this user's supervisors, those of some that have crashed included. */
export function controlSockets(): readonly string[] {
  return [...new Set([...folderPlaces(), loginFolder()])].filter(isOwn).flatMap(socketsIn);
}

/** The process that made a control socket, by its name; 0 when that is no such name. */
export function pidIn(path: string): number {
  return Number(/(\d+)-[0-9a-f]+\.sock$/.exec(path)?.[1] ?? 0);
}

/** Whether a process is there, be it somebody else's. */
function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

const connectionsMax = 16;
const orderTimeoutMs = 10_000;
const orderBytesMax = 64;
const underWayEveryMs = 1000;

function listenOn(server: Server, path: string): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(path, () => {
      server.off('error', fail);
      done();
    });
  });
}

function take(socket: Socket, greeting: ControlGreeting, reload: () => Promise<string | undefined>): void {
  const say = (line: ControlGreeting | ControlAnswer): boolean => socket.write(`${JSON.stringify(line)}\n`);
  // Who leaves before the answer does not call the reload off.
  socket.on('error', () => socket.destroy());
  socket.setTimeout(orderTimeoutMs, () => socket.destroy());
  say(greeting);
  let order = '';
  socket.setEncoding('latin1').on('data', async (text: string) => {
    const isGiven = order.includes('\n');
    order += text;
    if (order.length > orderBytesMax) socket.destroy();
    if (isGiven || !order.includes('\n')) return;
    if (order !== `${reloadOrder}\n`) return void socket.destroy();
    socket.setTimeout(0);
    const timer = setInterval(() => say({ kind: 'under way' }), underWayEveryMs);
    const why = await reload();
    clearInterval(timer);
    say(why === undefined ? { kind: 'reloaded', workers: greeting.workers } : { kind: 'given up', why });
    socket.end();
  });
}

/** The first place where a folder of our own stands or can be made. */
function ownFolder(): string {
  let failure: unknown;
  for (const folder of folderPlaces()) {
    try {
      mkdirSync(folder, { mode: 0o700 });
      return folder;
    } catch (error) {
      if (codeOf(error) === 'EEXIST' && isOwn(folder)) return folder;
      failure = error;
    }
  }
  throw failure;
}

/** Where the system keeps what lasts as long as a user's processes, else among the temporary files. */
function folderPlaces(): readonly string[] {
  const runtime = process.env.XDG_RUNTIME_DIR ?? '';
  const temporary = [...new Set([tmpdir(), '/tmp'])].map(folder => join(folder, `plinth-${ownUid()}`));
  const folders = [...(runtime === '' ? [] : [join(runtime, 'plinth')]), ...temporary];
  return folders.filter(folder => Buffer.byteLength(folder) <= folderBytesMax);
}

/**
 * What a socket's name leaves of the 103 octets that a path to one has on macOS, the least of all systems. Node 20 cuts
 * a longer one in silence.
 */
const folderBytesMax = 103 - '/1234567890-0123456789ab.sock'.length;

/** A service of the same user is started without the variable that a login has. */
function loginFolder(): string {
  return `/run/user/${ownUid()}/plinth`;
}

function ownUid(): number {
  return process.getuid?.() ?? 0;
}

/** Somebody else may have put a folder there first, or a link: that one is not ours to trust. */
function isOwn(folder: string): boolean {
  try {
    const status = lstatSync(folder);
    return status.isDirectory() && status.uid === ownUid() && (status.mode & 0o077) === 0;
  } catch {
    // Absent, or where this user may not look: `su` leaves the variable of the user before.
    return false;
  }
}

function socketsIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .map(name => join(folder, name))
    .filter(path => pidIn(path) > 0);
}
