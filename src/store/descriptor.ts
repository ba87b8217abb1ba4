import { type BigIntStats, constants, existsSync } from 'node:fs';
import type { KeptDescriptors } from './kept-descriptors.ts';
import type { Slots } from './slots.ts';
import type { OpenFailure, OpenFile, Soon } from './store.ts';
import { openFailureOf, procLinkTarget, type System, type SystemFailure } from './system.ts';

/** Which open file of which device: equal for two names of one file. */
export function identityOf(status: BigIntStats): string {
  return `${status.dev}:${status.ino}`;
}

/** What descriptors are opened with. */
export interface Holding {
  readonly system: System;
  readonly slots: Slots;
  /** What can be done without when descriptors run short. */
  readonly kept: KeptDescriptors;
}

/** Where Linux shows this process's descriptors, each as a link to what is open; undefined where nothing does. */
export const descriptorFolder: string | undefined =
  process.platform === 'linux' && isThere('/proc/self/fd') ? '/proc/self/fd' : undefined;

function isThere(path: string): boolean {
  try {
    return existsSync(path);
  } catch {
    // Deno throws for what it was not allowed to see.
    return false;
  }
}

/**
 * Opens a path without links for reading, within the slots. No link is followed, no writer of a FIFO waited for,
 * no terminal taken. macOS has a flag that refuses links in every part of the path (O_NOFOLLOW_ANY in its
 * sys/fcntl.h); elsewhere `pathOf` finds out afterwards.
 */
export async function hold(
  path: string,
  holding: Holding,
  kind: 'file' | 'folder',
): Promise<Descriptor | OpenFailure> {
  const { system, slots, kept } = holding;
  if (slots.isFull) await kept.giveUpOne();
  if (!(slots.takeNow() || (await slots.take()))) return 'busy';
  const flags = kind === 'file' ? openFlags : openFlags | constants.O_DIRECTORY;
  let fd = await system.openDescriptor(path, flags);
  if (fd instanceof Error && isShortage(fd) && kept.size > 0) {
    // The process has fewer descriptors than we were told.
    await kept.giveUpAll();
    fd = await system.openDescriptor(path, flags);
  }
  if (fd instanceof Error) {
    slots.give();
    return openFailureOf(fd);
  }
  return new Descriptor(fd, holding);
}

function isShortage({ code }: SystemFailure): boolean {
  return code === 'EMFILE' || code === 'ENFILE';
}

/** How files are opened: for reading, without following a link, waiting for a writer or taking a terminal. */
export const openFlags: number =
  constants.O_RDONLY |
  (constants.O_NONBLOCK ?? 0) |
  (constants.O_NOCTTY ?? 0) |
  (process.platform === 'darwin' ? 0x2000_0000 : (constants.O_NOFOLLOW ?? 0));

/** An open descriptor that holds a slot. Calls under way keep it from being closed, so its number is never reused beneath them. */
export class Descriptor {
  readonly system: System;
  readonly #fd: number;
  readonly #slots: Slots;
  #callsUnderWay = 0;
  #closed: Promise<void> | undefined;
  #state: 'open' | 'closing' | 'closed' = 'open';

  constructor(fd: number, { system, slots }: Holding) {
    this.system = system;
    this.#fd = fd;
    this.#slots = slots;
  }

  /** Whether a call is under way, or it is being closed. */
  get isBusy(): boolean {
    return this.#callsUnderWay > 0 || this.#state !== 'open';
  }

  /** Makes a call on the descriptor, which must not throw; undefined once `close` was called. */
  use<T>(call: (fd: number) => Soon<T>): Soon<T> | undefined {
    if (this.#state !== 'open') return undefined;
    this.#callsUnderWay += 1;
    const outcome = call(this.#fd);
    if (outcome instanceof Promise) return outcome.finally(() => this.#leave());
    this.#leave();
    return outcome;
  }

  /** Gives descriptor and slot back as soon as no call is under way. */
  close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#closeIfIdle();
  }

  /** Closes it and resolves when the system has it back; not for one on which calls are under way. */
  async closeNow(): Promise<void> {
    this.close();
    await this.#closed;
  }

  #leave(): void {
    this.#callsUnderWay -= 1;
    this.#closeIfIdle();
  }

  #closeIfIdle(): void {
    if (this.#state !== 'closing' || this.#callsUnderWay > 0) return;
    this.#state = 'closed';
    const closed = this.system.closeDescriptor(this.#fd);
    if (closed instanceof Promise) this.#closed = closed.then(() => this.#slots.give());
    else this.#slots.give();
  }
}

/**
 * Where an open descriptor is now, as a path without links. Where the system does not tell (all but Linux), the
 * expected path is looked at again instead: it must still lead to the same file without a link. There, two swaps
 * between three calls could deceive us; macOS is covered by its flag, and on Windows only administrators make links.
 */
export async function pathOf(fd: number, expected: string, system: System): Promise<string | SystemFailure> {
  if (descriptorFolder !== undefined) return procLinkTarget(`${descriptorFolder}/${fd}`);
  const [real, named, open] = await Promise.all([
    system.realPath(expected),
    system.linkStatus(expected),
    system.descriptorStatus(fd),
  ]);
  if (real instanceof Error) return real;
  if (named instanceof Error) return named;
  if (open instanceof Error) return open;
  return identityOf(named) === identityOf(open) ? real : `${real} (replaced)`;
}

/** A file of the disk, held open. */
export class DiskFile implements OpenFile {
  readonly #descriptor: Descriptor;
  readonly #opened: BigIntStats;
  readonly #release: () => void;
  #isClosed = false;

  /** `opened` is the status under which the file was opened, `release` takes the descriptor back. */
  constructor(descriptor: Descriptor, opened: BigIntStats, release: () => void) {
    this.#descriptor = descriptor;
    this.#opened = opened;
    this.#release = release;
  }

  read(buffer: Uint8Array, length: number, position: number): Soon<number> {
    const read = this.#isClosed
      ? undefined
      : this.#descriptor.use(fd => readFully(fd, buffer, { length, position }, this.#descriptor.system));
    return read ?? Promise.reject(new Error('read of a closed file'));
  }

  async isUnchanged(): Promise<boolean> {
    if (this.#isClosed) return false;
    const status = await this.#descriptor.use(fd => this.#descriptor.system.descriptorStatus(fd));
    if (status === undefined || status instanceof Error) return false;
    return status.size === this.#opened.size && status.mtimeNs === this.#opened.mtimeNs;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#release();
  }
}

interface Stretch {
  readonly length: number;
  readonly position: number;
}

/** A read that gives all at once is the usual one: nothing is made that could wait for it. */
function readFully(fd: number, buffer: Uint8Array, stretch: Stretch, system: System): Soon<number> {
  const read = system.readDescriptor(fd, buffer, 0, stretch.length, stretch.position);
  return read === stretch.length ? read : readOn(read, fd, buffer, stretch, system);
}

/** A read may give less than is there (a signal, a network disk); only 0 is the end. */
async function readOn(
  first: Soon<number | SystemFailure>,
  fd: number,
  buffer: Uint8Array,
  { length, position }: Stretch,
  system: System,
): Promise<number> {
  let read = await first;
  for (let done = 0; ; read = await system.readDescriptor(fd, buffer, done, length - done, position + done)) {
    if (read instanceof Error) throw read;
    done += read;
    if (read === 0 || done === length) return done;
  }
}
