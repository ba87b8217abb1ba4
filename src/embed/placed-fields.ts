import type { FieldLine } from '../http/message.ts';

/** Where fields of an answer are kept until it is sent; the program around us may have put some there. */
export interface FieldPlace {
  readonly get: (name: string) => unknown;
  readonly set: (name: string, value: string | readonly string[]) => void;
  readonly remove: (name: string) => void;
}

/**
 * Puts the fields of an answer beside those that the program has set before. What describes the content is ours, since
 * the content is, and what the program has said of another one goes; of everything else (Cache-Control, a policy for pages, whom an answer may be shared with) what the
 * program has said stands. Vary and Set-Cookie say what both say.
 */
export function placeFields(lines: readonly FieldLine[], place: FieldPlace): void {
  const values = new Map<string, string[]>();
  for (const [name, value] of lines) {
    const key = [...values.keys()].find(known => known.toLowerCase() === name.toLowerCase()) ?? name;
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  const said = new Set([...values.keys()].map(name => name.toLowerCase()));
  for (const name of ofOneContent) if (!said.has(name) && place.get(name) !== undefined) place.remove(name);
  for (const [name, ours] of values) {
    const theirs = place.get(name);
    if (theirs === undefined || describing.has(name.toLowerCase())) place.set(name, alone(ours));
    else if (joined.has(name.toLowerCase()))
      place.set(name, joinedWith(name, [theirs].flat().map(String), ours));
  }
}

function joinedWith(
  name: string,
  theirs: readonly string[],
  ours: readonly string[],
): string | readonly string[] {
  if (name.toLowerCase() === 'set-cookie') return [...theirs, ...ours];
  const names = [...theirs, ...ours].flatMap(value => value.split(',')).map(text => text.trim());
  const known = names.map(text => text.toLowerCase());
  return names.filter((_, index) => known.indexOf(known[index] ?? '') === index).join(', ');
}

function alone(values: readonly string[]): string | readonly string[] {
  const [only, ...others] = values;
  return only !== undefined && others.length === 0 ? only : values;
}

const joined: ReadonlySet<string> = new Set(['vary', 'set-cookie']);

/** What is true of one content only: in front of another it misleads, or breaks the connection. */
const ofOneContent: readonly string[] = [
  'content-length',
  'content-encoding',
  'content-location',
  'content-range',
  'etag',
  'last-modified',
];

/** The representation (RFC 9110 §8, §14, §15.3.7), and what an answer of that status must say. */
const describing: ReadonlySet<string> = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'content-language',
  'content-location',
  'content-range',
  'content-disposition',
  'etag',
  'last-modified',
  'accept-ranges',
  'location',
  'allow',
  'retry-after',
  'www-authenticate',
]);
