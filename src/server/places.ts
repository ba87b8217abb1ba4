/** Where a server can be reached. */
export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly url: string }
  | { readonly kind: 'unix'; readonly path: string };

/** One socket to bind. A place that is optional is passed over where the machine lacks its address family. */
export type Place =
  | { readonly kind: 'tcp'; readonly host: string; readonly isOptional: boolean }
  | { readonly kind: 'unix'; readonly path: string };

/** What is wanted: which hosts, and which port for all of them. */
export interface Wanted {
  /** Addresses, names, `localhost` (both loopbacks), `*` (every address) or `unix:/path`. */
  readonly hosts: readonly string[];
  /** Undefined: 8080, or the next free one. 0: any free one. */
  readonly port: number | undefined;
  /** Whether connections are secured: addresses then begin with https. */
  readonly isSecured?: boolean | undefined;
}

/** A place that was taken. */
export interface Taken {
  readonly address: Address;
  readonly close: () => void;
}

/**
 * Takes every place with `take`, all TCP ones on one port; the rules for ports stand here. Rejects with what `take`
 * rejected with (its `code` and `address` tell: EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOTFOUND); nothing is then held.
 */
export async function takePlaces<One extends Taken>(
  { hosts, port: wanted }: Wanted,
  take: (place: Place, port: number) => Promise<One>,
): Promise<readonly One[]> {
  const attempts = wanted === undefined ? movesMax : wanted === 0 ? freePortAttemptsMax : 0;
  const places = distinct(hosts.flatMap(placesOf));
  for (let attempt = 0; ; attempt++) {
    let port = wanted ?? defaultPort + attempt;
    const all: One[] = [];
    try {
      for (const place of places) {
        const one = await unlessLacking(place, () => take(place, port));
        if (one === undefined) continue;
        all.push(one);
        if (one.address.kind === 'tcp') port = one.address.port;
      }
      return all;
    } catch (error) {
      for (const one of all) one.close();
      // Another port helps where a port was the trouble, not a socket file.
      if (codeOf(error) !== 'EADDRINUSE' || isAboutFile(error) || attempt >= attempts) throw error;
    }
  }
}

/** The address of a TCP socket that is bound, and whose connections may be secured. */
export function tcpAddress(
  bound: { readonly address: string; readonly port: number; readonly family: string },
  isSecured = false,
): Address {
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  const scheme = isSecured ? 'https' : 'http';
  return { kind: 'tcp', host: bound.address, port: bound.port, url: `${scheme}://${host}:${bound.port}/` };
}

/** The system's name for what went wrong, such as EADDRINUSE. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

const defaultPort = 8080;
/** Ports tried after the default one. */
const movesMax = 100;
/** Times that another free port is taken when one address has it and the next has not. */
const freePortAttemptsMax = 10;

async function unlessLacking<One>(place: Place, take: () => Promise<One>): Promise<One | undefined> {
  try {
    return await take();
  } catch (error) {
    const lacksFamily = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(codeOf(error) ?? '');
    if (place.kind === 'tcp' && place.isOptional && lacksFamily) return undefined;
    throw error;
  }
}

/** Every place once: `localhost` and `127.0.0.1` name the same. */
function distinct(places: readonly Place[]): readonly Place[] {
  return [
    ...new Map(
      places.map(place => [place.kind === 'tcp' ? place.host : `unix:${place.path}`, place]),
    ).values(),
  ];
}

function isAboutFile(error: unknown): boolean {
  return error instanceof Error && 'address' in error && String(error.address).includes('/');
}

function placesOf(host: string): readonly Place[] {
  if (host.startsWith('unix:')) return [{ kind: 'unix', path: host.slice('unix:'.length) }];
  if (host === 'localhost') return tcpPlaces(['127.0.0.1', '::1']);
  // The IPv4 address first: where `::` takes both families, binding it second on the same port would fail.
  if (host === '*') return tcpPlaces(['0.0.0.0', '::']);
  return [{ kind: 'tcp', host: host.replace(/^\[(.*)\]$/, '$1'), isOptional: false }];
}

function tcpPlaces(hosts: readonly string[]): readonly Place[] {
  return hosts.map((host, index) => ({ kind: 'tcp', host, isOptional: index > 0 }));
}
