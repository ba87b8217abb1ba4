import type { Limits } from '../http/limits.ts';

/** Limits that mean something where somebody else has the sockets. */
export type HandlerLimits = Pick<
  Limits,
  | 'openFilesMax'
  | 'cacheBytesMax'
  | 'cachedContentBytesMax'
  | 'codedBytesMax'
  | 'decodedBytesMax'
  | 'hashedBytesMax'
  | 'cacheDirBytesMax'
  | 'streamBytesMax'
  | 'archiveEntriesMax'
  | 'openWaitTimeoutMs'
>;

/** Options that only a server that listens has. */
export const optionsOfSockets: ReadonlySet<string> = new Set([
  'port',
  'host',
  'sockets',
  'graceMs',
  'throttle',
]);

/** The names of those limits. */
export const handlerLimits: ReadonlySet<string> = new Set<keyof HandlerLimits>([
  'openFilesMax',
  'cacheBytesMax',
  'cachedContentBytesMax',
  'codedBytesMax',
  'decodedBytesMax',
  'hashedBytesMax',
  'cacheDirBytesMax',
  'streamBytesMax',
  'archiveEntriesMax',
  'openWaitTimeoutMs',
]);
