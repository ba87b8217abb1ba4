import { type HostNames, holdsHost, hostOf } from '../http/host-names.ts';
import type { Request } from '../http/message.ts';
import { matchPattern, type Pattern } from './pattern.ts';

/** What says for which requests a rule is. */
interface Placed {
  readonly from: Pattern;
  readonly hosts?: HostNames | undefined;
}

/** The first rule that is for a request, by its host and its path; undefined when none is, or it has no path. */
export function chooserOf<Rule extends Placed>(
  rules: readonly Rule[],
): (request: Pick<Request, 'target' | 'authority'> | undefined) => Rule | undefined {
  if (rules.length === 0) return () => undefined;
  const isForHosts = areSomeForHosts(rules);
  return request => {
    const target = request?.target;
    if (target?.kind !== 'path') return undefined;
    const host = isForHosts ? hostOf(request?.authority) : '';
    return rules.find(
      ({ from, hosts }) =>
        (hosts === undefined || holdsHost(hosts, host)) && matchPattern(from, target) !== undefined,
    );
  };
}

/** What has to be read of a request, beside its path, to choose among the rules. */
export function readsOfChoice(rules: readonly Placed[]): readonly string[] {
  return areSomeForHosts(rules) ? [':authority'] : [];
}

function areSomeForHosts(rules: readonly Placed[]): boolean {
  return rules.some(({ hosts }) => hosts !== undefined);
}
