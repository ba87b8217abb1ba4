import { readFieldChange } from './field-line.ts';
import { found } from './found.ts';
import { readGlob } from './glob.ts';
import { keyLines } from './key-lines.ts';
import { hint } from './nearest.ts';
import { type Pattern, parsePattern, splatName } from './pattern.ts';
import {
  type CleanUrlRule,
  type FieldChange,
  type FieldRule,
  type FinalSlashRule,
  isRedirectStatus,
  noRules,
  type PathChoice,
  type ReadRules,
  type Route,
  type RuleFault,
  type RuleSet,
  type RuleSource,
} from './rules.ts';
import { parseTemplate, type Template } from './template.ts';

/**
 * Reads a `serve.json` with the keys of vercel/serve. Redirects go before files, rewrites after them. What cannot be
 * read is a fault that names the line and the key, and the rest holds; text that is no JSON object is one fault.
 */
export function readServeJson(text: string, file: string): ReadRules {
  const parsed = parseObject(text);
  if (typeof parsed === 'string')
    return { rules: noRules, faults: [{ source: lineOf(text, file, parsed), why: parsed }] };
  const lines = keyLines(text);
  const at: At = key => {
    const line = lines.get(key);
    return { file, ...(line !== undefined && { line }), key };
  };
  const faults: RuleFault[] = [];
  const fault: Fault = (key, why) => void faults.push({ source: at(key), why });
  let rules: RuleSet = noRules;
  for (const [key, value] of Object.entries(parsed)) {
    const read = Object.hasOwn(readers, key) ? readers[key] : undefined;
    if (read === undefined) fault(key, `no key is called so; ${hint(key, Object.keys(readers))}`);
    else rules = { ...rules, ...read(value, at, fault, rules) };
  }
  return { rules, faults };
}

/** Where a key stands. */
type At = (key: string) => RuleSource & { readonly key: string };
type Fault = (key: string, why: string) => void;
type Reader = (value: unknown, at: At, fault: Fault, rules: RuleSet) => Partial<RuleSet>;

const readers: Readonly<Record<string, Reader>> = {
  public: readPublic,
  cleanUrls: (value, at, fault) => ({
    cleanUrls: readChoices('cleanUrls', value, at, fault).map(
      ({ source, from, isOn }): CleanUrlRule => ({ source, from, treatment: isOn ? 'redirect' : 'off' }),
    ),
  }),
  rewrites: (value, at, fault, { routes }) => ({
    routes: [...routes, ...readRoutes('rewrites', value, at, fault)],
  }),
  // In vercel/serve redirects are looked at first, wherever they stand.
  redirects: (value, at, fault, { routes }) => ({
    routes: [...readRoutes('redirects', value, at, fault), ...routes],
  }),
  headers: readFields,
  directoryListing: (value, at, fault) => ({
    listing: readChoices('directoryListing', value, at, fault),
  }),
  unlisted: (value, at, fault) => ({ unlisted: readGlobs('unlisted', value, at, fault) }),
  trailingSlash: (value, at, fault) =>
    typeof value === 'boolean'
      ? {
          finalSlash: [{ source: at('trailingSlash'), from: everywhere(), treatment: slashes(value) }],
        }
      : wanted(fault, 'trailingSlash', value, yesOrNo),
  renderSingle: (value, at, fault) => {
    if (typeof value !== 'boolean') return wanted(fault, 'renderSingle', value, yesOrNo);
    return value ? { singleFile: at('renderSingle') } : {};
  },
  symlinks: (value, _at, fault) => {
    if (value === true)
      fault('symlinks', 'a file of the site cannot allow links that lead out of it; use --follow-symlinks');
    return value === true || value === false ? {} : wanted(fault, 'symlinks', value, yesOrNo);
  },
  etag: (value, at, fault, { fields }) => {
    if (typeof value !== 'boolean') return wanted(fault, 'etag', value, yesOrNo);
    const removal: FieldRule = {
      source: at('etag'),
      from: everywhere(),
      changes: [{ kind: 'remove', name: 'ETag' }],
    };
    return value ? {} : { fields: [...fields, removal] };
  },
};

const yesOrNo = 'true or false';
const routeWanted = 'an object with the texts source and destination';

function slashes(isAdded: boolean): FinalSlashRule['treatment'] {
  return isAdded ? 'add' : 'remove';
}

function wanted(fault: Fault, key: string, value: unknown, what: string): Partial<RuleSet> {
  fault(key, misfit(value, what));
  return {};
}

function misfit(value: unknown, what: string): string {
  return `found ${found(value)}, wanted ${what}`;
}

function readPublic(value: unknown, at: At, fault: Fault): Partial<RuleSet> {
  const segments =
    typeof value === 'string' ? value.split(/[/\\]/).filter(name => name !== '' && name !== '.') : [];
  const isFit = typeof value === 'string' && !/^[/\\]|^[A-Za-z]:/.test(value) && !segments.includes('..');
  if (!isFit || segments.some(name => name.includes('\0')))
    return wanted(fault, 'public', value, 'a folder below the root');
  return { folder: { source: at('public'), segments } };
}

/** True or false for every path, or globs for which it is true; those that begin with `!` are taken from them. */
function readChoices(key: string, value: unknown, at: At, fault: Fault): readonly PathChoice[] {
  const source = at(key);
  if (typeof value === 'boolean') return [{ source, from: everywhere(), isOn: value }];
  if (!isTexts(value)) {
    fault(key, misfit(value, 'true, false or an array of globs'));
    return [];
  }
  const globs = readGlobs(key, value, at, fault);
  return [...globs, { source, from: everywhere(), isOn: !globs.some(({ isOn }) => isOn) }];
}

/** Globs, those that are negated first. */
function readGlobs(key: string, value: unknown, at: At, fault: Fault): readonly PathChoice[] {
  if (!isTexts(value)) {
    fault(key, misfit(value, 'an array of globs'));
    return [];
  }
  const choices = value.flatMap((text, index): readonly PathChoice[] => {
    const glob = readGlob(text, false);
    const source = at(`${key}[${index}]`);
    if (glob.kind === 'glob') return [{ source, from: glob.from, isOn: !glob.isNegated }];
    fault(source.key, glob.why);
    return [];
  });
  return [...choices.filter(({ isOn }) => !isOn), ...choices.filter(({ isOn }) => isOn)];
}

function readRoutes(key: 'rewrites' | 'redirects', value: unknown, at: At, fault: Fault): readonly Route[] {
  if (!Array.isArray(value)) {
    fault(key, misfit(value, 'an array'));
    return [];
  }
  return value.flatMap((item: unknown, index): readonly Route[] => {
    const source = at(`${key}[${index}]`);
    const route = readRoute(key, item, source);
    if (typeof route !== 'string') return [route];
    fault(source.key, route);
    return [];
  });
}

function readRoute(key: 'rewrites' | 'redirects', item: unknown, source: RuleSource): Route | string {
  if (!isObject(item)) return misfit(item, routeWanted);
  const known = ['source', 'destination', ...(key === 'redirects' ? ['type'] : [])];
  const unknown = Object.keys(item).find(name => !known.includes(name));
  if (unknown !== undefined) return `no key is called ${found(unknown)} here; ${hint(unknown, known)}`;
  const { type = 301, source: glob, destination } = item;
  if (typeof glob !== 'string' || typeof destination !== 'string') return misfit(item, routeWanted);
  const read = readGlob(glob, true);
  if (read.kind === 'unreadable') return read.why;
  if (read.isNegated) return negated(glob);
  const to = readDestination(destination, read.from.names, read.restName);
  if (typeof to === 'string') return to;
  const base = { source, from: read.from, query: [], isForNavigation: false };
  if (key === 'rewrites') {
    if (to.origin !== undefined)
      return `an answer of ${to.origin} cannot be passed on; wanted a path of this site`;
    return { ...base, isForced: false, action: { kind: 'rewrite', status: 200, to } };
  }
  if (!isRedirectStatus(type)) return `type: ${misfit(type, '301, 302, 303, 307 or 308')}`;
  return { ...base, isForced: true, action: { kind: 'redirect', status: type, to } };
}

function readDestination(
  text: string,
  names: readonly string[],
  restName: string | undefined,
): Template | string {
  const named =
    restName === undefined ? text : text.replace(new RegExp(`:${restName}\\b\\*?`, 'g'), `:${splatName}`);
  const to = parseTemplate(/^(?:\/|https?:)/i.test(named) ? named : `/${named}`, names);
  return to.kind === 'template' ? to : `found ${found(text)}; ${to.why}`;
}

function readFields(value: unknown, at: At, fault: Fault, { fields }: RuleSet): Partial<RuleSet> {
  if (!Array.isArray(value)) return wanted(fault, 'headers', value, 'an array');
  const read = value.flatMap((item: unknown, index): readonly FieldRule[] => {
    const key = `headers[${index}]`;
    if (!isObject(item) || typeof item.source !== 'string' || !Array.isArray(item.headers)) {
      fault(key, misfit(item, 'an object with the text source and the array headers'));
      return [];
    }
    const glob = readGlob(item.source, false);
    if (glob.kind === 'unreadable' || glob.isNegated) {
      fault(`${key}.source`, glob.kind === 'unreadable' ? glob.why : negated(item.source));
      return [];
    }
    const changes = item.headers.flatMap((line: unknown, at): readonly FieldChange[] => {
      const change = readField(line);
      if (typeof change !== 'string') return [change];
      fault(`${key}.headers[${at}]`, change);
      return [];
    });
    return [{ source: at(key), from: glob.from, changes }];
  });
  return { fields: [...read, ...fields] };
}

function readField(line: unknown): FieldChange | string {
  if (
    !isObject(line) ||
    typeof line.key !== 'string' ||
    !(typeof line.value === 'string' || line.value === null)
  )
    return misfit(
      line,
      'an object with the text key, and value, which is a text, or null to remove the field',
    );
  const change = readFieldChange(line.value === null ? 'remove' : 'set', line.key, line.value ?? '', []);
  return change.kind === 'unreadable' ? change.why : change;
}

function everywhere(): Pattern {
  const pattern = parsePattern('/**');
  if (pattern.kind === 'unreadable') throw new Error('bug: the pattern of every path is none');
  return pattern;
}

function negated(glob: string): string {
  return `found ${found(glob)}; a source cannot be negated here`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(item => typeof item === 'string');
}

function parseObject(text: string): Readonly<Record<string, unknown>> | string {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return isObject(value) ? value : misfit(value, 'a JSON object');
  } catch (error) {
    return `this is no JSON: ${error instanceof Error ? error.message.replace(/\s+/g, ' ') : ''}`;
  }
}

/** The line of the position that the parser's message names, where it names one. */
function lineOf(text: string, file: string, why: string): RuleSource {
  const position = /position (\d+)/.exec(why)?.[1];
  return position === undefined
    ? { file }
    : { file, line: text.slice(0, Number(position)).split('\n').length };
}
