import { found } from '../rules/found.ts';
import { hint } from '../rules/nearest.ts';

/**
 * How a value in a configuration is built. What checks it and the schema for editors are both made from it, so that
 * they agree.
 */
export type Shape =
  | { readonly kind: 'text'; readonly what: string }
  | { readonly kind: 'one of'; readonly values: readonly (string | number | boolean)[] }
  | { readonly kind: 'list'; readonly of: Shape }
  /** An object with keys of the owner's choice; `what` says what they are, `keys` which they may be. */
  | { readonly kind: 'map'; readonly keys: RegExp; readonly what: string; readonly of: Shape }
  | {
      readonly kind: 'object';
      readonly keys: Readonly<Record<string, Shape>>;
      /** Keys that have to be there. */
      readonly needs: readonly string[];
    }
  /** The first that has the same type of value as what is found counts. */
  | { readonly kind: 'either'; readonly of: readonly Shape[] };

/** The way to a value: `['rules', 'redirects', 0, 'from']`. */
export type KeyPath = readonly (string | number)[];

/** Something that does not have its shape, and why: what was found, what is wanted, the nearest known key. */
export interface Misfit {
  readonly keys: KeyPath;
  readonly why: string;
}

/** Where a value does not have its shape; nothing when it has. `keys` is the way to it. */
export function misfits(shape: Shape, value: unknown, keys: KeyPath): readonly Misfit[] {
  switch (shape.kind) {
    case 'text':
      return typeof value === 'string' && value !== '' ? [] : misfit(shape, value, keys);
    case 'one of':
      return shape.values.some(one => one === value) ? [] : misfit(shape, value, keys);
    case 'list':
      if (!Array.isArray(value)) return misfit(shape, value, keys);
      return value.flatMap((one: unknown, index) => misfits(shape.of, one, [...keys, index]));
    case 'map':
      if (!isObject(value)) return misfit(shape, value, keys);
      return Object.entries(value).flatMap(([key, one]) =>
        shape.keys.test(key)
          ? misfits(shape.of, one, [...keys, key])
          : [{ keys, why: `found the key ${found(key)}, wanted ${shape.what}` }],
      );
    case 'object':
      return isObject(value) ? objectMisfits(shape, value, keys) : misfit(shape, value, keys);
    case 'either': {
      const fit = shape.of.find(one => isOfType(one, value));
      return fit === undefined ? misfit(shape, value, keys) : misfits(fit, value, keys);
    }
  }
}

/** A shape as JSON Schema. */
export function schemaOfShape(shape: Shape): Readonly<Record<string, unknown>> {
  switch (shape.kind) {
    case 'text':
      return { type: 'string', minLength: 1 };
    case 'one of':
      return { enum: shape.values };
    case 'list':
      return { type: 'array', items: schemaOfShape(shape.of) };
    case 'map':
      return {
        type: 'object',
        propertyNames: { pattern: shape.keys.source },
        additionalProperties: schemaOfShape(shape.of),
      };
    case 'object': {
      const properties = Object.entries(shape.keys).map(([key, one]) => [key, schemaOfShape(one)]);
      return {
        type: 'object',
        additionalProperties: false,
        ...(shape.needs.length > 0 && { required: shape.needs }),
        properties: Object.fromEntries(properties),
      };
    }
    case 'either':
      return { anyOf: shape.of.map(schemaOfShape) };
  }
}

/** A way to a value as people write it: `rules.redirects[0].from`, `hosts["example.com"].root`. */
export function formatKeys(keys: KeyPath): string {
  return keys
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      if (!/^[\w-]+$/.test(key)) return `[${found(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join('');
}

/** Whether a value is an object with keys, and no array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** That an object has no such key, and which one was most likely meant. */
export function noSuchKey(key: string, known: readonly string[]): string {
  return `no key is called so here; ${hint(key, known)}`;
}

function misfit(shape: Shape, value: unknown, keys: KeyPath): readonly Misfit[] {
  return [{ keys, why: `found ${found(value)}, wanted ${inWords(shape)}` }];
}

function objectMisfits(
  { keys: known, needs }: Extract<Shape, { kind: 'object' }>,
  value: Readonly<Record<string, unknown>>,
  keys: KeyPath,
): readonly Misfit[] {
  const missing = needs.filter(key => value[key] === undefined);
  return [
    ...Object.entries(value).flatMap(([key, one]) => {
      if (one === undefined) return [];
      const shape = Object.hasOwn(known, key) ? known[key] : undefined;
      return shape === undefined
        ? [{ keys: [...keys, key], why: noSuchKey(key, Object.keys(known)) }]
        : misfits(shape, one, [...keys, key]);
    }),
    ...missing.map(key => ({ keys, why: `found no ${key}, wanted ${needs.join(', ')}` })),
  ];
}

function isOfType(shape: Shape, value: unknown): boolean {
  switch (shape.kind) {
    case 'text':
      return typeof value === 'string';
    case 'one of':
      return shape.values.some(one => one === value);
    case 'list':
      return Array.isArray(value);
    case 'map':
    case 'object':
      return isObject(value);
    case 'either':
      return shape.of.some(one => isOfType(one, value));
  }
}

function inWords(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return shape.what;
    case 'one of':
      return shape.values
        .map(String)
        .join(', ')
        .replace(/, ([^,]*)$/, ' or $1');
    case 'list':
      return 'an array';
    case 'map':
      return `an object with ${shape.what}`;
    case 'object':
      return shape.needs.length === 0 ? 'an object' : `an object with ${shape.needs.join(', ')}`;
    case 'either':
      return shape.of.map(inWords).join(', or ');
  }
}
