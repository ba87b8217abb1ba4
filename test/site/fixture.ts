// What the tables of site/ share: a site in memory and requests for it.
import { Fields } from '../../src/http/fields.ts';
import type { FieldLine, Request, Response } from '../../src/http/message.ts';
import { type PathTarget, parseTarget } from '../../src/http/target.ts';
import type { Site } from '../../src/site/site.ts';
import { memoryStore } from '../../src/store/memory.ts';

/** The time of every file. */
const modifiedMs: number = Date.UTC(2024, 1, 3, 4, 5, 6);

/** The time of every answer. */
export const nowMs: number = Date.UTC(2026, 10, 22);

/** A site of these files, with every choice at its default unless told otherwise. */
export function siteOf(files: Readonly<Record<string, string | Buffer>>, choices: Partial<Site> = {}): Site {
  const dated = Object.entries(files).map(([path, content]) => [path, { content, modifiedMs }] as const);
  const store = memoryStore(Object.fromEntries(dated));
  const codings = { stored: true, made: ['br', 'gzip'], madeBytesMax: 5000, undone: ['br', 'gzip'] } as const;
  return {
    store,
    indexNames: ['index.html', 'index.htm'],
    cleanUrls: true,
    listing: true,
    codings,
    ...choices,
  };
}

/** A parsed path; throws when it is none. */
export function path(raw: string): PathTarget {
  const target = parseTarget('GET', raw, { windows: false, secure: false });
  if (target.kind !== 'path') throw new Error(`${raw} is no path`);
  return target;
}

/** A request with these fields. */
export function request(raw: string, lines: readonly FieldLine[] = [], method = 'GET'): Request {
  const target = path(raw);
  const client = { address: '127.0.0.1', port: 1 };
  return { method, target, authority: 'h', secure: false, fields: new Fields(lines), client };
}

/** The content of a response that is in memory, as text. */
export function textOf({ content }: Response): string {
  return content.kind === 'bytes' ? Buffer.from(content.bytes).toString() : `(${content.kind})`;
}
