import { crc32 } from 'node:zlib';
import { configNames } from '../config/find.ts';
import { type PlacedFolder, placedFolders, segmentsOf } from '../config/mount-values.ts';
import { OptionError, type Settings } from '../config/options.ts';
import { isSecured } from '../config/tls-options.ts';
import { development } from '../features/development.ts';
import type { Finisher, Gate, Rewrite } from '../features/feature.ts';
import { identity } from '../features/identity.ts';
import { liveReload, liveScriptAt } from '../features/live-reload.ts';
import { methods } from '../features/methods.ts';
import { serveOwnFiles } from '../features/own-files.ts';
import { pageFiles } from '../features/page-files.ts';
import { contentPolicy } from '../features/secure.ts';
import type { Limits } from '../http/limits.ts';
import type { StoredFile } from '../http/message.ts';
import { formatPath } from '../http/target.ts';
import { rulesBelow } from '../rules/base.ts';
import { readCacheRule } from '../rules/cache.ts';
import { noRules, type RuleSet } from '../rules/rules.ts';
import { pageForNavigations } from '../rules/spa.ts';
import type { Clock } from '../server/clock.ts';
import type { ContentHashes } from '../server/content-hashes.ts';
import type { HandlerParts } from '../server/handler.ts';
import type { PageEditor } from '../server/page-editor.ts';
import { ruleFileNames, SiteRules } from '../server/site-rules.ts';
import type { Streams } from '../server/streams.ts';
import { knownCodings } from '../server/zlib-codings.ts';
import type { Codings, Variants } from '../site/site.ts';
import { editedStore } from '../store/edited.ts';
import { mountedStore } from '../store/mounted.ts';
import { servedStore } from '../store/served.ts';
import type { Store } from '../store/store.ts';
import { type Access, type AccessMeans, openAccess, placesIn, toldIn } from './access.ts';
import { listingMeans, ownFiles } from './listings.ts';
import { type Live, openLive, openPages } from './live.ts';
import { elapsed, type FolderMeans, type OpenedFolders, openFolders, type Sharing } from './stores.ts';

/** What the owner of a site gives beside its settings. */
export interface GivenSite {
  /** Served in place of the folder. */
  readonly store: Store | undefined;
  readonly gates: readonly Gate[];
  readonly rewrites: readonly Rewrite[];
  readonly finishers: readonly Finisher[];
  readonly rules: RuleSet;
}

/** What all sites of a server are made with. */
export interface SiteMeans extends AccessMeans {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly sharing: Sharing;
  /** How many sites there are. */
  readonly sites: number;
  /** Files that are never served, wherever they lie. */
  readonly withheld: ReadonlySet<string>;
  /** Bounds what archives hold in memory. */
  readonly streams: Streams;
  readonly hashes: ContentHashes;
}

/** A site, ready to be asked. */
export interface OpenedSite {
  readonly parts: HandlerParts;
  /** Opens what the site has found. */
  readonly store: Store;
  /** Whether a file seems to be one of its own. */
  readonly holds: (file: StoredFile) => boolean;
  readonly live: Live | undefined;
  /** Reads what has to be known before the first request. */
  readonly ready: () => Promise<void>;
  readonly rest: () => Promise<void>;
}

/** The folders that a site is made from; none where its files are given in another way. */
export function foldersOf(settings: Settings, store: Store | undefined): readonly PlacedFolder[] {
  return store === undefined ? placedFolders(settings) : [];
}

/** Opens a site. Throws an OptionError for settings, an Error for a folder, that cannot be used. */
export function openSite(settings: Settings, given: GivenSite, means: SiteMeans): OpenedSite {
  const { limits, clock, report } = means;
  const cacheBytesMax = Math.floor(limits.cacheBytesMax / means.sites);
  const base = segmentsOf(settings.base);
  const access = openAccess(settings, rulesBelow(given.rules, base), means);
  const own = foldersOf(settings, given.store);
  const served = (): readonly string[] => rules.folder;
  const placesOf = placesIn(own, served);
  const live = settings.dev
    ? openLive(
        settings,
        () => given.rewrites.length > 0 || rules.rewritesFiles,
        access.publicPathOf && toldIn(own, { served, placesOf, publicPathOf: access.publicPathOf }),
      )
    : undefined;
  const folders = openAll(settings, given, { ...means, served }, live);
  const rules = new SiteRules({
    store: folders.root.store,
    ...ownRules(settings, given.rules),
    base,
    dialect: settings.dialect,
    windows: process.platform === 'win32',
    now: clock.now,
    elapsed,
    report,
    tell: means.tell,
  });
  const whole = servedWhole(folders, rules);
  const pages = openPages(settings, live, access.hasPolicy !== undefined);
  const store =
    pages === undefined ? whole : editedStore(whole, { ...pages, cacheBytesMax, now: clock.now, report });
  const parts = partsOf({
    settings,
    given,
    limits,
    base,
    store,
    live,
    pages,
    access,
    placesOf,
    rules,
    means,
  });
  return {
    parts,
    store,
    holds: file => [folders.root, ...folders.others].some(mount => mount.holds(file)),
    live,
    ready: async () => {
      await access.ready();
      await rules.renew();
    },
    rest: async () => {
      live?.rest();
      access.rest();
      await folders.rest();
    },
  };
}

function openAll(
  settings: Settings,
  given: GivenSite,
  { limits, report, sharing, withheld, served }: SiteMeans & Pick<FolderMeans, 'served'>,
  live: Live | undefined,
): OpenedFolders {
  const [root, ...others] = placedFolders(settings);
  if (given.store === undefined)
    return openFolders(settings, [root, ...others], {
      limits,
      report,
      changes: live?.changes,
      served,
      sharing,
      withheld,
    });
  if (others.length > 0) throw new OptionError('option mounts: found a store as well, wanted one of them');
  return { root: { ...root, store: given.store, holds: () => true }, others: [], rest: async () => {} };
}

/** All that is served, without the files that hold rules. A site of one folder costs nothing more. */
function servedWhole({ root, others }: OpenedFolders, rules: SiteRules): Store {
  const served = (store: Store, folder: () => readonly string[]): Store =>
    servedStore(store, {
      folder,
      reserved: [...ruleFileNames, ...configNames],
      isListed: name => rules.isListed(name),
    });
  const home = served(root.store, () => rules.folder);
  if (others.length === 0 && root.at.length === 0) return home;
  return mountedStore(
    { ...root, store: home },
    others.map(mount => ({ ...mount, store: served(mount.store, () => []) })),
  );
}

interface Parts {
  readonly settings: Settings;
  readonly given: GivenSite;
  readonly limits: Limits;
  readonly base: readonly string[];
  readonly store: Store;
  readonly live: Live | undefined;
  readonly pages: PageEditor | undefined;
  readonly access: Access;
  readonly placesOf: NonNullable<HandlerParts['placesOf']>;
  readonly rules: SiteRules;
  readonly means: SiteMeans;
}

/** The gates and finishers stand in the order in which they apply. */
function partsOf(made: Parts): HandlerParts {
  const { settings, given, limits, base, store, live, pages, access, placesOf, rules, means } = made;
  const { clock, hashes } = means;
  return {
    rules,
    guards: access.guards,
    ...(access.reach && { reach: access.reach }),
    ...(access.shows && { shows: access.shows }),
    ...(given.rules.secure.length > 0 && access.hasPolicy && { hasPolicy: access.hasPolicy }),
    ...(given.store === undefined && { placesOf }),
    site: {
      store,
      ...(base.length > 0 && { base }),
      indexNames: ['index.html', 'index.htm'],
      cleanUrls: settings.cleanUrls,
      listing: settings.listing,
      variants: variantsOf(settings),
      codings: codingsOf(settings, limits),
      ...(access.hasPolicy && { policyOf: contentPolicy }),
      ...(live && { hints: { script: formatPath(liveScriptAt(base), false) } }),
      hashOf: (file: StoredFile, looks) => hashes.of(file, looks),
      ...listingMeans,
    },
    archives: { crc32, entriesMax: limits.archiveEntriesMax, room: means.streams },
    gates: [
      methods,
      ...(live === undefined ? [] : [liveReload(live.source, base)]),
      ...(pages === undefined ? [] : [pageFiles(pages.files, base)]),
      ...given.gates,
      serveOwnFiles(ownFiles),
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
    secure: isSecured(settings),
    windows: process.platform === 'win32',
    now: clock.now,
  };
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
