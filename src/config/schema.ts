import { defaultLimits, type Limits } from '../http/limits.ts';
import { readCors, readGuarded, readHostNames, readRanges } from './access-values.ts';
import { readOpenPath, readThrottleRules } from './development-values.ts';
import { fileSettings } from './file.ts';
import { hostKeys } from './host-sites.ts';
import { readBase, readMounts } from './mount-values.ts';
import { options, type Settings } from './options.ts';
import { readCacheRules, readDialect, readLanguages, readSpaPage } from './rule-values.ts';
import { schemaOfShape } from './shape.ts';
import { siteRulesShape } from './site-rules.ts';
import { readFiles, readHsts, readRedirectPort } from './tls-options.ts';
import {
  leastOfLimit,
  limitUnits,
  logFormats,
  readFile,
  readFolder,
  readHosts,
  readLogFormat,
  readPort,
  readPrefixes,
  readSwitch,
  readTime,
  readWorkers,
  wholeMax,
  workersMax,
} from './values.ts';

/** A schema or a part of one: JSON Schema, draft 7, which editors know best. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The text of the files whose comments say what a key means. */
export interface Sources {
  /** `options.ts`. */
  readonly library: string;
  /** `http/limits.ts`. */
  readonly limits: string;
  /** `config/site-rules.ts`. */
  readonly rules: string;
}

/**
 * The schema of a configuration in JSON, from the table of options. What an editor shows of an option's comment in a
 * program it shows here too.
 */
export function configSchema(sources: Sources): JsonSchema {
  const properties = [...fileSettings].map(([key, name]) => [key, propertyOf(key, name, sources)]);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'plinth.config.json',
    description: 'What a Plinth server is to do.',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string', description: 'Where this schema lies, for editors.' },
      ...Object.fromEntries(properties),
      rules: rulesSchema(sources),
      hosts: hostsSchema(sources),
    },
  };
}

/** The comment that stands above a key, on one line: what `Config` says itself before what it inherits. */
export function commentOn(key: string, text: string): string | undefined {
  const above = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*readonly ${key}\\??:`);
  const own = text.slice(Math.max(0, text.indexOf('export interface Config ')));
  const [, comment] = above.exec(own) ?? above.exec(text) ?? [];
  return comment?.replace(/\s*\n\s*\* ?/g, ' ').trim();
}

function propertyOf(key: string, name: keyof Settings, { library, limits }: Sources): JsonSchema {
  const { initial, read } = options[name];
  // A limit's default stands with that limit; the log's depends on where it goes.
  const isPlain = initial !== undefined && name !== 'limits' && name !== 'log';
  return {
    description: commentOn(key, library),
    ...(name === 'limits' ? limitsSchema(limits) : schemas.get(read)),
    ...(isPlain && { default: initial }),
  };
}

/** The sites of some hosts. */
function hostsSchema(sources: Sources): JsonSchema {
  const properties = [...hostKeys].map(([key, name]) => {
    // What is not said is taken over, so that it has no default of its own.
    const { default: _initial, ...property } = propertyOf(key, name, sources);
    return [key, property];
  });
  return {
    description: commentOn('hosts', sources.library),
    type: 'object',
    additionalProperties: {
      type: 'object',
      required: ['root'],
      additionalProperties: false,
      properties: { ...Object.fromEntries(properties), rules: rulesSchema(sources) },
    },
  };
}

/** The rules, each with what it is. */
function rulesSchema({ library, rules }: Sources): JsonSchema {
  const keys = siteRulesShape.kind === 'object' ? Object.entries(siteRulesShape.keys) : [];
  const properties = keys.map(([key, shape]) => [
    key,
    { description: commentOn(key, rules), ...schemaOfShape(shape) },
  ]);
  return {
    description: commentOn('rules', library),
    ...schemaOfShape(siteRulesShape),
    properties: Object.fromEntries(properties),
  };
}

const text = { type: 'string', minLength: 1 };
const texts = { type: 'array', minItems: 1, items: text };
const guardedPlace: JsonSchema = {
  type: 'object',
  required: ['file'],
  additionalProperties: false,
  properties: { path: { type: 'string', pattern: '^/' }, file: text },
};
const sharedOrigins: JsonSchema = {
  type: 'object',
  required: ['origins'],
  additionalProperties: false,
  properties: {
    origins: { anyOf: [text, texts] },
    credentials: { type: 'boolean' },
    requestFields: { anyOf: [text, { type: 'array', items: text }] },
  },
};
const textOrTexts = { anyOf: [text, { type: 'array', items: text }] };

/** What each reader takes. */
const schemas: ReadonlyMap<unknown, JsonSchema> = new Map<unknown, JsonSchema>([
  [readFolder, text],
  [readFile, text],
  [readFiles, textOrTexts],
  [readRedirectPort, { anyOf: [{ type: 'boolean' }, { type: 'integer', minimum: 1, maximum: 65_535 }] }],
  [readHsts, { anyOf: [{ type: 'boolean' }, { type: 'integer', minimum: 0 }] }],
  [readPort, { type: 'integer', minimum: 0, maximum: 65_535 }],
  [readHosts, { anyOf: [text, texts] }],
  [readSwitch, { type: 'boolean' }],
  [readHostNames, textOrTexts],
  [readRanges, textOrTexts],
  [readGuarded, { anyOf: [text, guardedPlace, { type: 'array', items: { anyOf: [text, guardedPlace] } }] }],
  [readCors, { anyOf: [text, texts, sharedOrigins] }],
  [readOpenPath, { type: ['string', 'boolean'] }],
  [readMounts, { type: 'object', propertyNames: { pattern: '^/' }, additionalProperties: text }],
  [readBase, { type: 'string' }],
  [readSpaPage, { type: ['string', 'boolean'] }],
  [readCacheRules, textOrTexts],
  [readThrottleRules, textOrTexts],
  [readLanguages, textOrTexts],
  [readPrefixes, textOrTexts],
  [readDialect, { enum: ['netlify', 'cloudflare'] }],
  [readLogFormat, { enum: logFormats }],
  [readTime, scaledNumber(0, ['ms', 's'])],
  [readWorkers, { anyOf: [{ const: 'auto' }, { type: 'integer', minimum: 1, maximum: workersMax }] }],
]);

function limitsSchema(source: string): JsonSchema {
  const properties = Object.entries(defaultLimits).map(([name, initial]) => [
    name,
    {
      description: commentOn(name, source),
      ...scaledNumber(leastOfLimit(name as keyof Limits), Object.keys(limitUnits(name))),
      default: initial,
    },
  ]);
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(properties) };
}

/** A number, or a text of a number and a unit. */
function scaledNumber(least: number, units: readonly string[]): JsonSchema {
  const number = { type: 'integer', minimum: least, maximum: wholeMax };
  if (units.length === 0) return number;
  return { anyOf: [number, { type: 'string', pattern: `^\\d{1,10}(${units.join('|')})?$` }] };
}
