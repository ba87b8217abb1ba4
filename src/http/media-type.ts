import database from 'mime-db';

/**
 * The Content-Type for a file of this name, by its last extension in any case; `application/octet-stream` when it
 * has none, is a dotfile, or has one that nobody knows. Text, JavaScript, JSON and SVG say `charset=utf-8`.
 * RFC 9110 §8.3, RFC 9239, WHATWG MIME Sniffing.
 */
export function mediaTypeOf(name: string): string {
  const dot = name.lastIndexOf('.');
  if (dot <= 0) return unknownType;
  const extension = name.slice(dot + 1).toLowerCase();
  const type = webTypes.get(extension) ?? registeredTypes().get(extension) ?? unknownType;
  return utf8Types.test(type) ? `${type}; charset=utf-8` : type;
}

/**
 * Whether octets of this media type get smaller when they are coded: what mime-db says, and text, JSON and XML where
 * it says nothing. Octets of an unknown kind do not: they may be anything, and are mostly packed already.
 */
export function isCompressible(mediaType: string): boolean {
  const type = mediaType.split(';', 1)[0] ?? '';
  if (type === unknownType) return false;
  return database[type]?.compressible ?? textLike.test(type);
}

const textLike = /^text\/|[+/](?:json|xml|yaml|text)$/;

const unknownType = 'application/octet-stream';

// XML stays without a charset: it would outrank the document's own declaration (RFC 7303 §3.2), which other
// encodings than UTF-8 still use. SVG is written by tools of today, and in UTF-8.
const utf8Types = /^(?:text\/.*|application\/(?:json|json5|x-ndjson|jsonl)|.*\+json|image\/svg\+xml)$/;

/**
 * Where mime-db has nothing, has it otherwise than the web does, or has several. In order of authority: WHATWG
 * (image/x-icon is what its sniffing calls icons, as nginx does; RFC 9239 has one type for every JavaScript),
 * then IANA (audio/flac RFC 9639, application/yaml RFC 9512, application/zstd RFC 8878, text/vcard RFC 6350).
 *
 * `.ts` stays video/mp2t, as registered and as nginx and Apache have it: HLS streams depend on it, while no browser
 * runs TypeScript whatever it is called. Source that has no such namesake is readable in the browser as text.
 */
const webTypes: ReadonlyMap<string, string> = new Map([
  ...sharing('text/javascript', 'js', 'mjs', 'cjs'),
  ...sharing('application/json', 'json', 'map', 'topojson', 'har'),
  ...sharing('application/importmap+json', 'importmap'),
  ...sharing('image/x-icon', 'ico', 'cur'),
  ...sharing('image/jpeg', 'jfif', 'pjpeg', 'pjp'),
  ...sharing('audio/wav', 'wav'),
  ...sharing('audio/flac', 'flac'),
  ...sharing('video/mp4', 'mp4', 'm4v', 'mpg4'),
  ...sharing('video/3gpp', '3gpp'),
  ...sharing('video/mp2t', 'ts', 'mts', 'm2ts'),
  ...sharing('application/yaml', 'yaml', 'yml'),
  ...sharing('application/gzip', 'gz', 'tgz'),
  ...sharing('application/zstd', 'zst'),
  ...sharing('text/vcard', 'vcf'),
  ...sharing('text/plain', 'tsx', 'cts', 'py', 'rb', 'rs', 'go', 'sh', 'diff', 'patch'),
]);

function sharing(type: string, ...extensions: readonly string[]): readonly (readonly [string, string])[] {
  return extensions.map(extension => [extension, type]);
}

let registered: ReadonlyMap<string, string> | undefined;

/** mime-db by extension, made when it is first needed: start-up has better things to do. */
function registeredTypes(): ReadonlyMap<string, string> {
  registered ??= byExtension();
  return registered;
}

/** Of several types for one extension the best-sourced wins, and of those the first. */
function byExtension(): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const source of ['iana', 'apache', 'nginx', undefined]) {
    for (const [type, entry] of Object.entries(database)) {
      if (entry.source !== source) continue;
      for (const extension of entry.extensions ?? []) {
        if (!types.has(extension)) types.set(extension, type);
      }
    }
  }
  return types;
}
