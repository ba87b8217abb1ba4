import { createHash } from 'node:crypto';
import type { PageFile } from '../features/page-files.ts';
import { editPage, type PageEdits } from '../html/edit.ts';
import { environmentMetas, environmentScript } from '../html/environment.ts';
import { allowingOwn } from '../http/content-policy.ts';
import { mediaTypeOf } from '../http/media-type.ts';

/** What is put into pages. */
export interface PageParts {
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
  };
  readonly files: readonly PageFile[];
}

/** An editor that does all that these parts ask for, in one go. */
export function pageEditor({ environment, live }: PageParts): PageEditor {
  const files: PageFile[] = [];
  const edits: PageEdits = {
    scripts: live === undefined ? [] : [live.path],
    scriptsForScripts: environment === undefined ? [] : [environmentPath(environment, files)],
    metas: environmentMetas(environment ?? new Map()),
    ...(live && { nonce: live.nonce, policy: policy => allowingOwn(policy, live.nonce) }),
  };
  const tag = digest(JSON.stringify([editVersion, { ...edits, metas: [...edits.metas] }]));
  return {
    editor: {
      tag,
      edits: name => mediaTypeOf(name).startsWith('text/html'),
      edit: page => editPage(page, edits),
    },
    files,
  };
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
  return createHash('sha256').update(content).digest('base64url').slice(0, 16);
}
