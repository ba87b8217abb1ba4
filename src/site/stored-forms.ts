import { type ContentCoding, codingSuffixes, contentCodings } from '../http/coding.ts';
import { isCompressible, mediaTypeOf } from '../http/media-type.ts';
import type { StoredFile } from '../http/message.ts';
import type { Site } from './site.ts';

/** A file that holds a representation in a content coding. */
export interface CodedForm {
  readonly coding: ContentCoding;
  readonly file: StoredFile;
}

/** Whether a file of this name may stand coded beside it; for what coding does not make smaller, nobody looks. */
export function mayStandCoded(name: string, site: Site): boolean {
  return site.codings.stored && isCompressible(mediaTypeOf(name));
}

/** Whether the form of a file of this name depends on what the client accepts. */
export function isNegotiable(name: string, { codings }: Site): boolean {
  return (codings.stored || codings.made.length > 0) && isCompressible(mediaTypeOf(name));
}

/**
 * The file that holds what these segments name in this coding (`app.js.br` for `app.js`). Undefined when there is
 * none that may be seen: what leads out of the root is as if it were not there.
 */
export async function findCoded(
  segments: readonly string[],
  coding: ContentCoding,
  site: Site,
): Promise<CodedForm | 'busy' | undefined> {
  const name = `${segments.at(-1) ?? ''}${codingSuffixes[coding]}`;
  const entry = await site.store.find([...segments.slice(0, -1), name]);
  if (entry.kind === 'busy') return 'busy';
  return entry.kind === 'file' ? { coding, file: entry.file } : undefined;
}

/** Every coded form of what these segments name, in our order of preference. */
export async function findAllCoded(
  segments: readonly string[],
  site: Site,
): Promise<readonly CodedForm[] | 'busy'> {
  const forms: CodedForm[] = [];
  for (const coding of contentCodings) {
    const form = await findCoded(segments, coding, site);
    if (form === 'busy') return form;
    if (form !== undefined) forms.push(form);
  }
  return forms;
}

/** The coding of a file whose name alone tells that it is coded: an `.svgz` is an SVG in gzip. */
export function codingInName(name: string): ContentCoding | undefined {
  return name.toLowerCase().endsWith('.svgz') ? 'gzip' : undefined;
}
