/** What an owner may give: the options of a server, of a site in another program, and of a configuration file. */
import type { CorsSettings, Guarded } from './config/options.ts';
import type { SiteRules } from './config/site-rules.ts';
import type { HandlerLimits, OptionOfSockets } from './embed/limits.ts';
import type { Finisher, Gate, Observer, Rewrite } from './features/feature.ts';
import type { Limits } from './http/limits.ts';
import type { Store } from './store/store.ts';

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
  /** The same for the port of `httpsRedirect`. */
  readonly redirectSockets?: readonly number[] | undefined;
  /** Whether a folder without an index page shows its members; true by default. */
  readonly listing?: boolean | undefined;
  /** Whether `/about` serves `about.html`; true by default. */
  readonly cleanUrls?: boolean | undefined;
  /** Other folders, by the paths below which they are found: `{ '/docs': '../docs/dist' }`; none by default. */
  readonly mounts?: Readonly<Record<string, string>> | undefined;
  /** The path below which everything is found, `/app` for one; rules and other paths are counted from there. */
  readonly base?: string | undefined;
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
  /**
   * Whether each answer tells in a `Server-Timing` field how it came to be: what was looked at, which rules applied, how
   * long that took. With `dev` only; false by default.
   */
  readonly trace?: boolean | undefined;
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
  /** Whether connections are secured, where no certificate is given with one that is made for this machine; false by default. */
  readonly tls?: boolean | undefined;
  /** Files with a certificate and those of its issuers, in PEM or PFX: connections are secured. The first is for whoever names no host. */
  readonly tlsCert?: string | readonly string[] | undefined;
  /** Files with the private keys of the certificates, in PEM; to which one each belongs is found out. */
  readonly tlsKey?: string | readonly string[] | undefined;
  /** A file whose first line is the passphrase of keys that are encrypted. */
  readonly tlsPass?: string | undefined;
  /** A file with certificates of authorities, in PEM: only clients that show a certificate of one of them are let in. */
  readonly tlsClientCa?: string | undefined;
  /** The port, true for 80, on which plain HTTP is redirected to HTTPS; none by default. */
  readonly httpsRedirect?: number | boolean | undefined;
  /** For how many seconds, true for a year, browsers are to ask by HTTPS only; nothing is said of it by default. */
  readonly hsts?: number | boolean | undefined;
  /** Format of the access log on standard output; 'off' by default. */
  readonly log?: 'human' | 'combined' | 'json' | 'off' | undefined;
  /** How long `stop` waits for answers under way, in milliseconds; 10,000 by default. */
  readonly graceMs?: number | undefined;
  /** Limits and time-outs that differ from `defaultLimits`. */
  readonly limits?: Partial<Limits> | undefined;
  /** What holds for some paths: redirects, rewrites, fields, error pages. */
  readonly rules?: SiteRules | undefined;
  /** Sites of their own by the names of their hosts, `example.com` or `*.example.org`; all other hosts get this one. */
  readonly hosts?: Readonly<Record<string, HostOptions>> | undefined;
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
 * A site of its own for some hosts. What it does not say it takes over from the site that all other hosts get, but for
 * mounts, base, page of an application and rules.
 */
export interface HostOptions
  extends Pick<
    ServerOptions,
    | 'mounts'
    | 'base'
    | 'spa'
    | 'listing'
    | 'cleanUrls'
    | 'cache'
    | 'variants'
    | 'languages'
    | 'dialect'
    | 'dotfiles'
    | 'followSymlinks'
    | 'compress'
    | 'env'
    | 'auth'
    | 'allow'
    | 'deny'
    | 'cors'
    | 'secure'
    | 'rules'
  > {
  /** The folder to serve. */
  readonly root: string;
}

/**
 * What a configuration file may say: the options of a server that a file can give, and how many processes serve. Its
 * folders, files and sockets are found from where it lies.
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
