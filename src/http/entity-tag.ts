/** Makes an entity tag from octets that its grammar allows (visible ASCII but `"`). RFC 9110 §8.8.3. */
export function formatEntityTag(opaque: string, strength: 'strong' | 'weak'): string {
  return strength === 'weak' ? `W/"${opaque}"` : `"${opaque}"`;
}

/**
 * Reads the value of If-Match or If-None-Match: `*`, or the entity tags in the order listed, each as it was sent.
 * Undefined when it is neither; one malformed element spoils the list, since nothing then says where the next one
 * begins. Empty elements are skipped (RFC 9110 §5.6.1.2). Linear in the value's length, which the field section bounds.
 */
export function parseEntityTags(value: string): '*' | readonly string[] | undefined {
  if (value === '*') return '*';
  const tags: string[] = [];
  const element = /[ \t]*(?:((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*)?(?:,|$)/y;
  while (element.lastIndex < value.length) {
    const match = element.exec(value);
    if (match === null) return undefined;
    if (match[1] !== undefined) tags.push(match[1]);
  }
  return tags;
}

/** Whether two entity tags are the same and neither is weak: the bytes are equal. RFC 9110 §8.8.3.2. */
export function matchesStrongly(left: string, right: string): boolean {
  return left === right && !left.startsWith('W/');
}

/** Whether two entity tags are the same, weak or not: either representation will do. RFC 9110 §8.8.3.2. */
export function matchesWeakly(left: string, right: string): boolean {
  return opaquePart(left) === opaquePart(right);
}

function opaquePart(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}
