import type { Settings } from '../config/options.ts';
import { portOwner } from './port-owner.ts';
import { printable } from './style.ts';

/** Why the server could not listen, in one line that says what to do. `error` is what `start` rejected with. */
export function startFailure(
  error: NodeJS.ErrnoException & {
    readonly address?: string;
    readonly port?: number;
    readonly hostname?: string;
  },
  settings: Settings,
  sources: ReadonlyMap<keyof Settings, string>,
): string {
  const isRedirect = error.port !== undefined && error.port === settings.httpsRedirect;
  const own = settings.port === undefined ? 'port' : `port ${settings.port}${origin(sources.get('port'))}`;
  const port = isRedirect ? `port ${error.port} (--https-redirect)` : own;
  const place = printable(error.address ?? error.hostname ?? settings.hosts.join(', '));
  const isUnix = error.address?.includes('/') === true;
  switch (error.code) {
    case 'EADDRINUSE': {
      if (isUnix) return `the socket ${place} is taken by a process that listens on it`;
      if (isRedirect) return `${port} on ${place} is taken${ownedBy(error.port)}`;
      if (settings.port === undefined)
        return 'port 8080 and the hundred after it are taken; --port 0 takes any free one';
      if (settings.port === 0) return `no port is free on all of ${settings.hosts.map(printable).join(', ')}`;
      return `${port} on ${place} is taken${ownedBy(settings.port)}; --port 0 takes any free one`;
    }
    case 'EEXIST':
      return `the socket ${place} cannot be made: something that is no socket stands there`;
    case 'EACCES':
    case 'EPERM':
      if (isUnix)
        return `the socket ${place} cannot be made: its folder is missing, or not this user's to write`;
      return `${port} may not be used by this user: ports below 1024 are the system's; choose a higher one, such as 8080`;
    case 'EADDRNOTAVAIL':
      return `host ${place}${origin(sources.get('hosts'))} is not an address of this machine; --host alone listens on all of them`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `host ${place}${origin(sources.get('hosts'))} is no known name; a folder goes before --host`;
    default:
      return printable(error.message);
  }
}

function ownedBy(port: number | undefined): string {
  const owner = port === undefined ? undefined : portOwner(port);
  return owner === undefined ? '' : ` by ${owner}`;
}

/** Where a setting came from, when it was not typed just now. */
function origin(source: string | undefined): string {
  const [, place] = /^([A-Z_]+|.*(?=: \w+$))/.exec(source ?? '') ?? [];
  return place === undefined ? '' : ` (from ${place})`;
}
