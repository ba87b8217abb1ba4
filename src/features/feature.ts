/**
 * features/: one file for each optional behaviour. Options go in, one of the four function types below comes
 * out, and `server/handler.ts` composes them in visible arrays. Features do not know each other, the server,
 * or any `node:` module; there is no hook, no event and no `next()`.
 */
import type { Exchange, Request, Response } from '../http/message.ts';
import type { Target } from '../http/target.ts';

/**
 * May answer a request before the site is asked; undefined lets it pass. An answer of status 400 and up
 * without content is given the site's error page.
 */
export type Gate = (request: Request) => Response | undefined;

/** Turns a target into another before it is looked up. Pure. */
export type Rewrite = (target: Target) => Target;

/**
 * Adds or replaces fields of a response; never its status or content. The request is undefined when its head
 * could not be read.
 */
export type Finisher = (request: Request | undefined, response: Response) => Response;

/** Sees an exchange after its last byte; changes nothing. */
export type Observer = (exchange: Exchange) => void;
