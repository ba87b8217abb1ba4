import type { FieldLine } from './message.ts';

/**
 * A request's field section: lines in the order received, looked up by name in any case. Never changes.
 * Values are the field's octets as Latin-1, without the white space around them. RFC 9110 §5.
 */
export class Fields {
  readonly lines: readonly FieldLine[];
  readonly #byName: ReadonlyMap<string, readonly string[]>;

  constructor(lines: readonly FieldLine[]) {
    this.lines = Object.freeze(lines);
    const byName = new Map<string, string[]>();
    for (const [name, value] of lines) {
      const key = name.toLowerCase();
      const values = byName.get(key);
      if (values === undefined) byName.set(key, [value]);
      else values.push(value);
    }
    this.#byName = byName;
  }

  /** All values of a field, in order; empty when the field is absent. `name` is in lower case. */
  values(name: string): readonly string[] {
    return this.#byName.get(name) ?? none;
  }

  /** The field's value, several lines joined by a comma (RFC 9110 §5.3); undefined when absent. */
  get(name: string): string | undefined {
    const values = this.#byName.get(name);
    if (values === undefined) return undefined;
    return values.length === 1 ? values[0] : values.join(', ');
  }
}

/** The section without a line. */
export const noFields: Fields = new Fields([]);

/** The first value of a named line in a response's fields, in any case; undefined when absent. */
export function fieldValue(lines: readonly FieldLine[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  return lines.find(line => line[0].toLowerCase() === wanted)?.[1];
}

/** A response's fields with `name` among those that it varies on, in one line. RFC 9110 §12.5.5. */
export function varyingOn(lines: readonly FieldLine[], name: string): readonly FieldLine[] {
  const names = lines.flatMap(line => (isVary(line) ? line[1].split(', ') : []));
  if (names.includes(name)) return lines;
  return [...lines.filter(line => !isVary(line)), ['Vary', [...names, name].join(', ')]];
}

function isVary([name]: FieldLine): boolean {
  return name.toLowerCase() === 'vary';
}

const none: readonly string[] = [];
