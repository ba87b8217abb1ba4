import { resolve } from 'node:path';
import { readPort } from '../config/values.ts';
import type { Address } from '../index.ts';
import { type Asked, askToReload, type Found, greet } from '../workers/ask.ts';
import { controlSockets, pidIn } from '../workers/control.ts';
import { commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { portHolder } from './port-owner.ts';
import { printable } from './style.ts';
import { quoted, readWords } from './words.ts';

/** `plinth reload [port]`: renews the workers of a running server, and waits for it. Answers the exit code. */
export async function reloadCommand(argv: readonly string[]): Promise<number> {
  const words = readWords(argv, commands.reload.flags);
  if (words.kind === 'help') {
    process.stdout.write(helpText);
    return exitCodes.stopped;
  }
  const wanted = words.kind === 'fault' ? words : wantedOf(words.places);
  if (wanted.kind === 'fault') return fail(wanted.message, exitCodes.usage);
  const found = await Promise.all(controlSockets().map(greet));
  const chosen = choose(found, wanted);
  if (chosen.kind === 'fault') return fail(chosen.message, exitCodes.failed);
  const { socket, greeting } = chosen;
  const asked = await askToReload(socket);
  if (asked.kind !== 'reloaded') return fail(failureText(asked, greeting.pid), exitCodes.failed);
  process.stdout.write(`plinth reload: ${asked.workers} workers of pid ${greeting.pid} are new\n`);
  return exitCodes.stopped;
}

type Wanted =
  | { readonly kind: 'any' }
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

type Supervisor = Extract<Found, { kind: 'supervisor' }>;
type Fault = { readonly kind: 'fault'; readonly message: string };

function wantedOf(places: readonly string[]): Wanted | Fault {
  const [place, another] = places;
  if (another !== undefined) {
    return { kind: 'fault', message: `unexpected argument ${quoted(another)}; wanted at most a port` };
  }
  if (place === undefined) return { kind: 'any' };
  if (place.startsWith('unix:') && place.length > 'unix:'.length) {
    return { kind: 'unix', path: resolve(place.slice('unix:'.length)) };
  }
  const port = readPort(place);
  return port.kind === 'read' && port.value > 0
    ? { kind: 'port', port: port.value }
    : { kind: 'fault', message: `found ${quoted(place)}, wanted a port, from 1 to 65535, or unix:/path` };
}

/** The one that is meant, or why there is none. */
function choose(found: readonly Found[], wanted: Wanted): Supervisor | Fault {
  const all = found.filter(one => one.kind === 'supervisor');
  const fit = all.filter(({ greeting }) => greeting.addresses.some(address => isAt(address, wanted)));
  const [chosen, another] = fit;
  if (chosen !== undefined && another === undefined) return chosen;
  if (another !== undefined) {
    const names = fit.map(({ greeting }) => `${placesOf(greeting.addresses)} (pid ${greeting.pid})`);
    return { kind: 'fault', message: `several servers with workers run, name one: ${names.join('; ')}` };
  }
  const silent = found.filter(one => one.kind === 'silent').map(({ socket }) => pidIn(socket));
  return { kind: 'fault', message: absence(wanted, silent) };
}

function isAt(address: Address, wanted: Wanted): boolean {
  switch (wanted.kind) {
    case 'any':
      return true;
    case 'port':
      return address.kind === 'tcp' && address.port === wanted.port;
    case 'unix':
      return address.kind === 'unix' && address.path === wanted.path;
    default:
      return wanted satisfies never;
  }
}

/** Why nothing can be reloaded there. Nothing is signalled: one process without workers would die of it. */
function absence(wanted: Wanted, silent: readonly number[]): string {
  const [pid] = silent;
  if (wanted.kind !== 'port' && pid !== undefined) return silence(pid);
  if (wanted.kind === 'any') return 'this user runs no server with --workers';
  if (wanted.kind === 'unix')
    return `no server with --workers of this user is at unix:${printable(wanted.path)}`;
  const place = `port ${wanted.port}`;
  const holder = portHolder(wanted.port);
  switch (holder.kind) {
    case 'nobody':
      return `nothing listens on ${place}`;
    case 'unknown':
      return `no server with --workers of this user listens on ${place}`;
    case 'hidden':
      return `${place} belongs to another user (uid ${holder.uid}); run this as that user`;
    case 'process': {
      const who = `${holder.name} (pid ${holder.pid})`;
      if (!holder.isPlinth) return `${place} belongs to ${who}, which is not Plinth`;
      if (holder.supervisorPid === undefined) {
        return `${place} belongs to ${who}, a Plinth of one process: it has no workers to renew; restart it`;
      }
      return silent.includes(holder.supervisorPid)
        ? silence(holder.supervisorPid)
        : `the server on ${place} has no socket for orders here; kill -HUP ${holder.supervisorPid} does the same`;
    }
    default:
      return holder satisfies never;
  }
}

function silence(pid: number): string {
  return `a supervisor does not answer (pid ${pid}): it stands still, or is only starting`;
}

function failureText(asked: Exclude<Asked, { kind: 'reloaded' }>, pid: number): string {
  switch (asked.kind) {
    case 'given up':
      return `given up: ${printable(asked.why)}; workers that are not new stay as they were`;
    case 'silent':
      return `the supervisor (pid ${pid}) says nothing any more; the reload may still be under way`;
    case 'gone':
      return `the supervisor (pid ${pid}) ended before the reload was done`;
    default:
      return asked satisfies never;
  }
}

function placesOf(addresses: readonly Address[]): string {
  return addresses
    .map(address => (address.kind === 'unix' ? `unix:${printable(address.path)}` : address.url))
    .join(' ');
}

function fail(message: string, exitCode: number): number {
  process.stderr.write(`plinth reload: ${message}\n`);
  return exitCode;
}

const helpText = `plinth reload: renews the workers of a running server, one by one

Usage: plinth reload [port | unix:/path]

Each new worker serves before its predecessor finishes what it has under way
and ends, so that no request is lost. What is renewed is the program and its
configuration; the supervisor and its sockets stay. kill -HUP does the same.

Without a port, it is the server of this user that runs with --workers, if there
is but one. A server of one process has no workers to renew: restart it.

  -h, --help   Show this text

Exit codes: 0 all workers are new, 1 they are not, 2 wrong usage
A folder that is called reload is served by: plinth ./reload
`;
