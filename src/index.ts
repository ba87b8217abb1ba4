/** Plinth as a library: `createServer(options)`, then `start()` and `stop()`. What it is made of: `compose.ts`. */
import { type Composition, compose } from './compose.ts';
import { type HostSite, readHosts, settleHosts } from './config/host-sites.ts';
import { givenOptions, OptionError, readOptions, type Settings } from './config/options.ts';
import { checkOptions, checkParts } from './config/parts.ts';
import { readSiteRules } from './config/rules.ts';
import { EmbeddedSite } from './embed/embedded.ts';
import { type FastifyScope, serveInFastify } from './embed/fastify.ts';
import { type FetchHandler, fetchHandler } from './embed/fetch.ts';
import { faultOfSockets } from './embed/limits.ts';
import { type NodeMiddleware, nodeMiddleware } from './embed/node.ts';
import type {
  ConfigExport,
  FastifyOptions,
  HandlerOptions,
  MiddlewareOptions,
  ServerOptions,
} from './options.ts';
import { found } from './rules/found.ts';
import type { RuleSet, RuleSource } from './rules/rules.ts';
import type { Connections, Passing } from './server/connections.ts';
import type { Address } from './server/places.ts';
import { open, type Places, type Running } from './server/running.ts';
import type { Service } from './server/service.ts';

export { type CorsSettings, type Guarded, type LogFormat, OptionError } from './config/options.ts';
export type * from './config/site-rules.ts';
export type { Closing } from './embed/embedded.ts';
export type { FastifyAnswer, FastifyScope } from './embed/fastify.ts';
export type { FetchHandler } from './embed/fetch.ts';
export type { HandlerLimits, OptionOfSockets } from './embed/limits.ts';
export type { NodeMiddleware, NodeRequest, NodeResponse } from './embed/node.ts';
export type { Finisher, Gate, Observer, Rewrite } from './features/feature.ts';
export { Fields } from './http/fields.ts';
export { defaultLimits, type Limits } from './http/limits.ts';
export type * from './http/message.ts';
export type { PathTarget, Target } from './http/target.ts';
export type * from './options.ts';
export type { Address } from './server/places.ts';
export { type MemoryFile, type MemoryStore, memoryStore } from './store/memory.ts';
export type { Entry, Listing, Member, OpenFailure, OpenFile, Scan, Store } from './store/store.ts';

/** Gives back what it is given: for an editor to know the keys of `export default defineConfig({ … })`. */
export function defineConfig(config: ConfigExport): ConfigExport {
  return config;
}

/** A server that can be started and stopped, and started again once it has stopped. */
export interface PlinthServer {
  /**
   * Listens. Resolves with the addresses that are really bound; rejects with Node's error (`code`: EADDRINUSE,
   * EACCES, EADDRNOTAVAIL, ENOTFOUND …) when one of them cannot be, and then nothing listens.
   */
  readonly start: () => Promise<readonly Address[]>;
  /**
   * Stops accepting, ends idle connections at once and the others after their answer or after `graceMs`. Never
   * rejects; a second call joins the first. With `idleMs`, an idle connection is not ended in the face of a request
   * that may be on its way: it has that long to send its last one. For a server that another one takes over from.
   */
  readonly stop: (graceMs?: number, idleMs?: number) => Promise<void>;
  /** Makes the pages that are open in browsers load themselves again. Without `dev` there are none that would hear of it. */
  readonly reloadPages: () => void;
  /** For processes that serve one port with `sockets` and share their connections. */
  readonly passing: Passing;
  /** For processes that serve one port: from now on session tickets are made and read with these 48 octets. */
  readonly shareTicketKeys: (keys: Uint8Array) => void;
}

/**
 * Composes a server. Throws an OptionError for an option that cannot be used, an Error for a root that cannot
 * be served.
 */
export function createServer(options: ServerOptions = {}): PlinthServer {
  checkOptions(options);
  const { rules, hosts, ...others } = options;
  const read = readSites(rules, hosts);
  return serverWith(others, read.rules, undefined, read.hostsOf);
}

type HostsOf = (plain: Readonly<Record<string, unknown>>) => readonly HostSite[];

/** Throws an OptionError for the first rule or host that cannot be read. */
function readSites(
  rules: ServerOptions['rules'],
  hosts: ServerOptions['hosts'],
): { readonly rules: RuleSet; readonly hostsOf: HostsOf } {
  const locate = (): RuleSource => ({ file: 'option' });
  const own = readSiteRules(rules ?? {}, locate);
  const others = readHosts(hosts ?? {}, { locate, resolved: (_setting, value) => value });
  const [fault] = [...own.faults, ...others.faults];
  if (fault !== undefined) throw new OptionError(`option ${fault.source.key}: ${fault.why}`);
  return { rules: own.rules, hostsOf: plain => settleHosts(others.hosts, givenOptions(plain)) };
}

/**
 * The same with rules and hosts that are read already, for the command: it knows in which file and line each of them
 * stands. The configuration file they come from is never served; `hostsOf` is given the options that are plain values.
 * @internal
 */
export function serverWith(
  options: Omit<ServerOptions, 'rules' | 'hosts'>,
  rules: RuleSet,
  config?: string,
  hostsOf?: HostsOf,
): PlinthServer {
  const { settings, service, ...life } = composed(options, rules, config, hostsOf);
  const { sockets, redirectSockets } = life;
  const isSecured = life.openSecured !== undefined;
  const places = { ...settings, sockets, redirectSockets, isSecured, backlog: service.limits.backlog };
  return lifeOf(service, places, life);
}

interface Composed extends Composition, Pick<ServerOptions, 'sockets' | 'redirectSockets'> {
  readonly settings: Settings;
}

function composed(
  options: Omit<ServerOptions, 'rules' | 'hosts'>,
  rules: RuleSet,
  config?: string,
  hostsOf: HostsOf = () => [],
): Composed {
  const {
    store,
    sockets,
    redirectSockets,
    gates = [],
    rewrites = [],
    finishers = [],
    observers = [],
    onReport,
    ...plain
  } = options;
  const settings = { ...readOptions(plain), config };
  checkParts({ gates, rewrites, finishers, observers }, { store, onReport, sockets, redirectSockets });
  const hosts = hostsOf(plain);
  const given = { store, gates, rewrites, finishers, observers, rules, hosts, onReport };
  return { ...compose(settings, given), settings, sockets, redirectSockets };
}

/**
 * Composes a handler of Fetch requests, for Bun, Deno, Hono and other programs. Throws as `createServer` does, also for
 * options of sockets, of which it has none.
 */
export function createHandler(options: HandlerOptions = {}): FetchHandler {
  checkOptions(options);
  return fetchHandler(embedded(options));
}

/** Composes a middleware for `node:http`, Express, Connect, Vite and Polka. Throws as `createHandler` does. */
export function createMiddleware(options: MiddlewareOptions = {}): NodeMiddleware {
  checkOptions(options);
  const { fallthrough = true, ...others } = options;
  if (typeof fallthrough !== 'boolean') throw new OptionError('option fallthrough: wanted true or false');
  return nodeMiddleware(embedded(others), fallthrough);
}

/**
 * A plugin for Fastify: `fastify.register(fastifyPlugin, { root, prefix })`. Rejects as `createHandler` throws, and for a
 * prefix with parameters, which stands for many paths: the site is at one.
 */
export async function fastifyPlugin(scope: FastifyScope, options: FastifyOptions = {}): Promise<void> {
  checkOptions(options);
  const { prefix: _read, ...others } = options;
  if (/[:*]/.test(scope.prefix))
    throw new OptionError(`option prefix: found ${found(scope.prefix)}, wanted a path without parameters`);
  serveInFastify(scope, embedded(others));
}

function embedded({ rules, hosts, ...others }: HandlerOptions): EmbeddedSite {
  const fault = faultOfSockets(others);
  if (fault !== undefined) throw new OptionError(fault);
  const read = readSites(rules, hosts);
  return new EmbeddedSite(composed({ listing: false, ...others }, read.rules, undefined, read.hostsOf));
}

/** Starts and stops a service, any number of times, one after the other. */
function lifeOf(
  service: Service,
  options: Places & { readonly graceMs: number },
  { ready, rest, reloadPages, openSecured }: Omit<Composition, 'service'>,
): PlinthServer {
  let running: Promise<Running> | undefined;
  let connections: Connections | undefined;
  let tls: Running['tls'];
  let ticketKeys: Uint8Array | undefined;
  let stopping: Promise<void> | undefined;
  return {
    start: async () => {
      if (running !== undefined) throw new Error('the server is started already');
      const starting = ready().then(() => open(service, options, openSecured));
      running = starting;
      try {
        const { addresses, ...started } = await starting;
        connections = started.connections;
        tls = started.tls;
        if (ticketKeys !== undefined) tls?.shareTicketKeys(ticketKeys);
        return addresses;
      } catch (error) {
        if (running === starting) running = undefined;
        throw error;
      }
    },
    stop: (graceMs = options.graceMs, idleMs = 0) => {
      stopping ??= close(running, { graceMs, idleMs })
        .then(rest)
        .finally(() => {
          running = undefined;
          stopping = undefined;
        });
      return stopping;
    },
    reloadPages,
    passing: {
      settle: () => connections?.settle() ?? 0,
      give: () => connections?.give(),
      take: handle => connections?.take(handle) ?? false,
    },
    shareTicketKeys: keys => {
      ticketKeys = keys;
      tls?.shareTicketKeys(keys);
    },
  };
}

async function close(
  running: Promise<Running> | undefined,
  { graceMs, idleMs }: { readonly graceMs: number; readonly idleMs: number },
): Promise<void> {
  // A start that fails tells its own caller.
  const server = await running?.catch(() => undefined);
  await server?.stop(graceMs, idleMs);
}
