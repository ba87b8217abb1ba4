import { holdsHost, hostNames, hostOf } from '../http/host-names.ts';
import { noContent, type Request, type Response } from '../http/message.ts';
import type { Declared } from './feature.ts';

/**
 * Refuses (403) requests for other hosts than these: names, `*.example.com` for every name below one (not for itself)
 * and IP addresses, with or without brackets; the port does not count. A page of somebody else whose name was made to
 * lead here (DNS rebinding) sends that name as its Host. A request that names no host is refused as well.
 */
export function hosts(allowed: readonly string[]): ((request: Request) => Response | undefined) & Declared {
  const names = hostNames(allowed);
  const judge = ({ authority }: Request): Response | undefined =>
    holdsHost(names, hostOf(authority)) ? undefined : refusal;
  return Object.assign(judge, { reads: [':authority'], title: 'the list of hosts' });
}

const refusal: Response = {
  status: 403,
  fields: [],
  content: noContent,
  explanation:
    'This server does not answer under the name that was asked for; --hosts names those that it has.',
  note: 'a host that is not allowed',
};
