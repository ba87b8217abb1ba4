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
  served,
} from './check.ts';

/** Whether nothing is sent twice, and nothing old is shown. */
export const cachingChecks: readonly Check[] = [
  {
    id: 'validators',
    title: 'Answers have a validator',
    why: 'Without an ETag or a Last-Modified, whoever has a copy must fetch it all again to know whether it is true.',
    fix: 'Send an ETag, or at least Last-Modified.',
    look: site => {
      const pageSet = new Set(pages(site).map(({ url }) => url));
      return each(served(site), ({ url, fields }) => {
        // What is immutable is never asked about: RFC 8246.
        if (hasValidator({ fields }) || isImmutable(fields)) return undefined;
        return pageSet.has(url) ? advice(url, 'has none') : fault(url, 'has none');
      });
    },
  },
  {
    id: 'not-modified',
    title: 'A copy that is still true is not sent again',
    why: 'A 304 has a few hundred octets, whatever the size of the file.',
    fix: 'Compare If-None-Match with the ETag, and answer 304 when they match.',
    look: site => {
      const asked = [
        ...pages(site).filter(hasValidator).slice(0, samplesMax),
        ...parts(site).filter(hasValidator).slice(0, samplesMax),
      ];
      return eachAsked(asked, async ({ url, fields }) => {
        const etag = fields.get('etag');
        const condition =
          etag === undefined
            ? { 'if-modified-since': fields.get('last-modified') ?? '' }
            : { 'if-none-match': etag };
        const answer = await site.ask(url, { fields: condition });
        if (answer.kind === 'no-reply') return fault(url, answer.why);
        return answer.status === 304
          ? undefined
          : fault(
              url,
              `answers ${answer.status} when asked with its own ${etag === undefined ? 'date' : 'tag'}`,
            );
      });
    },
  },
  {
    id: 'page-caching',
    title: 'Pages are not kept blindly',
    why: 'A page that browsers keep without asking is shown old after the next deployment.',
    fix: 'Send Cache-Control: no-cache with pages: copies are kept, and asked about.',
    look: site =>
      each(pages(site), ({ url, fields }) => {
        const { lifeS, text } = cachingOf(fields);
        if (text === undefined)
          return advice(url, 'has no Cache-Control, so browsers guess for how long to keep it');
        return lifeS > pageLifeMaxS
          ? fault(url, `is kept for ${lifeInWords(lifeS)} unasked (${text})`)
          : undefined;
      }),
  },
  {
    id: 'asset-caching',
    title: 'Parts are kept as long as their names hold',
    why: 'What has a hash in its name never changes, and need not be asked about; what has none may change.',
    fix: 'Send public, max-age=31536000, immutable with names that have a hash, and no-cache with the others.',
    look: site => each(parts(site), judgePart),
  },
];

function hasValidator({ fields }: Pick<Served, 'fields'>): boolean {
  return fields.has('etag') || fields.has('last-modified');
}

function isImmutable(fields: ReadonlyMap<string, string>): boolean {
  return /(?:^|,)\s*immutable\s*(?:,|$)/i.test(fields.get('cache-control') ?? '');
}

function judgePart({ url, type, fields }: Served): Finding | undefined {
  const { lifeS, isStored, text } = cachingOf(fields);
  const { pathname, search } = new URL(url);
  const name = pathname.split('/').at(-1) ?? '';
  if (hasHash(name)) {
    if (!isStored) return fault(url, `has a hash in its name and may not be kept (${text})`);
    if (lifeS >= monthS) return undefined;
    return advice(url, `has a hash in its name and is kept for ${lifeInWords(lifeS)} unasked`);
  }
  if (text === undefined)
    return advice(url, 'has no Cache-Control, so browsers guess for how long to keep it');
  // A version in the name or the query changes with the content as well; so does a hash of esbuild, which may have no digit.
  if (lifeS < monthS || /\d|-[A-Z]{8}\./.test(name + search)) return undefined;
  const found = `is kept for ${lifeInWords(lifeS)} unasked, though its name would stay when it changes`;
  return /javascript|css/.test(type) ? fault(url, found) : advice(url, found);
}

/**
 * Whether a name has a hash before its extension, as bundlers write them: eight or more hexadecimal digits, or eight
 * characters of base64 that no word has (`index-BxK3a9Qz.js`, `main.8f3c2a10.css`).
 * @internal
 */
export function hasHash(name: string): boolean {
  const hash = /[-._~]([0-9A-Za-z_-]{8,64}?)(?:\.[a-z0-9]{1,8}){1,3}$/i.exec(name)?.[1];
  if (hash === undefined || !/[0-9]/.test(hash)) return false;
  return /^[0-9a-f]+$/.test(hash) || (/[a-z]/.test(hash) && /[A-Z]/.test(hash));
}

/** For how long a copy is used without asking, in seconds. RFC 9111 §5.2.2. */
function cachingOf(fields: ReadonlyMap<string, string>): {
  readonly lifeS: number;
  readonly isStored: boolean;
  readonly text: string | undefined;
} {
  const text = fields.get('cache-control');
  const directives = (text ?? '')
    .toLowerCase()
    .split(',')
    .map(directive => directive.trim());
  const isAsked = directives.includes('no-cache');
  const isStored = !directives.includes('no-store');
  const age = directives.find(directive => directive.startsWith('max-age='))?.slice('max-age='.length);
  const seconds = Number(age?.replaceAll('"', '') ?? 0);
  return { lifeS: isAsked || !isStored || Number.isNaN(seconds) ? 0 : seconds, isStored, text };
}

function lifeInWords(seconds: number): string {
  if (seconds === 0) return 'no time';
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return seconds < 2 * dayS ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / dayS)} days`;
}

const dayS = 86_400;
const monthS = 30 * dayS;
const pageLifeMaxS = dayS;
const samplesMax = 4;
