/**
 * The folder under which the server's own sheets and scripts are asked for, wherever a page stands: `/.plinth/…` and
 * `/files/.plinth/…` are the same. Hidden names are not served, so that no file of a site is in the way.
 */
export const ownFolder = '.plinth';

/** The sheets and scripts of our pages. Each name holds a hash of the content. */
export interface OwnFiles {
  /** The names of the two that a listing asks for. */
  readonly style: string;
  readonly script: string;
  /** The file of this name, in the coding that is asked for; undefined when there is none. */
  find(name: string, coding: 'br' | 'gzip' | 'identity'): Promise<OwnFile | undefined>;
}

/** One of them. */
export interface OwnFile {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}
