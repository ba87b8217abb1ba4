// Which rules and guards an answer is due to: each is told by its file and line, and by what it did.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readOptions } from '../../src/config/options.ts';
import { readSiteRules } from '../../src/config/rules.ts';
import type { SiteRules } from '../../src/config/site-rules.ts';
import { type Decision, decide } from '../../src/explain/decision.ts';

const scratch = mkdtempSync(join(tmpdir(), 'plinth-explain-rules-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
const root = join(scratch, 'site');
mkdirSync(join(root, 'inner'), { recursive: true });
for (const [name, content] of [
  ['index.html', 'home'],
  ['here.html', 'here'],
  ['inner/page.html', 'page'],
  [
    '_redirects',
    '# a comment\n/old /new 301\n/here /elsewhere 302\n/shop/* /here 404\n/gone / 410\nno rule at all\n',
  ],
  ['_headers', '/*\n  X-One: 1\n  Cache-Control: max-age=5\n/here\n  X-One: 2\n  ! Last-Modified\n'],
  ['serve.json', '{ "directoryListing": false, "trailingSlash": false }'],
] as const)
  writeFileSync(join(root, name), content);
symlinkSync(join('inner', 'page.html'), join(root, 'link.html'));
const passwords = join(scratch, 'users');
writeFileSync(passwords, 'u:$2y$04$Bh9Y1kCJUeZP69.ajD71B.TuY4/YBn0xPmnd1vnn8FSgGnXOagcKS\n');

type Fields = readonly (readonly [string, string])[];

function decided(target: string, options: object = {}, fields: Fields = []): Promise<Decision> {
  return decide(readOptions({ root, ...options }), target, [['Accept', 'text/html'], ...fields]);
}

function told(passed: Decision['rules']): readonly string[] {
  return passed.map(({ name, did }) => `${name} ${did ?? 'lets it pass'}`);
}

const everywhere = [
  'serve.json:1: trailingSlash treats a final slash: remove',
  'serve.json:1: directoryListing lists folders: false',
];

test('each rule that applies is told by its file and line, with what it does', async () => {
  const sets = '_headers:1 sets X-One, sets Cache-Control';
  const rows: readonly (readonly [string, object, number, readonly string[]])[] = [
    ['/old', {}, 301, ['_redirects:2 leads to /new with 301', '_headers:1 sets X-One']],
    [
      '/here',
      {},
      200,
      [
        '_redirects:3 is for this path, but what stands there goes first',
        sets,
        '_headers:4 sets X-One, removes Last-Modified',
      ],
    ],
    ['/shop/x', {}, 404, ['_redirects:4 shows /here with 404', '_headers:1 sets X-One']],
    ['/gone', {}, 410, ['_redirects:5 shows / with 410', '_headers:1 sets X-One']],
    [
      '/a/b',
      { spa: true, cache: 'max-age=9' },
      200,
      ['--spa shows /index.html', sets, '--cache sets Cache-Control'],
    ],
    ['/a/b', {}, 404, ['_headers:1 sets X-One']],
  ];
  for (const [target, options, status, expected] of rows) {
    const { rules, reports, ...decision } = await decided(target, options);
    assert.equal(decision.status, status, target);
    assert.deepEqual(told(rules), [...everywhere, ...expected], target);
    assert.equal(reports.length, 1);
    assert.match(reports[0] ?? '', /^_redirects:6: /);
  }
});

test('what serve.json says of folders and their names is told as well', async () => {
  const folder = join(scratch, 'other');
  for (const name of ['dist/single', 'dist/list']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['single/only.txt', 'list/a.txt', 'list/b.txt', 'list/c.map'])
    writeFileSync(join(folder, 'dist', name), name);
  const serve = { public: 'dist', renderSingle: true, unlisted: ['*.map'] };
  writeFileSync(join(folder, 'serve.json'), JSON.stringify(serve));
  const publicly = 'serve.json:1: public serves /dist in the stead of the root';
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['/list/a.txt', [publicly]],
    ['/list/', [publicly, 'serve.json:1: unlisted[0] leaves names out of listings']],
    ['/single/', [publicly, 'serve.json:1: renderSingle shows the only file of the folder']],
  ];
  for (const [target, expected] of rows) {
    const decision = await decided(target, { root: folder });
    assert.equal(decision.status, 200, target);
    assert.deepEqual(told(decision.rules), expected, target);
  }
});

test('a field that rules set bears their places, and only then', async () => {
  const { fields } = await decided('/here');
  const from = new Map(fields.map(field => [`${field.name}: ${field.value}`, field.from]));
  assert.equal(from.get('X-One: 1, 2'), '_headers:1, _headers:4');
  assert.equal(from.get('Cache-Control: max-age=5'), '_headers:1');
  assert.equal(from.get('Server: plinth'), 'identity');
  assert.equal(from.get('Content-Type: text/html; charset=utf-8'), 'site');
});

test('each guard is told by a name in words, with what it did, and what it keeps is said to be kept', async () => {
  const auth = `/inner=${passwords}`;
  const behind = 'denied: it is behind a guard';
  const rightly: Fields = [['Authorization', `Basic ${btoa('u:x')}`]];
  const wrongly: Fields = [['Authorization', `Basic ${btoa('u:y')}`]];
  const rows: readonly (readonly [string, object, Fields, number, readonly string[]])[] = [
    ['/here', { allowedHosts: 'a.test' }, [], 403, ['the list of hosts answers 403']],
    ['/here', { deny: '127.0.0.0/8' }, [], 403, ['the list of addresses answers 403']],
    [
      '/here',
      { trustProxy: '127.0.0.1', deny: '127.0.0.0/8', cors: '*' },
      [['X-Forwarded-For', '192.0.2.1']],
      200,
      ['the list of addresses lets it pass', 'the preflight of CORS lets it pass'],
    ],
    ['/inner/page', { auth }, [], 401, ['sign-in answers 401']],
    ['/inner/page', { auth }, wrongly, 401, ['sign-in answers 401']],
    ['/inner/page', { auth }, rightly, 200, ['sign-in lets it pass']],
    ['/link', { auth }, [], 404, ['sign-in lets it pass']],
  ];
  for (const [target, options, fields, status, guards] of rows) {
    const decision = await decided(target, options, fields);
    assert.equal(decision.status, status, JSON.stringify([target, options, fields]));
    assert.deepEqual(told(decision.guards), guards);
    // Who is not let pass comes no further.
    if (status === 401 || status === 403) assert.deepEqual([decision.gates, decision.looks], [[], []]);
    const challenge = decision.fields.find(({ name }) => name === 'WWW-Authenticate');
    assert.equal(challenge?.from, status === 401 ? 'sign-in' : undefined);
  }
  const { looks } = await decided('/link', { auth });
  const seen = looks.map(({ path, found, why }) => `${path} ${found}${why === undefined ? '' : `: ${why}`}`);
  assert.ok(seen.includes(`/inner/page.html ${behind}`), seen.join('\n'));
  const { looks: none } = await decided('/inner/page', { auth });
  assert.deepEqual(none, []);
});

/** The same, under rules of a configuration. */
function decidedBy(rules: SiteRules, target: string, fields: Fields = [], options = {}): Promise<Decision> {
  const given = { rules: readSiteRules(rules, () => ({ file: 'plinth.config.ts' })).rules };
  const accepted: Fields = [['Accept', 'text/html'], ...fields];
  return decide(readOptions({ root, ...options }), target, accepted, given);
}

test('a rule about who may read is told, and signs the fields that it is the reason for', async () => {
  const cors = [
    { from: '/inner/**', origins: ['https://a.test'], credentials: true },
    { from: '/**', origins: '*' },
  ];
  const asker: Fields = [['Origin', 'https://a.test']];
  const first = 'plinth.config.ts: rules.cors[0]';
  const { rules, fields } = await decidedBy({ cors }, '/inner/page', asker);
  assert.ok(told(rules).includes(`${first} lets https://a.test read`), told(rules).join('\n'));
  assert.ok(!told(rules).some(line => line.includes('rules.cors[1]')));
  const from = new Map(fields.map(field => [field.name, field.from]));
  assert.equal(from.get('Access-Control-Allow-Origin'), first);
  assert.equal(from.get('Access-Control-Allow-Credentials'), first);
  const other = await decidedBy({ cors }, '/here', asker);
  assert.ok(told(other.rules).includes('plinth.config.ts: rules.cors[1] lets every origin read'));
});

test('a rule about the fields of --secure is told, whether they are on or off by it', async () => {
  const secure = [
    { from: '/inner/**', on: true },
    { from: '/here', on: false },
  ];
  const on = await decidedBy({ secure }, '/inner/page');
  const source = 'plinth.config.ts: rules.secure[0]';
  assert.ok(told(on.rules).includes(`${source} adds the fields of --secure`));
  assert.equal(on.fields.find(({ name }) => name === 'X-Frame-Options')?.from, source);
  const off = await decidedBy({ secure }, '/here', [], { secure: true });
  assert.ok(told(off.rules).includes('plinth.config.ts: rules.secure[1] leaves the fields of --secure out'));
  assert.ok(!off.fields.some(({ name }) => name === 'X-Frame-Options'));
});

test('a rule about addresses is told, and what it keeps is said to be kept', async () => {
  const access = [{ from: '/inner/**', deny: '127.0.0.0/8' }];
  const refused = await decidedBy({ access }, '/inner/page');
  assert.equal(refused.status, 403);
  assert.deepEqual(told(refused.guards), ['the rules about addresses answers 403']);
  assert.ok(told(refused.rules).includes('plinth.config.ts: rules.access[0] refuses this client'));
  assert.equal((await decidedBy({ access }, '/link')).status, 404);
  const served = await decidedBy({ access: [{ from: '/inner/**', allow: '127.0.0.0/8' }] }, '/inner/page');
  assert.equal(served.status, 200);
  assert.ok(told(served.rules).includes('plinth.config.ts: rules.access[0] serves this client'));
});

test('no feature of a server is told of by its place alone', async () => {
  const all = {
    auth: passwords,
    allow: '127.0.0.1',
    allowedHosts: 'localhost',
    cors: 'https://a.test',
    secure: true,
  };
  const { guards, gates, fields } = await decided('/here', all, [
    ['Authorization', `Basic ${btoa('u:x')}`],
    ['Origin', 'https://a.test'],
  ]);
  assert.equal(guards.length, 4);
  assert.ok(fields.some(({ from }) => from === 'CORS'));
  for (const name of [...guards, ...gates].map(passed => passed.name).concat(fields.map(({ from }) => from)))
    assert.doesNotMatch(name, /^(?:guard|gate|finisher) \d/);
});
