import { preferredLanguages } from '../http/language.ts';
import type { Request } from '../http/message.ts';
import { negotiate } from '../http/negotiation.ts';
import { nameOf } from './candidates.ts';
import type { Found } from './select.ts';
import type { Site, Variants } from './site.ts';

/** Which of the files that stand for the same thing a client gets. */
export interface Variant {
  readonly found: Found;
  /** The request field that decides; undefined where there is nothing to decide. */
  readonly varyingOn: 'Accept' | 'Accept-Language' | undefined;
  /** Tells the tags of variants apart whose size and time are the same; empty for the file itself. */
  readonly mark: string;
  /** The language of the content, where it is told. */
  readonly language: string | undefined;
}

/**
 * The variant of a file that the client prefers: of an image its sibling in a newer form (`a.avif`, `a.webp`), where
 * Accept names that form; of a page its sibling in a language (`page.zh.html`). A sibling that is older than an image
 * was made of another version of it. RFC 9110 §12.5.1, §12.5.4.
 */
export async function chooseVariant(
  found: Found,
  request: Request,
  site: Site,
  { images, languages }: Variants,
): Promise<Variant> {
  const itself: Variant = { found, varyingOn: undefined, mark: '', language: undefined };
  const name = nameOf(found.segments);
  if (images && found.kind === 'file' && /.\.(?:jpe?g|png)$/i.test(name))
    return imageOf(itself, request, site);
  if (languages.length > 0 && name.endsWith('.html')) return pageOf(itself, languages, request, site);
  return itself;
}

async function imageOf(itself: Variant, request: Request, site: Site): Promise<Variant> {
  const { found } = itself;
  const named = accepted(request.fields.get('accept') ?? '');
  for (const form of imageForms) {
    if (found.kind !== 'file' || named === '' || negotiate(named, [form.mediaType]) === undefined) continue;
    const segments = sibling(found.segments, `.${form.suffix}`);
    const entry = await site.store.find(segments);
    if (entry.kind !== 'file' || entry.file.modifiedNs < found.file.modifiedNs) continue;
    return {
      ...itself,
      found: { kind: 'file', segments, file: entry.file },
      varyingOn: 'Accept',
      mark: form.suffix,
    };
  }
  return { ...itself, varyingOn: 'Accept' };
}

async function pageOf(
  itself: Variant,
  languages: readonly string[],
  request: Request,
  site: Site,
): Promise<Variant> {
  const own = languages[0];
  for (const language of preferredLanguages(request.fields.get('accept-language'), languages)) {
    if (language === own) break;
    const segments = sibling(itself.found.segments, `.${language}.html`);
    const entry = await site.store.find(segments);
    if (entry.kind !== 'file') continue;
    const found: Found = { kind: 'file', segments, file: entry.file };
    return { found, varyingOn: 'Accept-Language', mark: language, language };
  }
  return { ...itself, varyingOn: 'Accept-Language', language: own };
}

/** The preferred one first. */
const imageForms = [
  { suffix: 'avif', mediaType: 'image/avif' },
  { suffix: 'webp', mediaType: 'image/webp' },
] as const;

/** What a client names itself: browsers that take anything do not show everything. */
function accepted(accept: string): string {
  return accept
    .split(',')
    .filter(range => !range.includes('*'))
    .join(',');
}

function sibling(segments: readonly string[], suffix: string): readonly string[] {
  return [...segments.slice(0, -1), nameOf(segments).replace(/\.[^.]*$/, suffix)];
}
