import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { fileSettings } from '../../src/config/file.ts';
import { options } from '../../src/config/options.ts';
import { configSchema } from '../../src/config/schema.ts';
import { defaultLimits } from '../../src/http/limits.ts';

const root = join(import.meta.dirname, '..', '..');
const source = (name: string): string => readFileSync(join(root, 'src', name), 'utf8');
const schema = configSchema({
  library: source('options.ts'),
  limits: source('http/limits.ts'),
  rules: source('config/site-rules.ts'),
});
const properties = schema.properties as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);

test('every option that a file may set is in the schema, with its type and what it is', () => {
  assert.deepEqual(Object.keys(properties), ['$schema', ...fileSettings.keys(), 'rules', 'hosts']);
  for (const [key, property] of Object.entries(properties)) {
    assert.match(String(property.description), /^[A-Z`].*\.$/, `${key} has a comment in options.ts`);
    const says = ['type', 'enum', 'anyOf', 'oneOf', 'const', '$ref'].some(word => word in property);
    assert.ok(says, `${key}: its reader has a row in config/schema.ts`);
  }
});

test('every limit is in the schema, with what it is', () => {
  const limits = properties.limits?.properties as Readonly<Record<string, { readonly description?: string }>>;
  assert.deepEqual(Object.keys(limits), Object.keys(defaultLimits));
  for (const [name, { description }] of Object.entries(limits))
    assert.match(String(description), /\.$/, name);
});

test('what the schema takes the server takes, and what it refuses no file should say', () => {
  const rows: readonly (readonly [string, unknown, boolean])[] = [
    ['root', 'dist', true],
    ['root', '', false],
    ['port', 0, true],
    ['port', 65_536, false],
    ['port', 1.5, false],
    ['host', '*', true],
    ['host', ['::1', 'unix:/run/a'], true],
    ['host', [], false],
    ['host', [1], false],
    ['listing', false, true],
    ['listing', 'no', false],
    ['mounts', { '/docs': '../docs' }, true],
    ['mounts', { docs: '../docs' }, false],
    ['mounts', { '/docs': '' }, false],
    ['base', '/app', true],
    ['base', 7, false],
    ['cacheDir', '/var/cache', true],
    ['log', 'json', true],
    ['log', 'xml', false],
    ['graceMs', 500, true],
    ['graceMs', '10s', true],
    ['graceMs', '10h', false],
    ['graceMs', -1, false],
    ['workers', 'auto', true],
    ['workers', 4, true],
    ['workers', 0, false],
    ['workers', 257, false],
    ['limits', { headTimeoutMs: '5s', fieldSectionBytesMax: '32k', backlog: 5, cacheBytesMax: 0 }, true],
    ['limits', { headTimeoutMs: 0 }, false],
    ['limits', { headTimeout: 5 }, false],
    ['limits', { backlog: '5k' }, false],
    ['auth', ['users', { path: '/admin', file: 'admins' }], true],
    ['auth', { file: 'users' }, true],
    ['auth', { path: '/admin', flie: 'admins' }, false],
    ['auth', { path: 'admin', file: 'admins' }, false],
    ['auth', {}, false],
    ['cors', { origins: ['https://a.example'], credentials: true, requestFields: ['X-A'] }, true],
    ['cors', 'https://a.example', true],
    ['cors', { orgins: '*' }, false],
    ['cors', { credentials: true }, false],
    ['cors', { origins: [] }, false],
    ['cors', { origins: '*', credentials: 'yes' }, false],
    ['cors', [], false],
  ];
  for (const [key, value, isFit] of rows) {
    assert.equal(validate({ [key]: value }), isFit, `schema: ${key} ${JSON.stringify(value)}`);
    const name = fileSettings.get(key);
    assert.ok(name !== undefined, key);
    const reading = options[name].read(value);
    assert.equal(reading.kind, isFit ? 'read' : 'fault', `reader: ${key} ${JSON.stringify(value)}`);
  }
  assert.ok(validate({ $schema: './node_modules/plinth/dist/config.schema.json' }));
  assert.ok(!validate({ prot: 1 }));
  assert.ok(!validate([]));
});

test("the documentation's examples in JSON are valid", () => {
  const page = readFileSync(join(root, 'docs', 'configuration.md'), 'utf8');
  const examples = [...page.matchAll(/^```json\n([\s\S]*?)^```$/gm)];
  assert.ok(examples.length > 0);
  for (const [, text = ''] of examples) assert.ok(validate(JSON.parse(text)), text);
});

test('every default is one that the schema takes', () => {
  for (const [key, property] of Object.entries(properties)) {
    if (property.default !== undefined) assert.ok(validate({ [key]: property.default }), key);
  }
});
