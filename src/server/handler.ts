/**
 * server/: effects on Node. This file composes a request's path as pure steps (gates, site, finishers);
 * `listen` accepts sockets, `h1-driver` moves bytes between a socket and the machine of `h1/`, `send` moves
 * files into sockets. Only here is anything waited for, timed or caught.
 */
import type { Finisher, Gate, Rewrite } from '../features/feature.ts';
import {
  type Client,
  type FieldLine,
  noContent,
  type Request,
  type RequestHead,
  type Response,
  type Violation,
} from '../http/message.ts';
import { parseTarget } from '../http/target.ts';
import { plainError, withErrorContent } from '../site/errors.ts';
import { answer } from '../site/respond.ts';
import type { Site } from '../site/site.ts';

/** What a handler is composed of; the arrays apply in order. */
export interface HandlerParts {
  readonly site: Site;
  readonly gates: readonly Gate[];
  readonly rewrites: readonly Rewrite[];
  readonly finishers: readonly Finisher[];
  /** Whether file names follow the rules of Windows. */
  readonly windows: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Answers requests, and input that is none. */
export interface Handler {
  /** The answer to a request head. Rejects only for a bug of ours or of a feature. */
  readonly respond: (head: RequestHead, client: Client) => Promise<Response>;
  /** The answer to input that broke a rule, to a full server, to a bug: what is known of the request may be little. */
  readonly refuse: (refusal: Pick<Violation, 'status' | 'why'>, head: RequestHead | undefined) => Response;
}

/** Composes a handler; nothing else composes features. */
export function createHandler(parts: HandlerParts): Handler {
  const finish = (request: Request | undefined, response: Response): Response =>
    parts.finishers.reduce((finished, finisher) => finisher(request, finished), response);

  const refuse: Handler['refuse'] = ({ status, why }, head) => {
    const fields: readonly FieldLine[] = status === 503 ? [['Retry-After', '1']] : [];
    const bare: Response = { status, fields, content: noContent, note: why };
    return finish(undefined, plainError(bare, head?.fields.get('accept')));
  };

  const respond: Handler['respond'] = async (head, client) => {
    const target = parseTarget(head.method, head.target, parts);
    if (target.kind === 'violation') return refuse(target, head);
    const { method, authority, fields } = head;
    const request: Request = { method, target, authority, secure: false, fields, client };
    return finish(request, await decide(request, parts));
  };

  return { respond, refuse };
}

async function decide(request: Request, { site, gates, rewrites, now }: HandlerParts): Promise<Response> {
  for (const gate of gates) {
    const early = gate(request);
    if (early === undefined) continue;
    const lacksContent = early.status >= 400 && early.content.kind === 'none';
    return lacksContent ? withErrorContent(request, early, site) : early;
  }
  const target = rewrites.reduce((rewritten, rewrite) => rewrite(rewritten), request.target);
  return answer({ ...request, target }, site, now());
}
