/** Plinth as a library: `createServer(options)`, then `start()` and `stop()`. What it is made of: `compose.ts`. */
import { type Composition, compose } from './compose.ts';
import {
  type CorsSettings,
  type Guarded,
  OptionError,
  readOptions,
  type Settings,
} from './config/options.ts';
import { checkParts } from './config/parts.ts';
import { readSiteRules } from './config/rules.ts';
import type { SiteRules } from './config/site-rules.ts';
import { EmbeddedSite } from './embed/embedded.ts';
import { type FastifyScope, serveInFastify } from './embed/fastify.ts';
import { type FetchHandler, fetchHandler } from './embed/fetch.ts';
import { faultOfSockets, type HandlerLimits, type OptionOfSockets } from './embed/limits.ts';
import { type NodeMiddleware, nodeMiddleware } from './embed/node.ts';
import type { Finisher, Gate, Observer, Rewrite } from './features/feature.ts';
import type { Limits } from './http/limits.ts';
import type { RuleSet } from './rules/rules.ts';
import { Connections, type Passing } from './server/connections.ts';
import { type Listener, type ListenOptions, listen } from './server/listen.ts';
import type { Address } from './server/places.ts';
import type { Service } from './server/service.ts';
import type { Store } from './store/store.ts';

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
export type { Address } from './server/places.ts';
export { type MemoryFile, type MemoryStore, memoryStore } from './store/memory.ts';
export type { Entry, Listing, Member, OpenFailure, OpenFile, Scan, Store } from './store/store.ts';

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
  /** Descriptors of bound sockets that this process has inherited, to listen on instead of host and port. */
  readonly sockets?: readonly number[] | undefined;
  /** Whether a folder without an index page shows its members; true by default. */
  readonly listing?: boolean | undefined;
  /** Whether `/about` serves `about.html`; true by default. */
  readonly cleanUrls?: boolean | undefined;
  /** The page that navigations get where no file stands: a path below the root, or true for index.html. */
  readonly spa?: string | boolean | undefined;
  /** Cache-Control of answers with a file: `max-age=60`, or `/img/**=max-age=60` for some paths. */
  readonly cache?: string | readonly string[] | undefined;
  /** Whether `a.jpg` may be sent as `a.avif` or `a.webp`, where that stands beside it and is accepted; false by default. */
  readonly variants?: boolean | undefined;
  /** The languages of pages, that of plain names first: with `['en', 'zh']`, `page.zh.html` is sent to who prefers it. */
  readonly languages?: string | readonly string[] | undefined;
  /** How `_headers` and `_redirects` in the root are read; 'netlify' by default. */
  readonly dialect?: 'netlify' | 'cloudflare' | undefined;
  /** Whether names that begin with a dot are served; false by default. */
  readonly dotfiles?: boolean | undefined;
  /** Whether links may lead out of the root; false by default. */
  readonly followSymlinks?: boolean | undefined;
  /** Whether files are sent in a content coding where the client accepts one; true by default. */
  readonly compress?: boolean | undefined;
  /** A folder in which the best codings are kept, for this server's next start and for others; none by default. */
  readonly cacheDir?: string | undefined;
  /** How soon a changed file is seen, in milliseconds; 1,000 by default. 0: the disk is asked for every answer. */
  readonly revalidateMs?: number | undefined;
  /**
   * For a site that is being worked on: pages reload when their files change, browsers keep nothing, and answers wait
   * for files that a build is writing. False by default.
   */
  readonly dev?: boolean | undefined;
  /**
   * What the names of environment variables begin with that pages may read, `PUBLIC_` for one: in
   * `<meta name="env:PUBLIC_X">` and `window.__ENV__`. Read when the server is made; none by default.
   */
  readonly env?: string | readonly string[] | undefined;
  /**
   * How slowly answers leave, to see a site as over a bad line: `slow-3g`, `fast-3g`, or octets a second and what passes
   * before the first (`100k,200ms`); or so for some paths (`*.jpg=slow-3g`). Of several the first that fits; none by default.
   */
  readonly throttle?: string | readonly string[] | undefined;
  /** The hosts that may be asked for (`example.com`, `*.example.com`, addresses); any by default. Others get 403. */
  readonly allowedHosts?: string | readonly string[] | undefined;
  /** Files of `htpasswd` whose users may see the site, or what lies at and below a path; none by default. */
  readonly auth?: string | Guarded | readonly (string | Guarded)[] | undefined;
  /** Ranges of addresses that are served (`10.0.0.0/8`, `::1`, `unix`); all by default. */
  readonly allow?: string | readonly string[] | undefined;
  /** Ranges of addresses that are not served; none by default. */
  readonly deny?: string | readonly string[] | undefined;
  /** Proxies whose `Forwarded` and `X-Forwarded-For` are believed, as ranges of addresses; none by default. */
  readonly trustProxy?: string | readonly string[] | undefined;
  /** Origins whose pages may read the answers, `*` for all; none by default. */
  readonly cors?: string | readonly string[] | Partial<CorsSettings> | undefined;
  /** Whether answers bear the fields that keep pages from harm; false by default. */
  readonly secure?: boolean | undefined;
  /** Format of the access log on standard output; 'off' by default. */
  readonly log?: 'human' | 'combined' | 'json' | 'off' | undefined;
  /** How long `stop` waits for answers under way, in milliseconds; 10,000 by default. */
  readonly graceMs?: number | undefined;
  /** Limits and time-outs that differ from `defaultLimits`. */
  readonly limits?: Partial<Limits> | undefined;
  /** What holds for some paths: redirects, rewrites, fields, error pages. */
  readonly rules?: SiteRules | undefined;
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

/** What a site inside another program is made from: the options of a server, but for those of its sockets. */
export interface HandlerOptions extends Omit<ServerOptions, OptionOfSockets | 'limits' | 'listing'> {
  /** Whether a folder without an index page shows its members; false by default: it is part of a program. */
  readonly listing?: boolean | undefined;
  /** Limits that differ from `defaultLimits`. */
  readonly limits?: Partial<HandlerLimits> | undefined;
}

/** The same for a middleware. */
export interface MiddlewareOptions extends HandlerOptions {
  /** Whether requests for what is not there are left to the program; true by default. False: they get 404 and 405. */
  readonly fallthrough?: boolean | undefined;
}

/** What `register` of Fastify takes beside the plugin. */
export interface FastifyOptions extends HandlerOptions {
  /** The path below which the site stands; Fastify reads it. */
  readonly prefix?: string;
}

/**
 * What a configuration file may say: the options of a server that a file can give, and how many processes serve. Its
 * folders and files are found from where it lies.
 */
export interface Config extends Omit<ServerOptions, 'store' | 'sockets' | 'onReport'> {
  /** The folder to serve; the current one by default. */
  readonly root?: string | undefined;
  /** Format of the access log on standard output; by default 'human' on a terminal and 'combined' elsewhere. */
  readonly log?: 'human' | 'combined' | 'json' | 'off' | undefined;
  /** How many processes serve, 'auto' for one a processor; 1 by default. */
  readonly workers?: number | 'auto' | undefined;
  /** The page that a browser opens once the server listens: a path, or true for the first page; none by default. */
  readonly open?: string | boolean | undefined;
}

/** What `plinth.config.ts` exports by default: a configuration, its promise, or a function that gives either. */
export type ConfigExport = Config | Promise<Config> | (() => Config | Promise<Config>);

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
}

/**
 * Composes a server. Throws an OptionError for an option that cannot be used, an Error for a root that cannot
 * be served.
 */
export function createServer(options: ServerOptions = {}): PlinthServer {
  const { rules, ...others } = options;
  return serverWith(others, readRules(rules));
}

/** Throws an OptionError for the first rule that cannot be read. */
function readRules(given: SiteRules | undefined): RuleSet {
  const { rules, faults } = readSiteRules(given ?? {}, () => ({ file: 'option' }));
  const [fault] = faults;
  if (fault !== undefined) throw new OptionError(`option ${fault.source.key}: ${fault.why}`);
  return rules;
}

/**
 * The same with rules that are read already, for the command: it knows in which file and line each of them stands. The
 * configuration file they come from is never served.
 * @internal
 */
export function serverWith(
  options: Omit<ServerOptions, 'rules'>,
  rules: RuleSet,
  config?: string,
): PlinthServer {
  const { settings, sockets, service, ...life } = composed(options, rules, config);
  return lifeOf(service, { ...settings, sockets, backlog: service.limits.backlog }, life);
}

interface Composed extends Composition, Pick<ServerOptions, 'sockets'> {
  readonly settings: Settings;
}

function composed(options: Omit<ServerOptions, 'rules'>, rules: RuleSet, config?: string): Composed {
  const {
    store,
    sockets,
    gates = [],
    rewrites = [],
    finishers = [],
    observers = [],
    onReport,
    ...plain
  } = options;
  const settings = { ...readOptions(plain), config };
  checkParts({ gates, rewrites, finishers, observers }, { store, onReport, sockets });
  const composition = compose(settings, { store, gates, rewrites, finishers, observers, rules, onReport });
  return { ...composition, settings, sockets };
}

/**
 * Composes a handler of Fetch requests, for Bun, Deno, Hono and other programs. Throws as `createServer` does, also for
 * options of sockets, of which it has none.
 */
export function createHandler(options: HandlerOptions = {}): FetchHandler {
  return fetchHandler(embedded(options));
}

/** Composes a middleware for `node:http`, Express, Connect, Vite and Polka. Throws as `createHandler` does. */
export function createMiddleware(options: MiddlewareOptions = {}): NodeMiddleware {
  const { fallthrough = true, ...others } = options;
  if (typeof fallthrough !== 'boolean') throw new OptionError('option fallthrough: wanted true or false');
  return nodeMiddleware(embedded(others), fallthrough);
}

/** A plugin for Fastify: `fastify.register(fastifyPlugin, { root, prefix })`. Rejects as `createHandler` throws. */
export async function fastifyPlugin(scope: FastifyScope, options: FastifyOptions = {}): Promise<void> {
  const { prefix: _read, ...others } = options;
  serveInFastify(scope, embedded(others));
}

function embedded({ rules, ...others }: HandlerOptions): EmbeddedSite {
  const fault = faultOfSockets(others);
  if (fault !== undefined) throw new OptionError(fault);
  return new EmbeddedSite(composed({ listing: false, ...others }, readRules(rules)));
}

/** Starts and stops a service, any number of times, one after the other. */
function lifeOf(
  service: Service,
  options: ListenOptions & { readonly graceMs: number },
  { ready, rest, reloadPages }: Omit<Composition, 'service'>,
): PlinthServer {
  let running: Promise<Running> | undefined;
  let connections: Connections | undefined;
  let stopping: Promise<void> | undefined;
  return {
    start: async () => {
      if (running !== undefined) throw new Error('the server is started already');
      const starting = ready().then(() => open(service, options));
      running = starting;
      try {
        const { listener, ...started } = await starting;
        connections = started.connections;
        return listener.addresses;
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
  };
}

async function close(
  running: Promise<Running> | undefined,
  { graceMs, idleMs }: { readonly graceMs: number; readonly idleMs: number },
): Promise<void> {
  // A start that fails tells its own caller.
  const server = await running?.catch(() => undefined);
  server?.listener.close();
  await server?.connections.drain(graceMs, idleMs);
}

interface Running {
  readonly listener: Listener;
  readonly connections: Connections;
}

async function open(service: Service, options: ListenOptions): Promise<Running> {
  const connections = new Connections(service);
  try {
    const listener = await listen(options, socket => connections.accept(socket), service.report);
    return { listener, connections };
  } catch (error) {
    await connections.drain(0);
    throw error;
  }
}
