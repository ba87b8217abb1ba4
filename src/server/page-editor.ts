import type { PageFile } from '../features/page-files.ts';
import { editPage, type PageEdits } from '../html/edit.ts';
import { environmentMetas, environmentScript } from '../html/environment.ts';
import { inlineTextsOf } from '../html/inline.ts';
import { allowingOwn } from '../http/content-policy.ts';
import { mediaTypeOf } from '../http/media-type.ts';
import type { InlineSources } from '../http/message.ts';

/** What is put into pages. */
export interface PageParts {
  /** Where the top of the site is, as it stands in an address without a final slash; the very top by default. */
  readonly base?: string | undefined;
  /** Whether it is to be known what pages run and wear from within themselves, for a policy. */
  readonly isHashed?: boolean | undefined;
  /** Values that pages and their scripts may read. */
  readonly environment?: ReadonlyMap<string, string> | undefined;
  /** A script that every page runs first, and the nonce by which a policy may know it. */
  readonly live?: { readonly path: string; readonly nonce: string } | undefined;
}

/** What makes edited pages of pages, and the files that these then ask for. */
export interface PageEditor {
  readonly editor: {
    readonly tag: string;
    readonly edits: (name: string) => boolean;
    readonly edit: (page: Uint8Array) => Uint8Array;
    readonly inline?: (page: Uint8Array) => InlineSources | undefined;
  };
  readonly files: readonly PageFile[];
}

/** An editor that does all that these parts ask for, in one go. */
export function pageEditor({ base = '', environment, live, isHashed }: PageParts): PageEditor {
  const files: PageFile[] = [];
  const edits: PageEdits = {
    scripts: live === undefined ? [] : [live.path],
    scriptsForScripts: environment === undefined ? [] : [`${base}${environmentPath(environment, files)}`],
    metas: environmentMetas(environment ?? new Map()),
    ...(live && { nonce: live.nonce, policy: policy => allowingOwn(policy, live.nonce) }),
  };
  const tag = digest(JSON.stringify([editVersion, { ...edits, metas: [...edits.metas] }]));
  return {
    editor: {
      tag,
      edits: name => mediaTypeOf(name).startsWith('text/html'),
      edit: page => editPage(page, edits),
      ...(isHashed && { inline: inlineSources }),
    },
    files,
  };
}

/** A browser takes so long a field from us, and so may a proxy; a page with more inside gets no policy of its own. */
const inlineSourcesMax = 100;

/** A handler in an attribute counts only where hashes are said to be meant for such: CSP Level 3 §6.7.3.3. */
function inlineSources(page: Uint8Array): InlineSources | undefined {
  const texts = inlineTextsOf(page);
  if (texts === undefined) return undefined;
  const handlers = texts.handlers.map(hashSource);
  const scripts = [
    ...texts.scripts.map(hashSource),
    ...(handlers.length > 0 ? ["'unsafe-hashes'", ...handlers] : []),
  ];
  const styles = texts.styles.map(hashSource);
  return scripts.length + styles.length > inlineSourcesMax ? undefined : { scripts, styles };
}

function hashSource(text: string): string {
  return `'sha256-${sha256(text, 'base64')}'`;
}

/** Another number when the same parts come to give other octets. */
const editVersion = 1;

/** The name changes with the values, so that a copy may be kept for good. */
function environmentPath(values: ReadonlyMap<string, string>, files: PageFile[]): string {
  const content = Buffer.from(environmentScript(values));
  const name = `env-${digest(content)}.js`;
  files.push({ name, mediaType: 'text/javascript; charset=utf-8', content });
  return `/.plinth/${name}`;
}

function digest(content: string | Uint8Array): string {
  return sha256(content, 'base64url').slice(0, 16);
}

/** Its module is loaded for those alone whose pages are edited: it costs every start nearly 1 MiB. */
function sha256(content: string | Uint8Array, encoding: 'base64' | 'base64url'): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(content).digest(encoding);
}
