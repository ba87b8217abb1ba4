/**
 * What a server is composed of: settings and what its owner gives go in, a service comes out. Every feature, store and
 * effect that an option chooses is chosen here, and nowhere else; `index.ts` starts and stops what is made.
 */
import { realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { type LogFormat, OptionError, type Settings } from './config/options.ts';
import { accessLog } from './features/access-log.ts';
import { addresses } from './features/addresses.ts';
import { type Auth, auth, type GuardedPlace } from './features/auth.ts';
import { cors } from './features/cors.ts';
import { reportDenials } from './features/denials.ts';
import type { Finisher, Gate, Observer, Rewrite } from './features/feature.ts';
import { hosts } from './features/hosts.ts';
import { identity } from './features/identity.ts';
import { methods } from './features/methods.ts';
import { secure } from './features/secure.ts';
import { SeenHeads } from './h1/seen-heads.ts';
import { originOf } from './http/forwarded.ts';
import type { Limits } from './http/limits.ts';
import type { StoredFile } from './http/message.ts';
import { readCacheRule } from './rules/cache.ts';
import { noRules, type RuleSet, type TellRule } from './rules/rules.ts';
import { pageForNavigations } from './rules/spa.ts';
import { inRanges } from './server/address-ranges.ts';
import { Background } from './server/background.ts';
import { judgeCacheFolder } from './server/cache-folder.ts';
import { systemClock } from './server/clock.ts';
import { CodedFiles } from './server/coded-files.ts';
import { Coder } from './server/coding.ts';
import { ContentHashes } from './server/content-hashes.ts';
import { withinDescriptors } from './server/descriptors.ts';
import type { Service } from './server/h1-driver.ts';
import { createHandler, type HandlerParts } from './server/handler.ts';
import { LineSink, openForLines } from './server/line-sink.ts';
import { PasswordChecks } from './server/password-checks.ts';
import { PasswordFile } from './server/password-file.ts';
import { ReadBuffers } from './server/read-buffers.ts';
import { Recall } from './server/recall.ts';
import { openReports } from './server/reports.ts';
import { SignIn } from './server/sign-in.ts';
import { ruleFileNames, SiteRules } from './server/site-rules.ts';
import { knownCodings } from './server/zlib-codings.ts';
import type { Variants } from './site/site.ts';
import { cachedStore } from './store/cache.ts';
import { diskStore } from './store/disk.ts';
import { servedStore } from './store/served.ts';
import type { Store } from './store/store.ts';
import { FolderWatch } from './store/watch.ts';

/** What the owner of a server gives beside its settings. */
export interface Given {
  /** Served in place of the folder. */
  readonly store: Store | undefined;
  readonly gates: readonly Gate[];
  readonly rewrites: readonly Rewrite[];
  readonly finishers: readonly Finisher[];
  readonly observers: readonly Observer[];
  /** Takes lines for the operator; standard error does by default. */
  readonly onReport: ((line: string) => void) | undefined;
  /** Watches a decision: from around everything that takes part in it, and by what the rules tell. */
  readonly watch?: { readonly over: (parts: HandlerParts) => HandlerParts; readonly ruled: TellRule };
}

/** A service, and how it gives back what it holds while nobody uses it. */
export interface Composition {
  readonly service: Service;
  /** Reads what has to be known before the first request. */
  readonly ready: () => Promise<void>;
  readonly rest: () => Promise<void>;
}

/** Composes a service. Throws an OptionError for a cache folder, an Error for a root, that cannot be used. */
export function compose(settings: Settings, given: Given): Composition {
  const limits = withinDescriptors(settings.limits);
  const reports = openReports(given.onReport);
  const { report } = reports;
  const { store, rest: restStore } =
    given.store === undefined
      ? openFolder(settings, limits, report)
      : { store: given.store, rest: async () => {} };
  const clock = systemClock();
  const background = new Background(report);
  const hashes = new ContentHashes({ store, background, limits, now: clock.now });
  const access = openAccess(settings, given.store === undefined, report);
  const rules = new SiteRules({
    store,
    ...ownRules(settings),
    dialect: settings.dialect,
    windows: process.platform === 'win32',
    now: clock.now,
    elapsed,
    report,
    tell: given.watch?.ruled,
  });
  const parts: HandlerParts = {
    rules,
    guards: access.guards,
    ...(access.reach && { reach: access.reach }),
    ...(given.store === undefined && { placeOf: placesBelow(settings.root, () => rules.folder) }),
    site: {
      store: servedStore(store, {
        folder: () => rules.folder,
        reserved: ruleFileNames,
        isListed: name => rules.isListed(name),
      }),
      indexNames: ['index.html', 'index.htm'],
      cleanUrls: settings.cleanUrls,
      listing: settings.listing,
      variants: variantsOf(settings),
      codings: {
        stored: settings.compress,
        made: settings.compress ? knownCodings : [],
        madeBytesMax: limits.codedBytesMax,
        undone: knownCodings,
      },
      hashOf: (file, looks) => hashes.of(file, looks),
    },
    gates: [methods, ...given.gates],
    rewrites: given.rewrites,
    finishers: [identity, rules.finisher, ...given.finishers, ...access.finishers],
    windows: process.platform === 'win32',
    now: clock.now,
  };
  const handler = createHandler(given.watch?.over(parts) ?? parts);
  const log = openLog(settings.log, report);
  const service: Service = {
    handler,
    store,
    limits,
    clock,
    coder: new Coder({
      limits,
      now: clock.now,
      background,
      files: openCacheFolder(settings, given.store === undefined, report),
    }),
    buffers: new ReadBuffers(),
    clientOf: trustedOrigin(settings),
    recall: handler.reads === undefined ? undefined : new Recall(handler.reads, limits.cacheBytesMax),
    seenHeads: new SeenHeads(),
    observers: [...log.observers, ...given.observers],
    report,
  };
  const rest = async (): Promise<void> => {
    for (const sink of [log, reports]) await sink.flush();
    background.stop();
    access.rest();
    await restStore();
  };
  return { service, ready: async () => rules.renew(), rest };
}

function variantsOf({ variants, languages }: Settings): Variants | undefined {
  return variants || languages.length > 0 ? { images: variants, languages } : undefined;
}

/** The rules that come with the settings, before and after those of the site. */
function ownRules({ spa, cache }: Settings): { readonly before: RuleSet; readonly after: RuleSet } {
  const after = spa === undefined ? noRules : { ...noRules, routes: [pageForNavigations(spa)] };
  // They were read once before, with the options.
  const fields = cache.flatMap(text => {
    const rule = readCacheRule(text);
    return 'kind' in rule ? [] : [rule];
  });
  return { before: noRules, after: { ...after, fields } };
}

interface Access {
  /** In the order in which they are asked: what costs least comes first, and a preflight never bears a password. */
  readonly guards: readonly Gate[];
  readonly reach: Auth['reach'] | undefined;
  /** In the order in which they apply; nothing comes after them. */
  readonly finishers: readonly Finisher[];
  readonly rest: () => void;
}

/** Who may see what, and who may read it. */
function openAccess(settings: Settings, isRootServed: boolean, report: (line: string) => void): Access {
  const { allowedHosts, allow, deny } = settings;
  const shared = settings.cors && cors(settings.cors);
  const passwords = settings.auth.length > 0 ? openPasswords(settings, isRootServed, report) : undefined;
  const ranges = { allows: allow && inRanges(allow), denies: deny && inRanges(deny) };
  return {
    guards: [
      ...(allowedHosts ? [hosts(allowedHosts)] : []),
      ...(allow || deny ? [addresses(ranges)] : []),
      ...(shared ? [shared.gate] : []),
      ...(passwords ? [passwords.auth.guard] : []),
    ],
    reach: passwords?.auth.reach,
    finishers: [
      ...(settings.secure ? [secure] : []),
      ...(shared ? [shared.finisher] : []),
      ...(passwords ? [passwords.auth.finisher] : []),
    ],
    rest: () => passwords?.rest(),
  };
}

/** Throws an OptionError for a file that cannot be used. One that several places name is one. */
function openPasswords(
  settings: Settings,
  isRootServed: boolean,
  report: (line: string) => void,
): { readonly auth: Auth; readonly rest: () => void } {
  const checks = new PasswordChecks(report);
  const files: PasswordFile[] = [];
  const users = new Map<string, SignIn>();
  const served = { root: isRootServed ? settings.root : undefined, dotfiles: settings.dotfiles };
  const places = settings.auth.map(({ path, file }) => {
    const known = users.get(resolve(file));
    if (known !== undefined) return placeAt(path, known);
    const read = PasswordFile.read(resolve(file), served, report);
    if (typeof read === 'string') throw new OptionError(`--auth: ${read}`);
    files.push(read);
    const signIn = new SignIn(read, checks);
    users.set(resolve(file), signIn);
    return placeAt(path, signIn);
  });
  const rest = (): void => {
    for (const file of files) file.rest();
    checks.stop();
  };
  return { auth: auth(places), rest };
}

/** The root is followed anew each time: a deployment may flip it. `served` is the folder in it that stands in its stead. */
function placesBelow(
  root: string,
  served: () => readonly string[],
): (file: StoredFile) => readonly string[] | undefined {
  return ({ location }) => {
    const names = relative(realpathSync.native(resolve(root)), location).split(sep);
    if (names[0] === '..' || isAbsolute(names.join(sep))) return undefined;
    const folder = served();
    return folder.every((name, index) => name === names[index]) ? names.slice(folder.length) : names;
  };
}

function placeAt(path: string, users: SignIn): GuardedPlace {
  return { segments: path.split('/').filter(name => name !== ''), users };
}

/** Whose request it is, where there are proxies that may say. */
function trustedOrigin({ trustProxy }: Settings): Service['clientOf'] {
  if (trustProxy === undefined) return undefined;
  const isTrusted = inRanges(trustProxy);
  return (head, peer) => originOf(head.fields, peer, isTrusted);
}

/** The folder behind a cache that a watcher keeps true, unless every answer is to ask the disk. */
function openFolder(
  settings: Settings,
  limits: Limits,
  report: (line: string) => void,
): { readonly store: Store; readonly rest: () => Promise<void> } {
  const keptDescriptorsMax = Math.min(Math.floor(limits.openFilesMax / 4), keptDescriptorsCap);
  const folder = diskStore({ ...settings, ...limits, keptDescriptorsMax });
  const { revalidateMs } = settings;
  if (revalidateMs === 0) return { store: folder, rest: () => folder.rest() };
  const watch = new FolderWatch({ root: resolve(settings.root), report });
  const store = cachedStore(folder, { ...limits, revalidateMs, now: Date.now, elapsed, watch });
  const rest = async (): Promise<void> => {
    watch.close();
    await folder.rest();
  };
  return { store, rest };
}

/** The most descriptors that are kept open for nobody; a quarter of the files that may be open if that is less. */
const keptDescriptorsCap = 256;

function openCacheFolder(
  { cacheDir, root, limits }: Settings,
  isRootServed: boolean,
  report: (line: string) => void,
): CodedFiles | undefined {
  if (cacheDir === undefined) return undefined;
  const judged = judgeCacheFolder(cacheDir, isRootServed ? root : undefined);
  if (judged.kind === 'fault')
    throw new OptionError(`cache folder ${JSON.stringify(cacheDir)} ${judged.why}`);
  return new CodedFiles({ folder: judged.path, bytesMax: limits.cacheDirBytesMax, report });
}

function elapsed(): number {
  return performance.now();
}

interface Log {
  readonly observers: readonly Observer[];
  readonly flush: () => Promise<void>;
}

function openLog(format: LogFormat, report: (line: string) => void): Log {
  if (format === 'off') return { observers: [], flush: async () => {} };
  const sink = new LineSink(openForLines(1), report, { encoding: 'latin1' });
  const options = {
    utcOffsetMinutes: (atMs: number) => -new Date(atMs).getTimezoneOffset(),
    isColoured: process.stdout.isTTY && process.stdout.hasColors(),
  };
  const logged = accessLog(format, options, line => sink.write(line));
  // NCSA's format has no place for a reason.
  const observers = format === 'combined' ? [logged, reportDenials(report)] : [logged];
  return { observers, flush: () => sink.flush() };
}
