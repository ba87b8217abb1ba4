import { unknownAddress } from '../http/forwarded.ts';
import { type FieldLine, noContent, type Request, type Response } from '../http/message.ts';
import type { Declared } from './feature.ts';

/** Which clients are served: those that are allowed (all, without such a list) and not denied. */
export interface AddressRules {
  /** Whether an address is on the list; undefined when there is none. */
  readonly allows: ((address: string) => boolean) | undefined;
  readonly denies: ((address: string) => boolean) | undefined;
}

/** Refuses (403) clients by their address. One whose address is not known is refused: nobody can say that it is not denied. */
export function addresses({
  allows,
  denies,
}: AddressRules): ((request: Request) => Response | undefined) & Declared {
  const judge = ({ client: { address } }: Request): Response | undefined => {
    const isServed = address !== unknownAddress && (allows?.(address) ?? true) && !denies?.(address);
    return isServed ? undefined : refusal;
  };
  return Object.assign(judge, { reads: [':client'], title: 'the list of addresses' });
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
