/**
 * The offer that a client likes best by its Accept field; among equals the earlier one. Offers are media types,
 * perhaps with parameters, and are answered as they were given. Undefined when the client accepts none of them.
 * An absent or empty field accepts anything; a malformed element is as if it were not there. RFC 9110 §12.5.1.
 * Linear in the field's length for each offer.
 */
export function negotiate(accept: string | undefined, offers: readonly string[]): string | undefined {
  const ranges = elements(accept ?? '', ',')
    .map(parseMediaRange)
    .filter(range => range !== undefined);
  if (ranges.length === 0) return offers[0];
  let best: string | undefined;
  let bestWeight = 0;
  for (const offer of offers) {
    const weight = weightOf(offer, ranges);
    if (weight > bestWeight) {
      best = offer;
      bestWeight = weight;
    }
  }
  return best;
}

interface MediaRange {
  /** In lower case; `*` for any. */
  readonly type: string;
  readonly subtype: string;
  /** Each as `name=value`, the name in lower case and the value without quotes. */
  readonly parameters: readonly string[];
  readonly weight: number;
}

/** The weight that the most specific range gives to an offer; 0 when none does. */
function weightOf(offer: string, ranges: readonly MediaRange[]): number {
  const offered = parseMediaRange(offer);
  if (offered === undefined) return 0;
  let weight = 0;
  let bestSpecificity = -1;
  for (const range of ranges) {
    const specificity = specificityOf(range);
    if (specificity > bestSpecificity && covers(range, offered)) {
      weight = range.weight;
      bestSpecificity = specificity;
    }
  }
  return weight;
}

/** `type/subtype;parameters` before `type/subtype` before `type/*` before any. */
function specificityOf(range: MediaRange): number {
  if (range.type === '*') return 0;
  return range.subtype === '*' ? 1 : 2 + range.parameters.length;
}

function covers(range: MediaRange, offered: MediaRange): boolean {
  return (
    (range.type === '*' || range.type === offered.type) &&
    (range.subtype === '*' || range.subtype === offered.subtype) &&
    range.parameters.every(parameter => offered.parameters.includes(parameter))
  );
}

/** Undefined when the element is not a media range with parameters and perhaps a weight. */
function parseMediaRange(element: string): MediaRange | undefined {
  const [name = '', ...rest] = elements(element, ';');
  const { type = '', subtype = '' } = mediaRange.exec(name)?.groups ?? {};
  if (type === '' || (type === '*' && subtype !== '*')) return undefined;
  const parameters: string[] = [];
  let weight = 1;
  for (const text of rest) {
    const parameter = parseParameter(text);
    if (parameter === undefined) return undefined;
    if (parameter.name === 'q') {
      if (!weightText.test(parameter.value)) return undefined;
      weight = Number(parameter.value);
      // What follows a weight was an extension of Accept once and means nothing now: RFC 9110 §12.5.1.
      break;
    }
    parameters.push(`${parameter.name}=${parameter.value}`);
  }
  return { type: type.toLowerCase(), subtype: subtype.toLowerCase(), parameters, weight };
}

function parseParameter(text: string): { readonly name: string; readonly value: string } | undefined {
  const groups = parameterText.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { name = '', token, quoted = '' } = groups;
  return { name: name.toLowerCase(), value: token ?? quoted.replace(quotedPair, '$1') };
}

/** The parts between separators that stand outside quoted strings, trimmed, the empty ones left out. */
function elements(text: string, separator: ',' | ';'): readonly string[] {
  const parts = text.match(separator === ',' ? betweenCommas : betweenSemicolons) ?? [];
  return parts.map(part => part.trim()).filter(part => part !== '');
}

// A quote that is never closed runs to the end of the field; its element is then malformed.
const betweenCommas = /(?:[^,"]|"(?:[^"\\]|\\[\s\S])*(?:"|\\?$))+/g;
const betweenSemicolons = /(?:[^;"]|"(?:[^"\\]|\\[\s\S])*(?:"|\\?$))+/g;
const quotedPair = /\\([\s\S])/g;
const tokenCharacters = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const mediaRange = new RegExp(`^(?<type>${tokenCharacters})/(?<subtype>${tokenCharacters})$`);
const parameterText = new RegExp(
  `^(?<name>${tokenCharacters})=(?:(?<token>${tokenCharacters})|"(?<quoted>(?:[^"\\\\]|\\\\[\\s\\S])*)")$`,
);
const weightText = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;
