/**
 * The lines, counted from 1, in which the keys and elements of a text in valid JSON begin, by their paths:
 * `redirects[2]`, `headers[0].headers[1]`. What lies deeper than four levels is left out. Of a key that stands there
 * twice the later one counts, as for `JSON.parse`.
 */
export function keyLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const open: Level[] = [];
  let line = 1;
  for (const [token] of text.matchAll(/"(?:[^"\\]+|\\.)*"|[^\s"]|\n/g)) {
    const level = open.at(-1);
    if (token === '\n') line += 1;
    else if (token === '}' || token === ']') open.pop();
    else if (token === ',') beginNext(level);
    else if (level?.isAwaited && open.length <= levelsMax) {
      level.member = memberOf(level, token);
      level.isAwaited = false;
      lines.set(level.member, line);
    }
    if (token === '{' || token === '[')
      open.push({
        path: level?.member ?? '',
        isArray: token === '[',
        index: 0,
        member: '',
        isAwaited: true,
      });
  }
  return lines;
}

const levelsMax = 4;

/** An object or array that is not closed yet. */
interface Level {
  readonly path: string;
  readonly isArray: boolean;
  index: number;
  /** The path of the member that was begun last. */
  member: string;
  /** Whether the next token begins a member. */
  isAwaited: boolean;
}

function beginNext(level: Level | undefined): void {
  if (level === undefined) return;
  level.index += 1;
  level.isAwaited = true;
}

function memberOf({ path, isArray, index }: Level, token: string): string {
  if (isArray) return `${path}[${index}]`;
  const key = String(JSON.parse(token));
  return path === '' ? key : `${path}.${key}`;
}
