import { type HostNames, hostNames, hostNameWanted, isHostName, patternOfHosts } from '../http/host-names.ts';

/** What a rule in a file is for, as it was written. */
export interface RulePlace {
  /** The text of a pattern. */
  readonly path: string;
  /** Undefined: every host. */
  readonly hosts: HostNames | undefined;
  /** The names that its host captures. */
  readonly captured: readonly string[];
}

/**
 * Reads a path, or an address: `https://www.example.com/*`. The scheme says nothing, since behind a proxy that speaks TLS
 * nobody here knows it. With `hasNames`, a label of the host may have a name: `https://:project.pages.dev/*`. A text when the host is none, in words.
 */
export function readPlace(text: string, hasNames: boolean): RulePlace | string {
  const [, host, written = ''] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(text) ?? [];
  if (host === undefined) return { path: text, hosts: undefined, captured: [] };
  const path = written === '' ? '/' : written;
  if (isHostName(host)) return { path, hosts: hostNames([host]), captured: [] };
  const pattern = hasNames ? patternOfHosts(host) : undefined;
  if (pattern !== undefined) return { path, ...pattern };
  return `${JSON.stringify(host)} is no host; wanted ${hostNameWanted}`;
}
