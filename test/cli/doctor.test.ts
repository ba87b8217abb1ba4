// `plinth doctor`, from outside: what it says, to whom, and with which exit code.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { siteOf } from '../probe/site.ts';
import { plinth, scratch, serving } from './command.ts';

const folder = join(scratch, 'site');
mkdirSync(folder);
writeFileSync(join(folder, 'index.html'), '<!doctype html><meta charset=utf-8><a href=gone>x</a>');

test('a site without fault is exit code 0, one with faults is 1, and the faults are told of', async () => {
  const { run, port } = await serving([folder, '0', '-q']);
  const bad = await plinth(['doctor', String(port)]).ended;
  assert.equal(bad.code, 1);
  assert.equal(bad.stderr, '');
  assert.match(bad.stdout, /^ {2}plinth doctor {2}http:\/\/localhost:\d+\/$/m);
  assert.match(
    bad.stdout,
    /✗ Links within the site lead somewhere\n {6}\/gone {2}answers 404; linked from \/\n {6}Why {2}/,
  );
  assert.match(bad.stdout, /passed, 1 fault, 3 with advice; 2 addresses in /);
  assert.doesNotMatch(bad.stdout, /\x1b/, 'there are no colours in a pipe');
  const quiet = await plinth(['doctor', '-q', `http://127.0.0.1:${port}/`]).ended;
  assert.match(quiet.stdout, /^ {2}✗ Links [^✗!✓]*$/);

  writeFileSync(join(folder, 'gone.html'), '<!doctype html><meta charset=utf-8>');
  const good = await plinth(['doctor', `localhost:${port}`, '--json', '-q']).ended;
  assert.equal(good.code, 0, good.stdout);
  const report = JSON.parse(good.stdout);
  assert.deepEqual([report.kind, report.faults, report.addresses], ['examined', 0, 2]);
  assert.ok(report.results.every((result: { id: string; verdict: string }) => result.id && result.verdict));
  assert.equal((await plinth(['doctor', '--quiet', String(port)]).ended).stdout, '');
  await run.stop();
});

test('what a site says cannot reach the terminal as more than text', async () => {
  const origin = await siteOf({
    '/': { fields: { 'content-type': 'text/html; charset=utf-8', server: 'a\x80\x9b31m/1' }, content: '<p>' },
  });
  const { stdout } = await plinth(['doctor', `${origin}/`]).ended;
  assert.match(stdout, /says server: a\\x80\\x9B31m\/1/);
});

test('what cannot be reached is exit code 1 and a line, also as JSON', async () => {
  const { code, stdout, stderr } = await plinth(['doctor', '127.0.0.1:1']).ended;
  const why = 'the connection was refused: nothing listens there';
  assert.deepEqual(
    { code, stdout, stderr },
    { code: 1, stdout: '', stderr: `plinth doctor: http://127.0.0.1:1/: ${why}\n` },
  );
  const json = await plinth(['doctor', '127.0.0.1:1', '--json']).ended;
  assert.deepEqual(
    [json.code, JSON.parse(json.stdout)],
    [1, { kind: 'unreached', url: 'http://127.0.0.1:1/', why }],
  );
});

test('wrong usage is exit code 2 and one line; --help is neither', async () => {
  const wanted = 'wanted an address such as https://example.org/ or a port';
  const rows: readonly (readonly [readonly string[], string])[] = [
    [[], 'wanted an address: plinth doctor <url>'],
    [['a', 'b'], 'unexpected argument "b"; wanted one address'],
    [['--jsno', 'a'], 'unknown flag "--jsno"; did you mean --json?'],
    [['--json=1', 'a'], '--json takes no value, found "--json=1"'],
    [['http://['], `found "http://[", ${wanted}`],
    [['ftp://x/'], `found "ftp://x/", ${wanted}: only http and https are spoken`],
    [['http://a:b@c/'], 'found a name or a password in the address, wanted one without'],
  ];
  for (const [words, message] of rows) {
    const ended = await plinth(['doctor', ...words]).ended;
    assert.deepEqual(ended, { code: 2, stdout: '', stderr: `plinth doctor: ${message}\n` });
  }
});
