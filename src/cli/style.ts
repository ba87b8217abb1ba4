/** How text is set off on a terminal; every function gives the text back unchanged where there are no colours. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly accent: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
}

/** The style for a stream: colours only on a terminal that has them; NO_COLOR and `TERM=dumb` are honoured. */
export function styleFor(stream: NodeJS.WriteStream): Style {
  const isColoured = stream.isTTY && stream.hasColors();
  const set = (code: number) => (text: string) => (isColoured ? `\x1b[${code}m${text}\x1b[0m` : text);
  return { bold: set(1), dim: set(2), accent: set(36), warn: set(33), good: set(32), bad: set(31) };
}

/** A path or a name that others chose, harmless to a terminal and on one line. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, character => {
    const code = character.charCodeAt(0).toString(16).toUpperCase();
    return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`;
  });
}
