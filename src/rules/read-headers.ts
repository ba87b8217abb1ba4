import { readFieldChange } from './field-line.ts';
import { found } from './found.ts';
import { type Dialect, faultAt, linesOf } from './lines.ts';
import { parsePattern } from './pattern.ts';
import { readPlace } from './place.ts';
import { type FieldChange, type FieldRule, noRules, type ReadRules, type RuleFault } from './rules.ts';
import { styleOf } from './styles.ts';

/**
 * Reads a `_headers` file: a path, or one with a host, on a line of its own, then `Name: value` lines, and `! Name` where a field is to go.
 * Every path that matches applies, in order; a name that comes again adds a value. What cannot be read is a fault with
 * its line, and the rest holds. In the dialect of Cloudflare, values may hold what the path captures.
 */
export function readHeaders(text: string, file: string, dialect: Dialect): ReadRules {
  const faults: RuleFault[] = [];
  const fields: FieldRule[] = [];
  /** Undefined before the first path, and below one that cannot be read. */
  let block: (Place & { readonly line: number; readonly changes: FieldChange[] }) | undefined;
  let isBelowFault = false;
  const close = (): void => {
    if (block === undefined || block.changes.length === 0) return;
    const { line, captured, ...rule } = block;
    fields.push({ source: { file, line }, ...rule });
  };
  for (const { text: line, number } of linesOf(text)) {
    if (line.startsWith('/') || /^https?:\/\//i.test(line)) {
      close();
      const place = readFrom(line, dialect);
      isBelowFault = typeof place === 'string';
      block = typeof place === 'string' ? undefined : { ...place, line: number, changes: [] };
      if (typeof place === 'string') faults.push(faultAt(file, number, place));
    } else if (block !== undefined) {
      const change = readChange(line, dialect === 'cloudflare' ? block.captured : []);
      if (typeof change === 'string') faults.push(faultAt(file, number, change));
      else block.changes.push(change);
    } else if (!isBelowFault) {
      faults.push(faultAt(file, number, 'a field stands before the first path'));
    }
  }
  close();
  return { rules: { ...noRules, fields }, faults };
}

type Place = Pick<FieldRule, 'from' | 'hosts'> & {
  /** The names that host and path capture. */
  readonly captured: readonly string[];
};

function readFrom(line: string, dialect: Dialect): Place | string {
  const place = readPlace(line, true);
  if (typeof place === 'string') return place;
  const from = parsePattern(place.path, styleOf(dialect));
  if (from.kind === 'unreadable') return `found ${found(place.path)}; ${from.why}`;
  const twice = from.names.find(name => place.captured.includes(name));
  if (twice !== undefined) return `:${twice} stands there twice`;
  return { from, hosts: place.hosts, captured: [...place.captured, ...from.names] };
}

function readChange(line: string, names: readonly string[]): FieldChange | string {
  const removed = /^!\s*(?<name>\S+)$/.exec(line)?.groups?.name;
  const colon = line.indexOf(':');
  if (removed === undefined && colon < 1)
    return `found ${found(line)}, wanted a path, Name: value, or ! Name`;
  const change =
    removed === undefined
      ? readFieldChange('join', line.slice(0, colon).trim(), line.slice(colon + 1), names)
      : readFieldChange('remove', removed, '', names);
  return change.kind === 'unreadable' ? change.why : change;
}
