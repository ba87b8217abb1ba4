/**
 * The offers that a client takes by its Accept-Language field, the one that it likes best first; among equals in the
 * order of the offers, which are language tags such as `en` and `zh-CN`. A range takes an offer that is equal to it,
 * begins with it, or with which it begins (`zh-CN` takes `zh`): RFC 4647 §3.3.1, §3.4. What is malformed is as if it
 * were not there; without a field there is no preference, and the answer is empty. RFC 9110 §12.5.4.
 */
export function preferredLanguages(value: string | undefined, offers: readonly string[]): readonly string[] {
  const ranges = (value ?? '').split(',').slice(0, rangesMax).flatMap(parseRange);
  const weighed = offers
    .map(offer => ({ offer, weight: weightOf(offer.toLowerCase(), ranges) }))
    .filter(({ weight }) => weight > 0);
  return weighed.sort((one, other) => other.weight - one.weight).map(({ offer }) => offer);
}

interface Range {
  /** In lower case; `*` for any. */
  readonly tag: string;
  readonly weight: number;
}

/** More ranges than people have languages are not read. */
const rangesMax = 32;

function parseRange(text: string): readonly Range[] {
  const { tag, weight = '1' } = languageRange.exec(text.trim())?.groups ?? {};
  return tag === undefined ? [] : [{ tag: tag.toLowerCase(), weight: Number(weight) }];
}

const languageRange =
  /^(?<tag>\*|[A-Za-z]{1,8}(?:-[A-Za-z\d]{1,8})*)(?:[ \t]*;[ \t]*[qQ]=(?<weight>0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/;

/** That of the range that speaks of the offer most closely. */
function weightOf(offer: string, ranges: readonly Range[]): number {
  let best = { specificity: -1, weight: 0 };
  for (const { tag, weight } of ranges) {
    const specificity = specificityOf(tag, offer);
    if (specificity > best.specificity) best = { specificity, weight };
  }
  return best.weight;
}

/** How much of an offer a range speaks of: 0 for any, -1 where it speaks of another. */
function specificityOf(range: string, offer: string): number {
  if (range === '*') return 0;
  if (range === offer) return 3;
  if (offer.startsWith(`${range}-`)) return 2;
  return range.startsWith(`${offer}-`) ? 1 : -1;
}
