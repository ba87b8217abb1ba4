/**
 * features/: one file for each optional behaviour. Options go in, one of the four function types below comes
 * out, and `server/handler.ts` composes them in visible arrays. Features do not know each other, the server,
 * or any `node:` module; there is no hook, no event and no `next()`.
 */
import type { Exchange, Request, Response } from '../http/message.ts';
import type { Target } from '../http/target.ts';

/** What a feature says of itself, so that answers may be remembered. */
export interface Declared {
  /**
   * The request fields that it reads beside method and target; `:authority` and `:client` stand for the authority of
   * the request and the address of the client. It then reads nothing else, and no clock. While a feature does not say,
   * no answer that it took part in is remembered.
   */
  readonly reads?: readonly string[];
  /**
   * A number that is another one from the moment on at which the same request may get another answer, for a feature
   * that reads what can change (the users of a site): what was remembered before is then forgotten.
   */
  readonly revision?: () => number;
  /** What it is called where a decision is explained. */
  readonly title?: string;
}

/**
 * May answer a request before the site is asked, at once or after a while; undefined lets it pass. An answer of
 * status 400 and up without content is given the site's error page. What a gate, a rewrite or a finisher throws, or
 * rejects with, is answered 500.
 */
export type Gate = ((request: Request) => Response | undefined | Promise<Response | undefined>) & Declared;

/** Turns a target into another before it is looked up. Pure. */
export type Rewrite = ((target: Target) => Target) & Declared;

/**
 * Adds or replaces fields of a response; never its status or content, nor Date, Content-Length, Connection and its kin
 * (Keep-Alive, Proxy-Connection, Transfer-Encoding, Upgrade), which are the transport's. The request is undefined when its head or target could not be read.
 */
export type Finisher = ((request: Request | undefined, response: Response) => Response) & Declared;

/** Sees an exchange after its last byte; changes nothing. What it throws is reported. */
export type Observer = (exchange: Exchange) => void;
