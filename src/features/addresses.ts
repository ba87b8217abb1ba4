import { unknownAddress } from '../http/forwarded.ts';
import { holdsHost, hostOf } from '../http/host-names.ts';
import { type FieldLine, noContent, type Request, type Response } from '../http/message.ts';
import type { AccessRule, TellRule } from '../rules/rules.ts';
import { type HoldsPlace, placesOfPattern } from '../rules/widely.ts';
import type { Declared, Gate } from './feature.ts';

/** Which clients are served: those that are allowed (all, without such a list) and not denied. */
export interface AddressRules {
  /** Whether an address is on the list; undefined when there is none. */
  readonly allows: ((address: string) => boolean) | undefined;
  readonly denies: ((address: string) => boolean) | undefined;
}

/** Refuses (403) clients by their address. One whose address is not known is refused: nobody can say that it is not denied. */
export function addresses(rules: AddressRules): ((request: Request) => Response | undefined) & Declared {
  const judge = ({ client }: Request): Response | undefined =>
    serves(rules, client.address) ? undefined : refusal;
  return Object.assign(judge, { reads: [':client'], title: 'the list of addresses' });
}

/** A rule about who may see some places, with its ranges ready to be asked. */
export type PlaceRule = Pick<AccessRule, 'source' | 'from' | 'hosts'> & AddressRules;

/** What guards places by the address of the client, in the ways in which it has to. */
export interface AddressesByPlace {
  /** 403 for whoever is not served at the place that is asked for. */
  readonly guard: Gate;
  /** Which places a request may look at, and which names it may be shown: those at which its client is served; undefined: all. */
  readonly reach: (request: Request) => HoldsPlace | undefined;
  /** Whether a place is guarded at all, from anybody. */
  readonly isGuarded: HoldsPlace;
}

/**
 * Guards places by rules, each with everything below it; a client has to be served by every rule that holds a place. Paths
 * are compared as the look-up reads them, and more widely than any file system would. `tell` is told of the rules that
 * hold the place that is asked for.
 */
export function addressesByPlace(rules: readonly PlaceRule[], tell?: TellRule): AddressesByPlace {
  const all = rules.map(rule => ({ ...rule, holds: placesOfPattern(rule.from) }));
  const isForHosts = rules.some(({ hosts }) => hosts !== undefined);
  const rulesFor = ({ authority }: Request): typeof all => {
    const host = isForHosts ? hostOf(authority) : '';
    return all.filter(({ hosts }) => hosts === undefined || holdsHost(hosts, host));
  };
  const judge = (request: Request): Response | undefined => {
    const { target, client } = request;
    // `OPTIONS *` asks about the server as a whole.
    const segments = target.kind === 'path' ? target.segments : [];
    const holding = rulesFor(request).filter(({ holds }) => holds(segments));
    const refusing = holding.find(rule => !serves(rule, client.address));
    for (const rule of refusing === undefined ? holding : [refusing])
      tell?.({ source: rule.source, did: `${refusing ? 'refuses' : 'serves'} this client`, fields: [] });
    return refusing && refusal;
  };
  const reach: AddressesByPlace['reach'] = request => {
    const closed = rulesFor(request).filter(rule => !serves(rule, request.client.address));
    return closed.length === 0 ? undefined : segments => !closed.some(({ holds }) => holds(segments));
  };
  const reads = [':client', ...(isForHosts ? [':authority'] : [])];
  return {
    guard: Object.assign(judge, { reads, title: 'the rules about addresses' }),
    reach,
    isGuarded: segments => all.some(({ holds }) => holds(segments)),
  };
}

function serves({ allows, denies }: AddressRules, address: string): boolean {
  return address !== unknownAddress && (allows?.(address) ?? true) && !denies?.(address);
}

/**
 * Keeps what the server would let every cache keep out of shared ones, which would give it to clients that are not
 * served: RFC 9111 §5.2.2.7. Comes before the rules of the site, so that its owner may say otherwise.
 */
export const notShared: ((request: Request | undefined, response: Response) => Response) & Declared =
  Object.assign(keepPrivate, { reads: [], title: 'the list of addresses' });

function keepPrivate(_request: Request | undefined, response: Response): Response {
  const fields = response.fields.map(
    ([name, value]): FieldLine => [
      name,
      name === 'Cache-Control' ? value.replace(/^public\b/, 'private') : value,
    ],
  );
  return { ...response, fields };
}

const refusal: Response = {
  status: 403,
  fields: [],
  content: noContent,
  explanation: 'This address may not be seen from where the request came.',
  note: 'a client that is not allowed',
};
