/**
 * site/: what to serve. A parsed target and a store go in, a response value comes out; no socket, no `node:`
 * module, no concrete store is known here. The path of a request is `candidates` → `resolve` → `represent` →
 * `respond`, one file each; `errors` and `listing` make the contents that are not files.
 */
import type { ContentCoding } from '../http/coding.ts';
import type { StoredFile } from '../http/message.ts';
import type { Look, Store } from '../store/store.ts';
import type { Trace } from './trace.ts';

/** In which codings a site answers. */
export interface Codings {
  /** Whether a file may stand coded beside its name (`app.js.br`). */
  readonly stored: boolean;
  /** What the server can make of a file, the preferred one first; empty: nothing. */
  readonly made: readonly ContentCoding[];
  /** Octets of a file of which a coding is made; of larger ones none is. */
  readonly madeBytesMax: number;
  /** What the server can undo for a client that does not accept the coding in which alone a file is stored. */
  readonly undone: readonly ContentCoding[];
}

/** The folder that is served and the few choices about how. */
export interface Site {
  readonly store: Store;
  /** Names looked for in a folder, best first. */
  readonly indexNames: readonly string[];
  /** Whether `/about` may mean `about.html`. */
  readonly cleanUrls: boolean;
  /** Whether a folder without an index page shows its members. */
  readonly listing: boolean;
  readonly codings: Codings;
  /**
   * A hash of the content where it is known already; a look that ends when it is known is added to `looks`. Without
   * this, a file whose time tells nothing has no tag.
   */
  readonly hashOf?: (file: StoredFile, looks?: Look[]) => string | undefined;
  /** Is told how a decision is made, when it is to be explained; on the way of a real request nobody is. */
  readonly trace?: Trace;
}
