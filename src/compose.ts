/**
 * What a server is composed of: settings and what its owner gives go in, a service comes out. Every feature, store and
 * effect that an option chooses is chosen here, and nowhere else; `index.ts` starts and stops what is made.
 */
import { resolve } from 'node:path';
import { type LogFormat, OptionError, type Settings } from './config/options.ts';
import { accessLog } from './features/access-log.ts';
import { reportDenials } from './features/denials.ts';
import type { Finisher, Gate, Observer, Rewrite } from './features/feature.ts';
import { identity } from './features/identity.ts';
import { methods } from './features/methods.ts';
import { SeenHeads } from './h1/seen-heads.ts';
import type { Limits } from './http/limits.ts';
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
import { ReadBuffers } from './server/read-buffers.ts';
import { Recall } from './server/recall.ts';
import { openReports } from './server/reports.ts';
import { knownCodings } from './server/zlib-codings.ts';
import { cachedStore } from './store/cache.ts';
import { diskStore } from './store/disk.ts';
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
  /** Puts what watches a decision around everything that takes part in it. */
  readonly watch?: (parts: HandlerParts) => HandlerParts;
}

/** A service, and how it gives back what it holds while nobody uses it. */
export interface Composition {
  readonly service: Service;
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
  const parts: HandlerParts = {
    site: {
      store,
      indexNames: ['index.html', 'index.htm'],
      cleanUrls: settings.cleanUrls,
      listing: settings.listing,
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
    finishers: [identity, ...given.finishers],
    windows: process.platform === 'win32',
    now: clock.now,
  };
  const handler = createHandler(given.watch?.(parts) ?? parts);
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
    recall: handler.reads === undefined ? undefined : new Recall(handler.reads, limits.cacheBytesMax),
    seenHeads: new SeenHeads(),
    observers: [...log.observers, ...given.observers],
    report,
  };
  const rest = async (): Promise<void> => {
    for (const sink of [log, reports]) await sink.flush();
    background.stop();
    await restStore();
  };
  return { service, rest };
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
