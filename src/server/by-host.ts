import { choiceByHost } from '../http/host-names.ts';
import type { Handler } from './handler.ts';

/** A handler for some hosts. */
export interface HostHandler {
  /** `example.com`, `*.example.org`. */
  readonly names: readonly string[];
  readonly handler: Handler;
}

/**
 * One handler that asks another one by the host that a request names, and `otherwise` when none is for that host. What
 * names no host that can be read, and input that is no request, is answered by `otherwise`.
 */
export function handlerByHost(otherwise: Handler, hosts: readonly HostHandler[]): Handler {
  if (hosts.length === 0) return otherwise;
  const choose = choiceByHost(hosts.map(({ names, handler }) => [names, handler]));
  const all = [otherwise, ...hosts.map(({ handler }) => handler)];
  const of = (authority: string | undefined): Handler => choose(authority) ?? otherwise;
  return {
    respond: (head, client, looks) => of(head.authority).respond(head, client, looks),
    refuse: (refusal, head) => of(head?.authority).refuse(refusal, head),
    reads: readsOf(all),
    readsHost: () => true,
  };
}

function readsOf(handlers: readonly Handler[]): readonly string[] | undefined {
  const names = new Set<string>();
  for (const { reads } of handlers) {
    if (reads === undefined) return undefined;
    for (const name of reads) names.add(name);
  }
  return [...names];
}
