// The rules of the house that a compiler does not know. A rule may be made stricter, never waived.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const linesMax = 400;

interface Rule {
  readonly may: readonly string[];
  /** `true`: any `node:` module; a list: these files of the room only. */
  readonly node: boolean | readonly string[];
}

/** What each room may import; `store/store.ts` and single files count as rooms of their own. */
const rules: Readonly<Record<string, Rule>> = {
  http: { may: ['http'], node: false },
  rules: { may: ['http', 'rules'], node: false },
  h1: { may: ['http', 'h1'], node: false },
  h2: { may: ['http', 'h2'], node: false },
  page: { may: ['page'], node: false },
  // What runs in the browser knows nothing of what runs here.
  'page/client': { may: ['page/client'], node: false },
  assets: { may: ['page', 'assets'], node: true },
  html: { may: ['html'], node: false },
  'store/store.ts': { may: ['http'], node: false },
  store: { may: ['http', 'store', 'store/store.ts'], node: true },
  archive: { may: ['archive'], node: false },
  site: { may: ['http', 'page', 'archive', 'rules', 'site', 'store/store.ts'], node: false },
  features: { may: ['http', 'page', 'rules', 'store/store.ts', 'features/feature.ts'], node: false },
  'features/feature.ts': { may: ['http'], node: false },
  server: {
    may: [
      'html',
      'http',
      'h1',
      'h2',
      'rules',
      'site',
      'features',
      'features/feature.ts',
      'server',
      'store/store.ts',
    ],
    node: true,
  },
  config: {
    may: ['http', 'rules', 'config'],
    node: ['src/config/file.ts', 'src/config/find.ts', 'src/config/program.ts'],
  },
  'compose.ts': {
    may: ['compose', 'http', 'h1', 'rules', 'store', 'features/feature.ts', 'server', 'config'],
    node: false,
  },
  compose: {
    may: [
      'rules',
      'watch',
      'compose',
      'html',
      'http',
      'store',
      'store/store.ts',
      'site',
      'page',
      'rules',
      'assets',
      'features',
      'features/feature.ts',
      'server',
      'config',
      'authority',
    ],
    node: true,
  },
  embed: {
    may: ['embed', 'http', 'server'],
    node: ['src/embed/node.ts', 'src/embed/fastify.ts'],
  },
  'options.ts': {
    may: ['embed', 'http', 'store/store.ts', 'features/feature.ts', 'config'],
    node: false,
  },
  'index.ts': {
    may: [
      'embed',
      'http',
      'store',
      'store/store.ts',
      'features/feature.ts',
      'rules',
      'server',
      'config',
      'compose.ts',
      'options.ts',
    ],
    node: false,
  },
  workers: { may: ['server', 'workers'], node: true },
  check: {
    may: ['http', 'rules', 'site', 'store/store.ts', 'server', 'check'],
    node: ['src/check/places.ts'],
  },
  authority: { may: ['authority', 'http'], node: true },
  precompress: { may: ['http', 'store/store.ts', 'precompress'], node: true },
  probe: { may: ['http', 'probe'], node: true },
  watch: {
    may: ['http', 'rules', 'site', 'store/store.ts', 'features/feature.ts', 'server', 'watch'],
    node: ['src/watch/server-timing.ts'],
  },
  explain: {
    may: [
      'watch',
      'http',
      'h1',
      'rules',
      'site',
      'store/store.ts',
      'features/feature.ts',
      'server',
      'config',
      'compose.ts',
      'explain',
    ],
    node: false,
  },
  cli: {
    may: [
      'watch',
      'cli',
      'authority',
      'check',
      'config',
      'http',
      'index.ts',
      'rules',
      'store',
      'workers',
      'precompress',
      'probe',
      'explain',
    ],
    node: true,
  },
};

/** Rooms that turn values into values: the time, chance and whatever else the machine has come in from their callers. */
const pureRooms = [
  ...['http', 'rules', 'h1', 'h2', 'page', 'html', 'archive', 'site', 'features'],
  ...['features/feature.ts', 'store/store.ts'],
];
/** A script for a browser as a text. */
const scriptInPage = 'src/page/live-script.ts';
const ofMachine =
  /\b(?:Date\.now|new Date\(\)|Math\.random|(?:set(?:Timeout|Interval|Immediate)|queueMicrotask)\b|(?:fetch|require)\(|(?:performance|crypto|process|globalThis)\.)/;

/** Modules from outside that a room may name. */
const packages: Readonly<Record<string, readonly string[]>> = {
  http: ['mime-db'],
  // The least recently used goes first; kept libraries do that well.
  store: ['lru-cache'],
  // Passwords' hashes: bcrypt and argon2 in WebAssembly.
  server: ['hash-wasm', 'lru-cache'],
  // Only from the sources; the build puts the scripts there.
  assets: ['esbuild'],
  'page/client': ['dompurify', 'highlight.js/lib/common', 'marked'],
  // Programs that Node.js cannot run by itself, and JSON whose lines are known; neither is loaded without a file.
  config: ['jiti/static', 'jsonc-parser'],
  // The browser that somebody likes best is found in another way on each system; codes that phones read.
  cli: ['open', 'uqr'],
  // Certificates are structures of ASN.1 that a kept library knows.
  authority: ['asn1js', 'pkijs'],
  // Pages are read as browsers read them, not by patterns.
  probe: ['htmlparser2'],
};

const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .map(name => `src/${name}`);

test('there are files to check', () => {
  assert.ok(files.length > 20, `found ${files.length}`);
});

for (const file of files) {
  const text = readFileSync(join(root, file), 'utf8');
  const room = roomOf(file);

  test(`${file} imports only what its room may`, () => {
    const rule = rules[room];
    assert.ok(rule !== undefined, `room ${room} has no rule`);
    for (const { specifier, isType } of importsOf(text)) {
      if (specifier.startsWith('node:')) {
        const allowed = Array.isArray(rule.node) ? rule.node.includes(file) : rule.node;
        assert.ok(allowed, `${room} must not import ${specifier}`);
      } else if (specifier.startsWith('.')) {
        const imported = roomOf(relative(root, join(root, dirname(file), specifier)));
        // A feature may read the types of a site, never its code.
        const isTypeOfSite = room.startsWith('features') && imported === 'site' && isType;
        assert.ok(
          rule.may.includes(imported) || isTypeOfSite,
          `${room} must not import ${imported} (${specifier})`,
        );
      } else {
        assert.ok(packages[room]?.includes(specifier), `${room} must not import the package ${specifier}`);
      }
    }
  });

  if (pureRooms.includes(room) && file !== scriptInPage) {
    test(`${file} has no clock, timer or chance of its own`, () => assert.doesNotMatch(text, ofMachine));
  }

  test(`${file} has at most ${linesMax} lines, and one file one idea`, () => {
    assert.ok(text.split('\n').length - 1 <= linesMax);
    assert.doesNotMatch(file, /\/(utils?|helpers?|types|common|misc)(\.ts|\/)/);
  });

  test(`${file} documents each export and exports by name`, () => {
    assert.doesNotMatch(text, /^export default/m);
    const lines = text.split('\n');
    const bare = lines
      .map((line, index) => ({ line, above: lines[index - 1] ?? '' }))
      .filter(({ line, above }) => /^export (?!type \*|type \{|\{)/.test(line) && !/\*\/$/.test(above));
    assert.deepEqual(
      bare.map(({ line }) => line),
      [],
    );
  });
}

/** The files of ours that each file has when it runs. */
function graphOf(isMeant: (found: Import) => boolean): ReadonlyMap<string, readonly string[]> {
  return new Map(
    files.map(file => {
      const found = importsOf(readFileSync(join(root, file), 'utf8'));
      const local = found.filter(one => one.specifier.startsWith('.') && !one.isType && isMeant(one));
      return [file, local.map(({ specifier }) => relative(root, join(root, dirname(file), specifier)))];
    }),
  );
}

test('a server without TLS loads nothing of TLS, nor of HTTP/2', () => {
  const graph = graphOf(({ isLazy }) => !isLazy);
  const loaded = new Set(['src/cli.ts', 'src/index.ts']);
  for (const file of loaded) for (const next of graph.get(file) ?? []) loaded.add(next);
  const unwanted =
    /^src\/(authority\/(?!place)|h2|server\/(tls|h2-|handshake|certificates|secure-socket|unsecured)|compose\/tls|features\/https-)/;
  assert.ok(files.some(file => unwanted.test(file)));
  assert.deepEqual(
    [...loaded].filter(file => unwanted.test(file)),
    [],
  );
});

test('imports make no cycle', () => {
  const graph = graphOf(() => true);
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(!path.includes(file), `cycle: ${[...path, file].join(' → ')}`);
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});

test('tests that are left out or alone are not left in the tree', () => {
  const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter(name =>
    name.endsWith('.ts'),
  );
  const marks = /\b(test|it|describe)\.(only|todo)\(|\btodo(: |,? \})|\bonly: true|TO[D]O|FIX[M]E/u;
  const found = [...tests.map(name => `test/${name}`), ...files].filter(name =>
    marks.test(readFileSync(join(root, name), 'utf8')),
  );
  assert.deepEqual(found, []);
});

test('the lock file records no download address', () => {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  assert.doesNotMatch(lock, /"resolved":/);
});

function roomOf(file: string): string {
  const path = file.replace(/^src\//, '');
  if (path in rules) return path;
  if (path === 'cli.ts') return 'cli';
  if (path.startsWith('page/client/')) return 'page/client';
  return path.split('/')[0] ?? path;
}

interface Import {
  readonly specifier: string;
  readonly isType: boolean;
  /** Whether it is loaded only when it is needed. */
  readonly isLazy: boolean;
}

function importsOf(text: string): readonly Import[] {
  const found = text.matchAll(
    /^(?:import|export)\s(type\s)?[^;]*?from\s'([^']+)'|\b(?:import|require|getBuiltinModule)\('([^']+)'\)|^import '([^']+)'/gms,
  );
  return [...found].map(match => ({
    specifier: match[2] ?? match[3] ?? match[4] ?? '',
    isType: match[1] !== undefined,
    isLazy: match[3] !== undefined,
  }));
}
