import type { Gate } from '../features/feature.ts';
import { promiseName } from '../features/hsts.ts';
import { redirectToHttps } from '../features/https-redirect.ts';
import { identity } from '../features/identity.ts';
import type { RequestHead, Response } from '../http/message.ts';
import { noContent } from '../http/message.ts';
import { parseTarget } from '../http/target.ts';
import { plainError } from '../site/errors.ts';
import type { Handler } from './handler.ts';
import type { Service } from './service.ts';

/** What clients get that speak plain HTTP to a port for TLS: whatever they ask for, they are told so (400). */
export function wrongPortService(service: Service): Service {
  const why = 'plain HTTP was sent to a port for HTTPS: the address begins with https://';
  return plainService(service, async head => bare(400, why, head));
}

/**
 * What clients get on a port for plain HTTP beside a server that is secured: the same address over HTTPS, on the port
 * that `portOf` tells. `guard` lets requests for our own hosts pass.
 */
export function redirectService(service: Service, guard: () => Gate, portOf: () => number): Service {
  return plainService(service, async (head, client) => {
    const { method, authority, fields } = head;
    const target = parseTarget(method, head.target, { windows: false, secure: true });
    if (target.kind === 'violation') return bare(target.status, target.why, head);
    if (target.kind !== 'path') return bare(400, 'only a path can be redirected to HTTPS', head);
    const isOurs =
      (await guard()({ method, target, authority, secure: false, fields, client })) === undefined;
    const answer = redirectToHttps(head, isOurs, portOf());
    return identity(undefined, answer.status < 400 ? answer : plainError(answer, fields.get('accept')));
  });
}

/** Nothing that a connection which is not secured gets may bear the promise of HTTPS, or be remembered. */
function plainService(service: Service, respond: Handler['respond']): Service {
  const refuse: Handler['refuse'] = (refusal, head) => {
    const { fields, ...rest } = service.handler.refuse(refusal, head);
    return { ...rest, fields: fields.filter(([name]) => name.toLowerCase() !== promiseName.toLowerCase()) };
  };
  return {
    ...service,
    handler: { respond, refuse, reads: undefined, readsHost: () => false },
    recall: undefined,
  };
}

function bare(status: number, why: string, { fields }: RequestHead): Response {
  return identity(
    undefined,
    plainError({ status, fields: [], content: noContent, note: why }, fields.get('accept'), why),
  );
}
