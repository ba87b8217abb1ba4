import { readFieldChange } from './field-line.ts';
import { type Dialect, faultAt, linesOf } from './lines.ts';
import { type Pattern, parsePattern } from './pattern.ts';
import { type FieldChange, type FieldRule, noRules, type ReadRules, type RuleFault } from './rules.ts';
import { styleOf } from './styles.ts';

/**
 * Reads a `_headers` file: a path on a line of its own, then `Name: value` lines, and `! Name` where a field is to go.
 * Every path that matches applies, in order; a name that comes again adds a value. What cannot be read is a fault with
 * its line, and the rest holds. In the dialect of Cloudflare, values may hold what the path captures.
 */
export function readHeaders(text: string, file: string, dialect: Dialect): ReadRules {
  const faults: RuleFault[] = [];
  const fields: FieldRule[] = [];
  /** Undefined before the first path, and below one that cannot be read. */
  let block: { readonly from: Pattern; readonly line: number; readonly changes: FieldChange[] } | undefined;
  let isBelowFault = false;
  const close = (): void => {
    if (block !== undefined && block.changes.length > 0)
      fields.push({ source: { file, line: block.line }, from: block.from, changes: block.changes });
  };
  for (const { text: line, number } of linesOf(text)) {
    if (line.startsWith('/') || /^https?:\/\//i.test(line)) {
      close();
      const from = readPath(line, dialect);
      isBelowFault = typeof from === 'string';
      block = typeof from === 'string' ? undefined : { from, line: number, changes: [] };
      if (typeof from === 'string') faults.push(faultAt(file, number, from));
    } else if (block !== undefined) {
      const change = readChange(line, dialect === 'cloudflare' ? block.from.names : []);
      if (typeof change === 'string') faults.push(faultAt(file, number, change));
      else block.changes.push(change);
    } else if (!isBelowFault) {
      faults.push(faultAt(file, number, 'a field stands before the first path'));
    }
  }
  close();
  return { rules: { ...noRules, fields }, faults };
}

function readPath(line: string, dialect: Dialect): Pattern | string {
  if (!line.startsWith('/'))
    return 'a rule for one host only cannot be kept here; wanted a path that begins with a slash';
  const pattern = parsePattern(line, styleOf(dialect));
  return pattern.kind === 'pattern' ? pattern : pattern.why;
}

function readChange(line: string, names: readonly string[]): FieldChange | string {
  const removed = /^!\s*(?<name>\S+)$/.exec(line)?.groups?.name;
  const colon = line.indexOf(':');
  if (removed === undefined && colon < 1) return 'wanted a path, Name: value, or ! Name';
  const change =
    removed === undefined
      ? readFieldChange('join', line.slice(0, colon).trim(), line.slice(colon + 1), names)
      : readFieldChange('remove', removed, '', names);
  return change.kind === 'unreadable' ? change.why : change;
}
