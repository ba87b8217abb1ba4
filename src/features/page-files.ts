import type { FieldLine, Request, Response } from '../http/message.ts';
import type { Gate } from './feature.ts';

/** A file that an edited page asks for. Its name changes with its content, so that a copy may be kept for good. */
export interface PageFile {
  readonly name: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

/**
 * Answers for the files that edited pages ask for below `.plinth/` at the top of a site, which is at `base`: no file of a site is hidden by them, since
 * names that begin with a dot are not served.
 */
export function pageFiles(files: readonly PageFile[], base: readonly string[]): Gate {
  const byName = new Map(files.map(file => [file.name, file]));
  const answer = ({ target }: Request): Response | undefined => {
    if (target.kind !== 'path' || target.segments.at(-2) !== '.plinth') return undefined;
    const isAtTop = target.segments.length === base.length + 2;
    const file = isAtTop ? byName.get(target.segments.at(-1) ?? '') : undefined;
    if (file === undefined || target.endsInSlash) return undefined;
    const fields: FieldLine[] = [
      ['Content-Type', file.mediaType],
      ['Cache-Control', 'public, max-age=31536000, immutable'],
    ];
    return { status: 200, fields, content: { kind: 'bytes', bytes: file.content } };
  };
  return Object.assign(answer, { reads: [], title: 'files of edited pages' });
}
