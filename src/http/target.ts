import { type Violation, violation } from './message.ts';

/** A request target, parsed and decoded once; every guard and every look-up reads this value. RFC 9112 §3.2. */
export type Target =
  /** `OPTIONS *`: the server as a whole. */
  | { readonly kind: 'asterisk' }
  /** `CONNECT host:port`. */
  | { readonly kind: 'authority' }
  | PathTarget;

/** The path and query of an origin-form or absolute-form target. */
export interface PathTarget {
  readonly kind: 'path';
  /**
   * The path's segments, percent-decoded as UTF-8, dot segments resolved, runs of slashes collapsed.
   * None is empty, `.` or `..`, none contains `/` or NUL.
   */
  readonly segments: readonly string[];
  /** Whether the path ends in a slash (or a dot segment), so that it names a folder. */
  readonly endsInSlash: boolean;
  /** The query with its `?`, as it was sent; empty when there is none. */
  readonly query: string;
  /** Whether the path had a run of slashes: the canonical path is then another one. */
  readonly hadSlashRun: boolean;
}
