/**
 * The offer that a client likes best by its Accept-Language field; among equals the earlier one, and the first when it
 * likes none or does not say. A range covers the tags that begin with it, and a tag more narrow than an offer (`zh-TW` for
 * `zh`) means that offer, as people do. A malformed element is as if it were not there. RFC 9110 §12.5.4, RFC 4647 §3.
 */
export function preferredLanguage<Tag extends string>(
  acceptLanguage: string | undefined,
  offers: readonly [Tag, ...Tag[]],
): Tag {
  const weights = new Map<Tag, number>();
  let others = 0;
  for (const element of (acceptLanguage ?? '').split(',')) {
    const { range = '', weight = '1' } = languageRange.exec(element.trim())?.groups ?? {};
    if (range === '*') others = Number(weight);
    for (const offer of offers) {
      if (isCovered(range.toLowerCase(), offer.toLowerCase()))
        weights.set(offer, Math.max(weights.get(offer) ?? 0, Number(weight)));
    }
  }
  let best = offers[0];
  let bestWeight = 0;
  for (const offer of offers) {
    const weight = weights.get(offer) ?? others;
    if (weight > bestWeight) {
      best = offer;
      bestWeight = weight;
    }
  }
  return best;
}

function isCovered(range: string, offer: string): boolean {
  return range === offer || range.startsWith(`${offer}-`) || offer.startsWith(`${range}-`);
}

const languageRange =
  /^(?<range>\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)(?:[ \t]*;[ \t]*[qQ]=(?<weight>0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/;
