/** The members of a comma-separated list in lower case, without the SP and HTAB around each; empty ones stay. RFC 9110 §5.6.1. */
export function listMembers(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(',')
    .map(member => trimmed(member, 0, member.length));
}

/**
 * The part of a text from `from` up to `to` without the SP and HTAB around it. `String.trim` would take 0xa0
 * away too, which is an octet of the value, and a regular expression would take quadratic time.
 */
export function trimmed(text: string, from: number, to: number): string {
  let first = from;
  let end = to;
  while (first < end && isBlank(text.charCodeAt(first))) first++;
  while (end > first && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(first, end);
}

/** Whether an octet is SP or HTAB. */
export function isBlank(octet: number): boolean {
  return octet === 0x20 || octet === 0x09;
}
