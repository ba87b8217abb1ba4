// The system calls of the disk store, failing at the n-th: `store/system.ts` makes them all through node:fs.
import fs from 'node:fs';
import { type Countdown, systemFailure } from './countdown.ts';

/**
 * The calls, each of which is made at once or through the thread pool. Close never fails: nothing could be done
 * about it.
 */
const allCalls = ['lstat', 'fstat', 'readlink', 'opendir', 'open', 'read', 'realpath'] as const;
const pathCalls = ['lstat', 'readlink', 'opendir', 'open', 'realpath'] as const;

/** An error of the system, and how a request that meets it may be answered when the right answer is not had. */
export interface SystemFault {
  readonly code: string;
  /** The calls that may fail so. */
  readonly calls: readonly (typeof allCalls)[number][];
  readonly refusals: readonly number[];
  /** Whether a folder may be listed without the members that could not be looked at. */
  readonly hidesMembers: boolean;
}

/** Errors of which each is another sort for the store. What is there is not called absent for want of means to look. */
export const systemFaults: readonly SystemFault[] = [
  { code: 'EIO', calls: allCalls, refusals: [404, 500], hidesMembers: true },
  { code: 'ENOMEM', calls: allCalls, refusals: [500, 503], hidesMembers: false },
  { code: 'EMFILE', calls: ['opendir', 'open'], refusals: [503], hidesMembers: false },
  { code: 'ENOENT', calls: pathCalls, refusals: [404, 503], hidesMembers: true },
  { code: 'EACCES', calls: pathCalls, refusals: [404], hidesMembers: true },
  { code: 'ELOOP', calls: pathCalls, refusals: [404, 503], hidesMembers: true },
];

type Callback = (error: NodeJS.ErrnoException) => void;
type Call = (...args: unknown[]) => unknown;

/** Replaces the calls that may fail so; call what it answers to put them back. */
export function breakSystem({ code, calls }: SystemFault, countdown: Countdown): () => void {
  const restores = calls.flatMap(name => [
    breakCall(name, callback => setImmediate(callback, systemFailure(code, name))),
    breakCall(`${name}Sync`, () => {
      throw systemFailure(code, name);
    }),
  ]);
  return () => {
    for (const restore of restores) restore();
  };

  function breakCall(name: string, fail: (callback: Callback) => unknown): () => void {
    const isRealPath = name.startsWith('realpath');
    const room = fs as unknown as Record<string, Call>;
    const holder = (isRealPath ? room[name] : room) as unknown as Record<string, Call>;
    const member = isRealPath ? 'native' : name;
    const original = holder[member];
    if (original === undefined) throw new Error(`node:fs has no ${name}`);
    holder[member] = (...args) =>
      countdown.strikesNow() ? fail(args.at(-1) as Callback) : original.apply(holder, args);
    return () => {
      holder[member] = original;
    };
  }
}
