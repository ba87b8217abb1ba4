import { type HostNames, hostNames, hostNameWanted, isHostName } from '../http/host-names.ts';

/** What a rule in a file is for, as it was written. */
export interface RulePlace {
  /** The text of a pattern. */
  readonly path: string;
  /** Undefined: every host. */
  readonly hosts: HostNames | undefined;
}

/**
 * Reads a path, or an address: `https://www.example.com/*`. The scheme says nothing, since behind a proxy that speaks TLS
 * nobody here knows it. A text when the host is none, in words.
 */
export function readPlace(text: string): RulePlace | string {
  const [, host, path = ''] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(text) ?? [];
  if (host === undefined) return { path: text, hosts: undefined };
  if (!isHostName(host)) return `${JSON.stringify(host)} is no host; wanted ${hostNameWanted}`;
  return { path: path === '' ? '/' : path, hosts: hostNames([host]) };
}
