/** How a value that was found is named in a message: short, on one line, harmless to a terminal. */
export function found(value: unknown): string {
  if (typeof value === 'string') {
    const text = value.length > shownMax ? `${value.slice(0, shownMax)}…` : value;
    return harmless(JSON.stringify(text));
  }
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** The first line of a text that others wrote, harmless to a terminal. */
export function firstLine(text: string): string {
  return harmless(text.split(/[\r\n]/, 1)[0] ?? '');
}

const shownMax = 60;

function harmless(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, unprintable);
}

function unprintable(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
