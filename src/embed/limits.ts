import { defaultLimits, type Limits } from '../http/limits.ts';

/** Options that only a server that listens has: a program has sockets, certificates and processes of its own. */
export type OptionOfSockets =
  | 'port'
  | 'host'
  | 'sockets'
  | 'redirectSockets'
  | 'workers'
  | 'graceMs'
  | 'throttle'
  | 'tls'
  | 'tlsCert'
  | 'tlsKey'
  | 'tlsPass'
  | 'tlsClientCa'
  | 'httpsRedirect'
  | 'hsts';

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

/** What is wrong with options in which one is of sockets, for which a site in a program has no use; undefined: nothing. */
export function faultOfSockets(options: { readonly limits?: object | undefined }): string | undefined {
  const option = given(options).find(name => ofSockets.has(name));
  if (option !== undefined) return `option ${option}: only a server that listens has it`;
  const limit = given(options.limits ?? {}).find(name => name in defaultLimits && !ofContents.has(name));
  return limit === undefined ? undefined : `option limits: only a server that listens has ${limit}`;
}

function given(options: object): readonly string[] {
  return Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}

const ofSockets: ReadonlySet<string> = new Set<OptionOfSockets>([
  'port',
  'host',
  'sockets',
  'redirectSockets',
  'workers',
  'graceMs',
  'throttle',
  'tls',
  'tlsCert',
  'tlsKey',
  'tlsPass',
  'tlsClientCa',
  'httpsRedirect',
  'hsts',
]);

const ofContents: ReadonlySet<string> = new Set<keyof HandlerLimits>([
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
