// Files that change while they are served, each in a way of its own.
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../random.ts';
import type { TortureSite } from './site.ts';
import { stampBytes, type Version, versionBytes } from './version.ts';
import { sleep, type World } from './world.ts';

/** What a client may meet at a target whose file changes. */
export interface ChangingFile {
  readonly target: string;
  /**
   * 'whole': every state is one version; 'beginning': the file is written in place, so that the beginning of a version
   * may be met, and an answer under way may be torn.
   */
  readonly states: 'whole' | 'beginning';
  readonly mayBeAbsent: boolean;
}

/** The targets. */
export const changingFiles: readonly ChangingFile[] = [
  { target: '/changing/replaced.bin', states: 'whole', mayBeAbsent: false },
  { target: '/changing/rewritten.bin', states: 'beginning', mayBeAbsent: false },
  { target: '/changing/truncated.bin', states: 'beginning', mayBeAbsent: false },
  { target: '/changing/extended.bin', states: 'beginning', mayBeAbsent: false },
  { target: '/changing/deleted.bin', states: 'whole', mayBeAbsent: true },
  { target: '/changing/flipped.bin', states: 'whole', mayBeAbsent: false },
  { target: '/changing/swapped/file.bin', states: 'whole', mayBeAbsent: true },
  { target: '/changing/current/file.bin', states: 'whole', mayBeAbsent: false },
];

/**
 * Two versions of a file are at least so far apart, several ticks of a kernel's clock: of two that have the same
 * length and the same time nobody could tell the one from the other.
 */
const versionIntervalMs = 40;

/** Makes every changing file once, then changes them in turn until the world is over. */
export async function changeFiles(world: World, site: TortureSite): Promise<void> {
  const changers = makeChangers(site, world.random);
  const changedAtMs = new Map<() => void, number>();
  while (!world.isOver()) {
    const change = world.random.pick(changers);
    const now = performance.now();
    if (now - (changedAtMs.get(change) ?? 0) > versionIntervalMs) {
      change();
      changedAtMs.set(change, performance.now());
      world.counts.changes++;
    }
    await sleep(world.random.around(1, 15));
  }
}

/** One function for each changing file, each having been called once. */
function makeChangers(site: TortureSite, random: Random): readonly (() => void)[] {
  let version = 0;
  const next = (): Version => ({ version: ++version, length: lengthOf(random) });
  const changers = [
    replaced(site, next),
    rewritten(site, next),
    truncated(site, next),
    extended(site, next),
    deleted(site, next),
    flipped(site, next),
    swapped(site, next),
    released(site, next),
  ];
  for (const change of changers) change();
  return changers;
}

type Maker = (site: TortureSite, next: () => Version) => () => void;

/**
 * Small ones are sent from memory, large ones piece by piece; the largest fit in no socket's buffers, so that they
 * change while they are sent to a reader that takes its time.
 */
function lengthOf(random: Random): number {
  if (random.chance(0.5)) return 2 * stampBytes + random.below(60_000);
  return random.chance(0.9) ? 64 * 1024 + random.below(1024 * 1024) : 5_000_000 + random.below(3_000_000);
}

/** Written aside and renamed into place: nobody meets half of it. */
function put({ root, workshop }: TortureSite, path: string, version: Version): void {
  const aside = join(workshop, 'aside');
  writeFileSync(aside, versionBytes(version));
  renameSync(aside, join(root, 'changing', path));
}

const replaced: Maker = (site, next) => () => put(site, 'replaced.bin', next());

/**
 * Emptied and written again. Written over without being emptied, a file shows mixed states that have one size and one
 * time, and no server could tell them from versions.
 */
const rewritten: Maker =
  ({ root }, next) =>
  () =>
    writeFileSync(join(root, 'changing', 'rewritten.bin'), versionBytes(next()));

const truncated: Maker = (site, next) => {
  let length = 0;
  return () => {
    if (length === 0) {
      const version = next();
      put(site, 'truncated.bin', version);
      length = version.length;
      return;
    }
    const fd = openSync(join(site.root, 'changing', 'truncated.bin'), 'r+');
    ftruncateSync(fd, Math.max(stampBytes, Math.floor(length / 2)));
    closeSync(fd);
    length = 0;
  };
};

const extended: Maker = (site, next) => {
  let bytes: Buffer = Buffer.alloc(0);
  let written = 0;
  return () => {
    const path = join(site.root, 'changing', 'extended.bin');
    if (written === bytes.length) {
      bytes = versionBytes(next());
      written = Math.min(bytes.length, 1000);
      const aside = join(site.workshop, 'growing');
      writeFileSync(aside, bytes.subarray(0, written));
      renameSync(aside, path);
      return;
    }
    const fd = openSync(path, 'a');
    written += writeSync(
      fd,
      bytes,
      written,
      Math.min(bytes.length - written, Math.max(100_000, bytes.length >> 3)),
    );
    closeSync(fd);
  };
};

const deleted: Maker = (site, next) => () => {
  const path = join(site.root, 'changing', 'deleted.bin');
  if (existsSync(path)) unlinkSync(path);
  else put(site, 'deleted.bin', next());
};

/** A link that leads to one of two files in turn. */
const flipped: Maker = (site, next) => {
  let side = 0;
  return () => {
    side = 1 - side;
    put(site, `side-${side}.bin`, next());
    link(site, `side-${side}.bin`, 'flipped.bin');
  };
};

/** A folder that is moved away before another takes its place. */
const swapped: Maker = (site, next) => {
  const path = join(site.root, 'changing', 'swapped');
  const [fresh, old] = [join(site.workshop, 'fresh'), join(site.workshop, 'old')];
  return () => {
    mkdirSync(fresh);
    writeFileSync(join(fresh, 'file.bin'), versionBytes(next()));
    if (existsSync(path)) renameSync(path, old);
    renameSync(fresh, path);
    rmSync(old, { recursive: true, force: true });
  };
};

/** A link to the folder of a release, as deployments flip it; the last but one release goes. */
const released: Maker = (site, next) => {
  let release = 0;
  return () => {
    release++;
    mkdirSync(join(site.root, 'changing', 'releases', String(release)));
    put(site, `releases/${release}/file.bin`, next());
    link(site, `releases/${release}`, 'current');
    rmSync(join(site.root, 'changing', 'releases', String(release - 2)), { recursive: true, force: true });
  };
};

function link({ root, workshop }: TortureSite, to: string, name: string): void {
  const aside = join(workshop, 'link');
  symlinkSync(to, aside);
  renameSync(aside, join(root, 'changing', name));
}
