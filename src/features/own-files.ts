import { acceptedCodings } from '../http/coding.ts';
import type { FieldLine, Response } from '../http/message.ts';
import { type OwnFiles, ownFolder } from '../page/own-files.ts';
import type { Gate } from './feature.ts';

/**
 * Answers for the sheets and scripts of our own pages, which are loaded when the first is asked for. A name holds a hash
 * of the content, so that a copy is good for ever: RFC 8246. Any other name is left to the site.
 */
export function serveOwnFiles(load: () => Promise<OwnFiles>): Gate {
  const gate: Gate = ({ target, fields }) => {
    if (target.kind !== 'path' || target.endsInSlash || target.segments.at(-2) !== ownFolder)
      return undefined;
    return answer(target.segments.at(-1) ?? '', fields.get('accept-encoding'), load);
  };
  return Object.assign(gate, { reads: ['accept-encoding'], title: 'files of our own pages' });
}

async function answer(
  name: string,
  acceptEncoding: string | undefined,
  load: () => Promise<OwnFiles>,
): Promise<Response | undefined> {
  // Of the codings that a client may accept, only these two are made; no coding is never refused here.
  const coding = acceptedCodings(acceptEncoding).find(accepted => accepted !== 'zstd') ?? 'identity';
  const file = await (await load()).find(name, coding);
  if (file === undefined) return undefined;
  const fields: FieldLine[] = [
    ['Content-Type', file.mediaType],
    ['Cache-Control', 'public, max-age=31536000, immutable'],
    ['Vary', 'Accept-Encoding'],
  ];
  if (coding !== 'identity') fields.push(['Content-Encoding', coding]);
  return { status: 200, fields, content: { kind: 'bytes', bytes: file.bytes } };
}
