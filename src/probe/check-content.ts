import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { isCompressible, mediaTypeOf } from '../http/media-type.ts';
import {
  advice,
  type Check,
  each,
  eachAsked,
  type Finding,
  fault,
  pages,
  parts,
  type Served,
  type Site,
  served,
} from './check.ts';

/** Whether contents come as what they are, small, and in the pieces that are asked for. */
export const contentChecks: readonly Check[] = [
  {
    id: 'media-types',
    title: 'Media types are right',
    why: 'A browser runs no script and applies no style that comes as another type.',
    fix: 'Send the Content-Type that belongs to the file; a missing file must not be answered with a page.',
    look: site => each(served(site), judgeType),
  },
  {
    id: 'charset',
    title: 'Pages say their character encoding',
    why: 'Without it browsers guess, and letters beyond ASCII come out wrong.',
    fix: 'Send "text/html; charset=utf-8", or begin the head with <meta charset="utf-8">.',
    look: site =>
      each(pages(site), ({ url, fields, document }) => {
        const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(fields.get('content-type') ?? '')?.[1];
        if (charset === undefined) {
          return document?.namesCharset === true ? undefined : fault(url, 'names no encoding');
        }
        return /^utf-?8$/i.test(charset) ? undefined : advice(url, `is in ${charset}, not in UTF-8`);
      }),
  },
  {
    id: 'coding',
    title: 'Text is sent compressed',
    why: 'Text gets three to five times smaller, and so arrives sooner.',
    fix: 'Compress with br or gzip: on the fly, or ahead with plinth precompress.',
    look: site => {
      const texts = served(site).filter(isWorthCoding);
      let estimates = 0;
      return eachAsked(texts, async visit => {
        if (codingOf(visit.fields) !== 'identity') return undefined;
        estimates += 1;
        const octets = `${visit.contentBytes}${visit.answer.isWhole ? '' : ' or more'} octets as they are`;
        const less = estimates > samplesMax ? undefined : await gzipped(visit, site);
        return fault(visit.url, less === undefined ? octets : `${octets}; gzip makes ${less} of them`);
      });
    },
  },
  {
    id: 'vary',
    title: 'Codings are kept apart',
    why: 'A cache that is not told may give a client what it cannot decode.',
    fix: 'Send Vary: Accept-Encoding, and no coding to a client that accepts none.',
    look: site => {
      const coded = served(site).filter(({ fields }) => codingOf(fields) !== 'identity');
      return eachAsked(coded, async ({ url, fields }) => {
        if (!/\baccept-encoding\b|\*/i.test(fields.get('vary') ?? ''))
          return fault(url, 'has no Vary: Accept-Encoding');
        if (!coded.slice(0, samplesMax).some(visit => visit.url === url)) return undefined;
        const plain = await site.ask(url, { method: 'HEAD', fields: { 'accept-encoding': 'identity' } });
        if (plain.kind === 'no-reply' || codingOf(plain.fields) === 'identity') return undefined;
        return fault(url, `comes in ${codingOf(plain.fields)} to a client that accepts no coding`);
      });
    },
  },
  {
    id: 'ranges',
    title: 'Files can be had in part',
    why: 'Players seek, and downloads go on where they broke off; some browsers play nothing without it.',
    fix: 'Answer Range with 206 and Content-Range.',
    look: site => {
      const media = parts(site).filter(isMedia);
      const largest = parts(site)
        .filter(visit => !isMedia(visit) && visit.contentBytes > 0)
        .sort((one, other) => other.contentBytes - one.contentBytes);
      const asked = [...media.slice(0, samplesMax), ...largest.slice(0, samplesMax)];
      return eachAsked(asked, visit => judgeRange(visit, site));
    },
  },
  {
    id: 'head',
    title: 'HEAD answers like GET',
    why: 'Caches, link checkers and download tools ask that way before they fetch.',
    fix: 'Answer HEAD with the fields of GET and no content.',
    look: site =>
      eachAsked(served(site).slice(0, samplesMax), async ({ url, fields }) => {
        const answer = await site.ask(url, { method: 'HEAD' });
        if (answer.kind === 'no-reply') return fault(url, answer.why);
        if (answer.status !== 200) return fault(url, `GET answers 200 and HEAD ${answer.status}`);
        const [type, otherType] = [fields, answer.fields].map(each => each.get('content-type'));
        return type === otherType ? undefined : fault(url, 'GET and HEAD tell different media types');
      }),
  },
];

function judgeType({ url, type, contentBytes }: Served): Finding | undefined {
  if (type === '') return contentBytes === 0 ? undefined : fault(url, 'has no Content-Type');
  const name = nameIn(url);
  const wanted = mediaTypeOf(name).split(';', 1)[0] ?? '';
  if (wanted === type || wanted === 'application/octet-stream' || wanted === 'text/html') return undefined;
  const text = `is ${wanted} by its name and comes as ${type}`;
  if (isScript(wanted)) return isScript(type) ? undefined : fault(url, text);
  if (strictTypes.has(wanted) || type === 'text/html') return fault(url, text);
  // Many types have more than one name; what says nothing at all is another matter.
  return vagueTypes.has(type) ? advice(url, text) : undefined;
}

function isScript(type: string): boolean {
  return /^(?:text|application)\/(?:x-)?(?:javascript|ecmascript)$/.test(type);
}

/** What browsers refuse when it comes as something else. */
const strictTypes: ReadonlySet<string> = new Set(['text/css', 'image/svg+xml', 'application/wasm']);
const vagueTypes: ReadonlySet<string> = new Set(['application/octet-stream', 'text/plain']);

function nameIn(url: string): string {
  const name = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function codingOf(fields: ReadonlyMap<string, string>): string {
  return fields.get('content-encoding')?.trim().toLowerCase() || 'identity';
}

function isWorthCoding({ type, fields, contentBytes }: Served): boolean {
  return isCompressible(type) && (codingOf(fields) !== 'identity' || contentBytes >= worthBytesMin);
}

/** What would come of it; undefined when the content was not had whole. */
async function gzipped({ url }: Served, { ask }: Site): Promise<number | undefined> {
  const answer = await ask(url);
  if (answer.kind === 'no-reply' || !answer.isWhole) return undefined;
  return (await promisify(gzip)(answer.content)).length;
}

function isMedia({ type }: Served): boolean {
  return /^(?:audio|video)\//.test(type);
}

async function judgeRange(visit: Served, { ask }: Site): Promise<Finding | undefined> {
  const { url } = visit;
  const answer = await ask(url, { fields: { range: 'bytes=0-0', 'accept-encoding': 'identity' } });
  if (answer.kind === 'no-reply') return fault(url, answer.why);
  switch (answer.status) {
    case 206: {
      const range = answer.fields.get('content-range') ?? '';
      const isRight = /^bytes 0-0\/(?:\d+|\*)$/i.test(range) && answer.content.length === 1;
      return isRight
        ? undefined
        : fault(url, 'answers 206 with something else than the octet that was asked for');
    }
    case 200:
      return isMedia(visit)
        ? fault(url, 'is sent whole when a part is asked for')
        : advice(url, 'is sent whole when a part is asked for');
    default:
      return fault(url, `answers ${answer.status} when its first octet is asked for`);
  }
}

const samplesMax = 3;
/** Below this nothing is gained. */
const worthBytesMin = 1400;
