/**
 * site/: what to serve. A parsed target and a store go in, a response value comes out; no socket, no `node:`
 * module, no concrete store is known here. The path of a request is `candidates` → `resolve` → `represent` →
 * `respond`, one file each; `errors` and `listing` make the contents that are not files.
 */
import type { ContentCoding } from '../http/coding.ts';

import type { FieldLine, InlineSources, Request, StoredFile } from '../http/message.ts';
import type { PathTarget, Target } from '../http/target.ts';
import type { OwnFiles } from '../page/own-files.ts';
import type { Routed } from '../rules/routing.ts';
import type { RuleSource } from '../rules/rules.ts';

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

/** What archives of folders are made with. */
export interface Archives {
  /** The CRC-32 of what was before and these octets. */
  readonly crc32: (bytes: Uint8Array, before: number) => number;
  /** Files and folders in one archive. */
  readonly entriesMax: number;
  /** Bounds what is held while it is found out what belongs into archives; without it nothing does. */
  readonly room?: {
    /** Takes octets, beside what was taken `before`; false when there are none. */
    readonly take: (bytes: number, before: number) => boolean;
    readonly give: (bytes: number) => void;
  };
  /** Whether the client that asks for the archive would get what stands here if it asked for it. */
  readonly admits: (segments: readonly string[], kind: 'file' | 'folder') => Promise<boolean>;
}

/** Which siblings of a file may be sent in its stead. */
export interface Variants {
  /** Whether `a.jpg` may be sent as `a.avif` or `a.webp`. */
  readonly images: boolean;
  /** Language tags; the first is that of pages that name none, for another one there is `page.zh.html`. */
  readonly languages: readonly string[];
}

/** What the owner's rules say of a site. Pure: the same request is told the same until the rules change. */
export interface Ruling {
  /** What a rule does with a request for this path; whether that goes before what stands there, it says itself. */
  readonly route?: ((request: Request, target: PathTarget) => Routed | undefined) | undefined;
  /** The choices that hold for a path. */
  readonly choicesFor?: ((target: PathTarget) => Choices) | undefined;
  /** The file to show for an error, by its segments, when a request for this target ends in one. */
  readonly errorPage?:
    | ((target: Target | undefined, status: number) => readonly string[] | undefined)
    | undefined;
  /** By which rule a folder that holds one file and nothing else shows the file. */
  readonly singleFile?: RuleSource | undefined;
}

/** What may be chosen for one path and otherwise for another. */
export type Choices = Partial<Pick<Site, 'cleanUrls' | 'hasCleanHomes' | 'finalSlash' | 'listing'>>;

/** The folder that is served and the few choices about how. */
export interface Site {
  readonly store: Store;
  /** Where the top of the site is, as segments; the very top by default. */
  readonly base?: readonly string[];
  /** Names looked for in a folder, best first. */
  readonly indexNames: readonly string[];
  /** Whether `/about` may mean `about.html`. */
  readonly cleanUrls: boolean;
  /** Whether a page is at home at its clean URL only, so that `/about.html` leads to `/about`. */
  readonly hasCleanHomes?: boolean;
  /** Whether pages are at home at the path with a final slash, or without; undefined: folders with, files without. */
  readonly finalSlash?: 'add' | 'remove' | undefined;
  /** Whether a folder without an index page shows its members. */
  readonly listing: boolean;
  /** The sheets and scripts of our own pages; without them a listing is bare. */
  readonly ownFiles?: () => Promise<OwnFiles>;
  /** Lets everything else have its turn, in the midst of long work; without it such work is done in one go. */
  readonly turn?: () => Promise<void>;
  /** What archives of folders are made with; without it there are none. */
  readonly archives?: Archives;
  readonly ruling?: Ruling;
  /** Without it a file is only itself. */
  readonly variants?: Variants | undefined;
  readonly codings: Codings;
  /** The Content-Security-Policy of a page of which it is known what it runs from within itself. */
  readonly policyOf?: ((inline: InlineSources) => string) | undefined;
  /** For a site that is being worked on: a 404 says what may have been meant, and its page runs this script. */
  readonly hints?: { readonly script: string } | undefined;
  /**
   * A hash of the content where it is known already; a look that ends when it is known is added to `looks`. Without
   * this, a file whose time tells nothing has no tag.
   */
  readonly hashOf?: (file: StoredFile, looks?: Look[]) => string | undefined;
  /** Is told how a decision is made, when it is to be explained; on the way of a real request nobody is. */
  readonly trace?: Trace;
}

/** The policy of a page, as a field; none where the site makes no policies or nobody has looked into the page. */
export function policyLines({ policyOf }: Site, { inline }: StoredFile): readonly FieldLine[] {
  return policyOf === undefined || inline === undefined
    ? []
    : [['Content-Security-Policy', policyOf(inline)]];
}
