/** A content coding that this server speaks, by its registered name. RFC 9110 §8.4.1, RFC 7932, RFC 8878. */
export type ContentCoding = 'br' | 'zstd' | 'gzip';

/** A content coding or none. */
export type Coding = ContentCoding | 'identity';

/** The content codings, the best first: what the server prefers where a client weighs them equally. */
export const contentCodings: readonly ContentCoding[] = ['br', 'zstd', 'gzip'];

/** What a file's name ends in when its octets are in a coding: `app.js.br` is `app.js` in Brotli. */
export const codingSuffixes: Readonly<Record<ContentCoding, string>> = {
  br: '.br',
  zstd: '.zst',
  gzip: '.gz',
};

/** Octets of a content that is worth coding; for fewer it saves nothing. */
export const codedContentBytesMin = 1024;

/**
 * The codings that a client accepts by its Accept-Encoding field, the one that it likes best first; among equals in
 * the order of `contentCodings`, and no coding last. Empty when it accepts none that is known here. No coding is
 * accepted unless it is excluded; a client that does not mention it likes it least. An absent field asks for no
 * coding: it would accept any, but such a client often cannot decode one. A malformed element is as if it were not
 * there; of two for one coding the later counts. RFC 9110 §12.5.3. Linear in the field's length.
 */
export function acceptedCodings(acceptEncoding: string | undefined): readonly Coding[] {
  const weights = new Map<string, number>();
  for (const element of (acceptEncoding ?? '').split(',')) {
    const { name, weight } = codingText.exec(element.trim())?.groups ?? {};
    if (name === undefined) continue;
    const coding = name.toLowerCase();
    weights.set(aliases.get(coding) ?? coding, Number(weight ?? 1));
  }
  const others = weights.get('*');
  return [...contentCodings, 'identity' as const]
    .map(coding => ({ coding, weight: weights.get(coding) ?? others ?? unnamedWeight(coding) }))
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight)
    .map(({ coding }) => coding);
}

/** Less than the least weight that a field can give. */
function unnamedWeight(coding: Coding): number {
  return coding === 'identity' ? 0.0001 : 0;
}

/** RFC 9110 §8.4.1.3: to be read as the same. */
const aliases: ReadonlyMap<string, ContentCoding> = new Map([['x-gzip', 'gzip']]);

const codingText =
  /^(?<name>[!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ \t]*;[ \t]*[qQ]=(?<weight>0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/;
