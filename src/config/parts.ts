import { found } from '../rules/found.ts';
import { OptionError } from './options.ts';

/** Options of the library that are no plain values, and so have no row in the table. */
export interface Parts {
  readonly store: unknown;
  readonly onReport: unknown;
  /** Under the name of each option, descriptors of sockets. */
  readonly [descriptors: string]: unknown;
}

/** Throws an OptionError when what stands in the place of all options is no object of them, as the name of a folder. */
export function checkOptions(given: unknown): void {
  const what = given instanceof URL ? given.href : given;
  if (typeof what === 'object' && what !== null && !Array.isArray(what)) return;
  throw new OptionError(
    `found ${found(what)} where the options are, wanted an object of them, such as { root: ${typeof what === 'string' ? found(what) : '"dist"'} }`,
  );
}

/** Throws an OptionError for the first of them that cannot be used. */
export function checkParts(
  features: Readonly<Record<string, unknown>>,
  { store, onReport, ...descriptors }: Parts,
): void {
  for (const [name, list] of Object.entries(features)) {
    const other: unknown = Array.isArray(list) ? list.find(feature => typeof feature !== 'function') : list;
    if (!Array.isArray(list) || list.some(feature => typeof feature !== 'function'))
      throw new OptionError(`option ${name}: found ${found(other)}, wanted an array of functions`);
  }
  if (onReport !== undefined && typeof onReport !== 'function') {
    throw new OptionError(`option onReport: found ${found(onReport)}, wanted a function`);
  }
  for (const [name, list] of Object.entries(descriptors)) {
    const areSockets = Array.isArray(list) && list.length > 0 && list.every(Number.isInteger);
    if (list !== undefined && !areSockets)
      throw new OptionError(`option ${name}: wanted an array of descriptors`);
  }
  const isStore =
    typeof store === 'object' && store !== null && 'find' in store && 'open' in store && 'list' in store;
  if (store !== undefined && !isStore) throw new OptionError('option store: wanted find, list and open');
}
