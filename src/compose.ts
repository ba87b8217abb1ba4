/**
 * What a server is composed of: settings and what its owner gives go in, a service comes out. Every feature, store and
 * effect that an option chooses is chosen here and in `compose/`, and nowhere else; `index.ts` starts and stops what is
 * made.
 */
import { crc32 } from 'node:zlib';
import { type Access, openAccess, placesBelow, trustedOrigin } from './compose/access.ts';
import { listingMeans, ownFiles } from './compose/listings.ts';
import { type Live, openLive, openPages } from './compose/live.ts';
import { openLog } from './compose/log.ts';
import { elapsed, openCacheFolder, openFolder } from './compose/stores.ts';
import { openTracing, type Watching } from './compose/trace.ts';
import { configNames } from './config/find.ts';
import type { Settings } from './config/options.ts';
import { development } from './features/development.ts';
import type { Finisher, Gate, Observer, Rewrite } from './features/feature.ts';
import { identity } from './features/identity.ts';
import { liveReload, liveScriptPath } from './features/live-reload.ts';
import { methods } from './features/methods.ts';
import { serveOwnFiles } from './features/own-files.ts';
import { pageFiles } from './features/page-files.ts';
import { contentPolicy } from './features/secure.ts';
import { SeenHeads } from './h1/seen-heads.ts';
import type { Limits } from './http/limits.ts';
import { readCacheRule } from './rules/cache.ts';
import { noRules, type RuleSet } from './rules/rules.ts';
import { pageForNavigations } from './rules/spa.ts';
import { readThrottleRule } from './rules/throttle.ts';
import { Background } from './server/background.ts';
import { systemClock } from './server/clock.ts';
import { Coder } from './server/coding.ts';
import { ContentHashes } from './server/content-hashes.ts';
import { withinDescriptors } from './server/descriptors.ts';
import { createHandler, type HandlerParts } from './server/handler.ts';
import type { PageEditor } from './server/page-editor.ts';
import { ReadBuffers } from './server/read-buffers.ts';
import { Recall } from './server/recall.ts';
import { openReports } from './server/reports.ts';
import type { Service } from './server/service.ts';
import { ruleFileNames, SiteRules } from './server/site-rules.ts';
import { Streams } from './server/streams.ts';
import { Throttle } from './server/throttle.ts';
import { knownCodings } from './server/zlib-codings.ts';
import type { Codings, Variants } from './site/site.ts';
import { editedStore } from './store/edited.ts';
import { servedStore } from './store/served.ts';
import type { Store } from './store/store.ts';

/** What the owner of a server gives beside its settings. */
export interface Given {
  /** Served in place of the folder. */
  readonly store: Store | undefined;
  readonly gates: readonly Gate[];
  readonly rewrites: readonly Rewrite[];
  readonly finishers: readonly Finisher[];
  readonly observers: readonly Observer[];
  readonly rules: RuleSet;
  /** Takes lines for the operator; standard error does by default. */
  readonly onReport: ((line: string) => void) | undefined;
  /** Makes the handler, to watch what it decides; is told of the rules that apply. */
  readonly watch?: Watching;
}

/** A service, and how it gives back what it holds while nobody uses it. */
export interface Composition {
  readonly service: Service;
  /** Reads what has to be known before the first request. */
  readonly ready: () => Promise<void>;
  readonly rest: () => Promise<void>;
  /** Makes the pages that follow their files load themselves again. */
  readonly reloadPages: () => void;
}

/** Composes a service. Throws an OptionError for a cache folder, an Error for a root, that cannot be used. */
export function compose(settings: Settings, given: Given): Composition {
  const limits = withinDescriptors(settings.limits);
  const reports = openReports(given.onReport);
  const { report } = reports;
  const watch = given.watch ?? openTracing(settings);
  const access = openAccess(settings, given.store === undefined, report);
  const live = settings.dev ? openLive(settings, access.publicPathOf) : undefined;
  const { store: plainStore, rest: restStore } =
    given.store === undefined
      ? openFolder(settings, limits, report, live?.changes)
      : { store: given.store, rest: async () => {} };
  const clock = systemClock();
  const pages = openPages(settings, live);
  const store =
    pages === undefined
      ? plainStore
      : editedStore(plainStore, { ...limits, ...pages, now: clock.now, report });
  const background = new Background(report);
  const hashes = new ContentHashes({ store, background, limits, now: clock.now });
  const rules = new SiteRules({
    store: plainStore,
    ...ownRules(settings, given.rules),
    dialect: settings.dialect,
    windows: process.platform === 'win32',
    now: clock.now,
    elapsed,
    report,
    tell: watch?.ruled,
  });
  const streams = new Streams(limits.streamBytesMax);
  const parts = partsOf({
    settings,
    given,
    limits,
    store,
    live,
    pages,
    access,
    rules,
    hashes,
    streams,
    now: clock.now,
  });
  const handler = (watch?.handler ?? createHandler)(parts);
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
    streams,
    buffers: new ReadBuffers(),
    clientOf: trustedOrigin(settings),
    ...pacing(settings, handler.reads, limits),
    seenHeads: new SeenHeads(),
    observers: [...log.observers, ...given.observers],
    report,
    ...(live && { endStreams: () => live.events.end() }),
  };
  const rest = async (): Promise<void> => {
    live?.rest();
    for (const sink of [log, reports]) await sink.flush();
    background.stop();
    access.rest();
    await restStore();
  };
  const ready = async (): Promise<void> => {
    await access.ready();
    await rules.renew();
  };
  return { service, ready, rest, reloadPages: () => live?.events.tell(['/']) };
}

interface Parts {
  readonly settings: Settings;
  readonly given: Given;
  readonly limits: Limits;
  readonly store: Store;
  readonly live: Live | undefined;
  readonly pages: PageEditor | undefined;
  readonly access: Access;
  readonly rules: SiteRules;
  readonly hashes: ContentHashes;
  readonly streams: Streams;
  readonly now: () => number;
}

/** The gates and finishers stand in the order in which they apply. */
function partsOf({
  settings,
  given,
  limits,
  store,
  live,
  pages,
  access,
  rules,
  hashes,
  streams,
  now,
}: Parts): HandlerParts {
  return {
    rules,
    guards: access.guards,
    ...(access.reach && { reach: access.reach }),
    ...(given.store === undefined && { placeOf: placesBelow(settings.root, () => rules.folder) }),
    site: {
      store: servedStore(store, {
        folder: () => rules.folder,
        reserved: [...ruleFileNames, ...configNames],
        isListed: name => rules.isListed(name),
      }),
      indexNames: ['index.html', 'index.htm'],
      cleanUrls: settings.cleanUrls,
      listing: settings.listing,
      variants: variantsOf(settings),
      codings: codingsOf(settings, limits),
      ...(settings.secure && { policyOf: contentPolicy }),
      ...(live && { hints: { script: liveScriptPath } }),
      hashOf: (file, looks) => hashes.of(file, looks),
      ...listingMeans,
    },
    archives: { crc32, entriesMax: limits.archiveEntriesMax, room: streams },
    gates: [
      methods,
      ...(live === undefined ? [] : [liveReload(live.source)]),
      ...(pages === undefined ? [] : [pageFiles(pages.files)]),
      ...given.gates,
      ...(settings.listing ? [serveOwnFiles(ownFiles)] : []),
    ],
    rewrites: given.rewrites,
    finishers: [
      identity,
      ...access.firstFinishers,
      rules.finisher,
      ...given.finishers,
      ...access.finishers,
      ...(live === undefined ? [] : [development(live.nonce)]),
    ],
    windows: process.platform === 'win32',
    now,
  };
}

/** What is remembered leaves at once: nothing is where answers are to be slow. */
function pacing(
  { throttle }: Settings,
  reads: readonly string[] | undefined,
  { cacheBytesMax }: Limits,
): Pick<Service, 'recall' | 'throttle'> {
  // They were read once before, with the options.
  const rules = throttle.flatMap(text => {
    const rule = readThrottleRule(text);
    return 'kind' in rule ? [] : [rule];
  });
  if (rules.length > 0) return { throttle: new Throttle(rules, process.platform === 'win32') };
  return { recall: reads && new Recall(reads, cacheBytesMax) };
}

function variantsOf({ variants, languages }: Settings): Variants | undefined {
  return variants || languages.length > 0 ? { images: variants, languages } : undefined;
}

/**
 * The rules that come with the settings, before and after those of the site. Of routes the first decides, but the page
 * of an application is for what nobody else wanted; of fields the last word counts.
 */
function ownRules(settings: Settings, given: RuleSet): { readonly before: RuleSet; readonly after: RuleSet } {
  const { spa, cache } = settings;
  const routes = [
    ...given.routes.filter(({ isForNavigation }) => isForNavigation),
    ...(spa === undefined ? [] : [pageForNavigations(spa)]),
  ];
  // They were read once before, with the options.
  const fields = cache.flatMap(text => {
    const rule = readCacheRule(text);
    return 'kind' in rule ? [] : [rule];
  });
  const first = given.routes.filter(({ isForNavigation }) => !isForNavigation);
  return {
    before: { ...given, routes: first, fields: [] },
    after: { ...noRules, routes, fields: [...given.fields, ...fields] },
  };
}

function codingsOf({ compress }: Settings, { codedBytesMax }: Limits): Codings {
  const made = compress ? knownCodings : [];
  return { stored: compress, made, madeBytesMax: codedBytesMax, undone: knownCodings };
}
