/** Plinth as a library: `createServer(options)`, then `start()` and `stop()`. Everything is composed here. */
import { type LogFormat, readOptions, type Settings } from './config/options.ts';
import { accessLog } from './features/access-log.ts';
import type { Finisher, Gate, Observer, Rewrite } from './features/feature.ts';
import { identity } from './features/identity.ts';
import { methods } from './features/methods.ts';
import type { Limits } from './http/limits.ts';
import { systemClock } from './server/clock.ts';
import { Connections } from './server/connections.ts';
import { withinDescriptors } from './server/descriptors.ts';
import type { Service } from './server/h1-driver.ts';
import { createHandler } from './server/handler.ts';
import { LineSink, openForLines } from './server/line-sink.ts';
import { type Address, type Listener, listen } from './server/listen.ts';
import { ReadBuffers } from './server/read-buffers.ts';
import { diskStore } from './store/disk.ts';
import type { Store } from './store/store.ts';

export { type LogFormat, OptionError } from './config/options.ts';
export type { Finisher, Gate, Observer, Rewrite } from './features/feature.ts';
export { Fields } from './http/fields.ts';
export { defaultLimits, type Limits } from './http/limits.ts';
export type * from './http/message.ts';
export type { PathTarget, Target } from './http/target.ts';
export type { Address } from './server/listen.ts';
export { type MemoryFile, type MemoryStore, memoryStore } from './store/memory.ts';
export type { Entry, Listing, Member, OpenFailure, OpenFile, Store } from './store/store.ts';

/** What a server is made from; every key may be left out. */
export interface ServerOptions {
  /** The folder to serve; the current one by default. Not looked at when `store` is given. */
  readonly root?: string | undefined;
  /** Serves from this store instead of a folder. */
  readonly store?: Store | undefined;
  /** The port, 0 for any free one. Undefined: 8080, or the next free one. */
  readonly port?: number | undefined;
  /** Addresses, names, `localhost` (both loopbacks, the default), `*` (every address) or `unix:/path`. */
  readonly host?: string | readonly string[] | undefined;
  /** Whether a folder without an index page shows its members; true by default. */
  readonly listing?: boolean | undefined;
  /** Whether `/about` serves `about.html`; true by default. */
  readonly cleanUrls?: boolean | undefined;
  /** Whether names that begin with a dot are served; false by default. */
  readonly dotfiles?: boolean | undefined;
  /** Whether links may lead out of the root; false by default. */
  readonly followSymlinks?: boolean | undefined;
  /** Format of the access log on standard output; 'off' by default. */
  readonly log?: 'human' | 'combined' | 'json' | 'off' | undefined;
  /** How long `stop` waits for answers under way, in milliseconds; 10,000 by default. */
  readonly graceMs?: number | undefined;
  /** Limits and time-outs that differ from `defaultLimits`. */
  readonly limits?: Partial<Limits> | undefined;
  /** Asked before the site, in order, after the check of the method. */
  readonly gates?: readonly Gate[] | undefined;
  /** Applied to a target before it is looked up, in order. */
  readonly rewrites?: readonly Rewrite[] | undefined;
  /** Applied to each response, in order. */
  readonly finishers?: readonly Finisher[] | undefined;
  /** Told of each exchange. */
  readonly observers?: readonly Observer[] | undefined;
  /** Takes lines for the operator: bugs, files that changed while they were sent. Standard error by default. */
  readonly onReport?: ((line: string) => void) | undefined;
}

/** A server that can be started once and stopped. */
export interface PlinthServer {
  /**
   * Listens. Resolves with the addresses that are really bound; rejects with Node's error (`code`: EADDRINUSE,
   * EACCES, EADDRNOTAVAIL, ENOTFOUND …) when one of them cannot be, and then nothing listens.
   */
  readonly start: () => Promise<readonly Address[]>;
  /** Stops accepting, ends idle connections at once and the others after their answer or after `graceMs`. */
  readonly stop: (graceMs?: number) => Promise<void>;
}

/**
 * Composes a server. Throws an OptionError for an option that cannot be used, an Error for a root that cannot
 * be served.
 */
export function createServer(options: ServerOptions = {}): PlinthServer {
  const {
    store: givenStore,
    gates = [],
    rewrites = [],
    finishers = [],
    observers = [],
    onReport,
    ...rest
  } = options;
  const settings = readOptions(rest);
  const limits = withinDescriptors(settings.limits);
  const reports = openReports();
  const report = onReport ?? reports.report;
  const store = givenStore ?? diskStore({ ...settings, ...limits });
  const clock = systemClock();
  const handler = createHandler({
    site: {
      store,
      indexNames: ['index.html', 'index.htm'],
      cleanUrls: settings.cleanUrls,
      listing: settings.listing,
    },
    gates: [methods, ...gates],
    rewrites,
    finishers: [identity, ...finishers],
    windows: process.platform === 'win32',
    now: clock.now,
  });
  const log = openLog(settings.log, report);
  const service = {
    handler,
    store,
    limits,
    clock,
    buffers: new ReadBuffers(),
    observers: [...log.observers, ...observers],
    report,
  };
  let running: Promise<Running> | undefined;

  return {
    start: async () => {
      if (running !== undefined) throw new Error('the server is started already');
      const starting = open(service, settings, limits.backlog);
      running = starting;
      try {
        return (await starting).listener.addresses;
      } catch (error) {
        if (running === starting) running = undefined;
        throw error;
      }
    },
    stop: async (graceMs = settings.graceMs) => {
      const ending = running;
      running = undefined;
      // A start that fails tells its own caller.
      const server = await ending?.catch(() => undefined);
      server?.listener.close();
      await server?.connections.drain(graceMs);
      await log.flush();
      await reports.flush();
    },
  };
}

interface Running {
  readonly listener: Listener;
  readonly connections: Connections;
}

async function open(
  service: Service,
  { hosts, port }: Pick<Settings, 'hosts' | 'port'>,
  backlog: number,
): Promise<Running> {
  const connections = new Connections(service);
  try {
    const listener = await listen(
      { hosts, port, backlog },
      socket => connections.accept(socket),
      service.report,
    );
    return { listener, connections };
  } catch (error) {
    await connections.drain(0);
    throw error;
  }
}

interface Log {
  readonly observers: readonly Observer[];
  readonly flush: () => Promise<void>;
}

function openLog(format: LogFormat, report: (line: string) => void): Log {
  if (format === 'off') return { observers: [], flush: async () => {} };
  const sink = new LineSink(openForLines(1), report);
  const options = {
    utcOffsetMinutes: (atMs: number) => -new Date(atMs).getTimezoneOffset(),
    isColoured: process.stdout.isTTY && process.stdout.hasColors(),
  };
  return { observers: [accessLog(format, options, line => sink.write(line))], flush: () => sink.flush() };
}

interface Reports {
  readonly report: (line: string) => void;
  readonly flush: () => Promise<void>;
}

/** Standard error, opened at the first report; a reader of it that stalls must not stall the server. */
function openReports(): Reports {
  let sink: LineSink | undefined;
  return {
    report: line => {
      sink ??= new LineSink(openForLines(2), () => {}, { name: 'standard error' });
      sink.write(`plinth: ${line}`);
    },
    flush: async () => sink?.flush(),
  };
}
