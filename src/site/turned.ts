import { acceptedCodings, codedContentBytesMin } from '../http/coding.ts';
import { varyingOn } from '../http/fields.ts';
import type { BytesContent, Content, FieldLine, Request, StreamContent } from '../http/message.ts';
import type { Site } from './site.ts';

/** Field lines and the content that they describe. */
interface Described {
  readonly fields: readonly FieldLine[];
  readonly content: Content;
}

/**
 * Text that is made for an answer, such as a listing, in the coding that the client likes best of those that can be made.
 * A client that accepts none of them gets it as it is. RFC 9110 §12.5.3.
 */
export function turned(
  fields: readonly FieldLine[],
  content: BytesContent | StreamContent,
  request: Request,
  { codings: { made } }: Pick<Site, 'codings'>,
): Described {
  if (made.length === 0 || (content.kind === 'bytes' && content.bytes.length < codedContentBytesMin))
    return { fields, content };
  const varying = varyingOn(fields, 'Accept-Encoding');
  const accepted = acceptedCodings(request.fields.get('accept-encoding'));
  const to = accepted.find(coding => coding === 'identity' || made.includes(coding)) ?? 'identity';
  if (to === 'identity') return { fields: varying, content };
  return { fields: [...varying, ['Content-Encoding', to]], content: { kind: 'turned', content, to } };
}
