/**
 * What a server is composed of: settings and what its owner gives go in, a service comes out. Every feature, store and
 * effect that an option chooses is chosen here and in `compose/`, and nowhere else; `index.ts` starts and stops what is
 * made. What belongs to a site is put together in `compose/site.ts`.
 */
import { trustedOrigin } from './compose/access.ts';
import { openLog } from './compose/log.ts';
import { type OpenSecured, securing } from './compose/secured.ts';
import { foldersOf, type GivenSite, type OpenedSite, openSite, type SiteMeans } from './compose/site.ts';
import { openCacheFolder, sharingFor, withholding } from './compose/stores.ts';
import { openTracing, type Watching } from './compose/trace.ts';
import type { HostSite } from './config/host-sites.ts';
import { segmentsOf } from './config/mount-values.ts';
import type { Settings } from './config/options.ts';
import type { Observer } from './features/feature.ts';
import { SeenHeads } from './h1/seen-heads.ts';
import { choiceByHost } from './http/host-names.ts';
import { readThrottleRule } from './rules/throttle.ts';
import { Background } from './server/background.ts';
import { handlerByHost } from './server/by-host.ts';
import { systemClock } from './server/clock.ts';
import { Coder } from './server/coding.ts';
import { ContentHashes } from './server/content-hashes.ts';
import { withinDescriptors } from './server/descriptors.ts';
import { createHandler, type Handler } from './server/handler.ts';
import { PasswordChecks } from './server/password-checks.ts';
import { ReadBuffers } from './server/read-buffers.ts';
import { Recall } from './server/recall.ts';
import { openReports } from './server/reports.ts';
import type { Service } from './server/service.ts';
import { Streams } from './server/streams.ts';
import { Throttle } from './server/throttle.ts';
import { openingStore } from './store/mounted.ts';

/** What the owner of a server gives beside its settings. */
export interface Given extends GivenSite {
  /** Sites of their own for some hosts. */
  readonly hosts?: readonly HostSite[];
  readonly observers: readonly Observer[];
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
  /** Opens what secures connections; undefined: they are not. Rejects with an OptionError. */
  readonly openSecured: OpenSecured | undefined;
}

/**
 * Composes a service. Throws an OptionError for a cache folder, an Error for a root, that cannot be used.
 * Without hosts of its own it is one site; with them each has its own, and what they share is bounded once.
 */
export function compose(settings: Settings, given: Given): Composition {
  const limits = withinDescriptors(settings.limits);
  const reports = openReports(given.onReport);
  const { report } = reports;
  const watch = given.watch ?? openTracing(settings);
  const clock = systemClock();
  const background = new Background(report);
  const hosts = given.hosts ?? [];
  const ofHosts = hosts.map(host => host.settings);
  const folders = [
    ...foldersOf(settings, given.store),
    ...ofHosts.flatMap(host => foldersOf(host, undefined)),
  ];
  const opened: OpenedSite[] = [];
  const store = openingStore(opened);
  const streams = new Streams(limits.streamBytesMax);
  const passwordChecks = new PasswordChecks(report);
  const servedRoots = [...(given.store ? [] : [settings]), ...ofHosts].map(({ root }) => root);
  const { withheld, lookAgain } = withholding([settings, ...ofHosts], servedRoots);
  const means: SiteMeans = {
    limits,
    clock,
    sharing: sharingFor(limits, folders.length),
    sites: 1 + hosts.length,
    folders,
    withheld,
    hosts: hosts.flatMap(({ names }) => names),
    passwordChecks,
    streams,
    hashes: new ContentHashes({ store, background, limits, now: clock.now }),
    report,
    tell: watch?.ruled,
  };
  const site = openSite(settings, given, means);
  const others = hosts.map(host => ({ names: host.names, site: openHost(host, given, means) }));
  opened.push(...others.map(other => other.site), site);
  const handlerOf = ({ parts }: OpenedSite): Handler => (watch?.handler ?? createHandler)(parts);
  const handler = handlerByHost(
    handlerOf(site),
    others.map(({ names, site }) => ({ names, handler: handlerOf(site) })),
  );
  const log = openLog(settings.log, report);
  const service: Service = {
    handler,
    store: hosts.length === 0 ? site.store : store,
    limits,
    clock,
    coder: new Coder({
      limits,
      now: clock.now,
      background,
      files: openCacheFolder(settings, folders, report),
    }),
    streams,
    buffers: new ReadBuffers(),
    clientOf: trustedOrigin(settings),
    ...pacing(settings, hosts, handler, limits.cacheBytesMax),
    seenHeads: new SeenHeads(),
    observers: [...log.observers, ...given.observers],
    report,
    ...(settings.dev && { endStreams: () => endStreams(opened) }),
  };
  const rest = async (): Promise<void> => {
    for (const sink of [log, reports]) await sink.flush();
    background.stop();
    passwordChecks.stop();
    for (const one of opened) await one.rest();
  };
  const ready = async (): Promise<void> => {
    for (const one of opened) await one.ready();
  };
  const reloadPages = (): void => {
    for (const { live } of opened) live?.events.tell(['/']);
  };
  return { service, ready, rest, reloadPages, openSecured: securing(settings, report, lookAgain) };
}

/** What it reports names it. */
function openHost({ names, settings, rules }: HostSite, given: Given, means: SiteMeans): OpenedSite {
  const report = (line: string): void => means.report(`${names[0]}: ${line}`);
  return openSite(settings, { ...given, store: undefined, rules }, { ...means, report });
}

/** What is remembered leaves at once: nothing is where answers are to be slow. */
function pacing(
  { base, throttle }: Settings,
  hosts: readonly HostSite[],
  { reads, readsHost }: Handler,
  cacheBytesMax: number,
): Pick<Service, 'recall' | 'throttle'> {
  // They were read once before, with the options.
  const rules = throttle.flatMap(text => {
    const rule = readThrottleRule(text);
    return 'kind' in rule ? [] : [rule];
  });
  if (rules.length > 0) {
    const top = segmentsOf(base);
    const ofHost = choiceByHost(hosts.map(({ names, settings }) => [names, segmentsOf(settings.base)]));
    const baseOf = (authority: string | undefined): readonly string[] => ofHost(authority) ?? top;
    return { throttle: new Throttle(rules, process.platform === 'win32', baseOf) };
  }
  return { recall: reads && new Recall(reads, cacheBytesMax, readsHost) };
}

function endStreams(sites: readonly OpenedSite[]): void {
  for (const { live } of sites) live?.events.end();
}
