import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { plinth, scratch, serving } from './command.ts';

const site = join(scratch, 'site');
const cache = join(scratch, 'cache');
const content = Array.from({ length: 40_000 }, (_, at) => `const x${at} = ${at % 7};\n`).join('');
mkdirSync(join(site, 'sub'), { recursive: true });
writeFileSync(join(site, 'app.js'), content);
utimesSync(join(site, 'app.js'), 1000, 1000);

async function ask(
  port: number,
): Promise<{ readonly tag: string; readonly content: string; readonly length: number }> {
  // fetch would decode: what came is asked for by its length.
  const response = await fetch(`http://127.0.0.1:${port}/app.js`, { headers: { 'Accept-Encoding': 'br' } });
  const length = Number(response.headers.get('content-length'));
  return { tag: response.headers.get('etag') ?? '', content: await response.text(), length };
}

test('the shipped command makes the best coding in the background and finds it again after a restart', async () => {
  const argv = [site, '0', '-q', '--host', '127.0.0.1', '--cache-dir', cache];
  const first = await serving(argv);
  let answer = await ask(first.port);
  assert.equal(answer.content, content);
  for (let looks = 0; answer.tag.startsWith('W/'); looks++) {
    assert.ok(looks < 1500, 'nothing better comes');
    await new Promise(resolve => setTimeout(resolve, 20));
    answer = await ask(first.port);
  }
  assert.equal((await first.run.stop()).code, 0);
  const [kept = '', ...others] = readdirSync(cache);
  assert.deepEqual(others, []);
  assert.ok(statSync(join(cache, kept)).size > answer.length);
  const second = await serving(argv);
  assert.deepEqual(await ask(second.port), answer);
  const { stderr } = await second.run.stop();
  assert.doesNotMatch(stderr, /background|cache folder/);
});

test('a stop does not wait for the coding under way', async () => {
  const long = Array.from({ length: 300_000 }, (_, at) => `${Math.sin(at)}\n`).join('');
  writeFileSync(join(site, 'app.js'), long.slice(0, 6_000_000));
  utimesSync(join(site, 'app.js'), 2000, 2000);
  const unused = join(scratch, 'unused');
  const { run, port } = await serving([site, '0', '-q', '--host', '127.0.0.1', '--cache-dir', unused]);
  await new Promise(resolve => setTimeout(resolve, 1100));
  const { tag } = await ask(port);
  assert.match(tag, /^W\//);
  await new Promise(resolve => setTimeout(resolve, 300));
  // The best coding of so much takes seconds; one that was waited for would have been kept.
  assert.equal((await run.stop()).code, 0);
  assert.deepEqual(readdirSync(unused), []);
});

test('a cache folder that cannot be used is one line and exit code 2', async () => {
  writeFileSync(join(scratch, 'plain'), '');
  const rows: readonly (readonly [folder: string, why: string])[] = [
    ['site', 'lies in the folder that is served'],
    ['site/cache', 'lies in the folder that is served'],
    ['.', 'holds the folder that is served'],
    ['plain', 'is not a folder'],
  ];
  for (const [folder, why] of rows) {
    for (const workers of ['1', '2']) {
      const { code, stderr } = await plinth([site, '0', '--cache-dir', folder, '--workers', workers]).ended;
      assert.equal(stderr, `plinth: cache folder ${JSON.stringify(folder)} ${why}\n`);
      assert.equal(code, 2);
    }
  }
});

test('workers share the cache folder', async () => {
  writeFileSync(join(site, 'app.js'), content);
  utimesSync(join(site, 'app.js'), 1000, 1000);
  const { run, port } = await serving([
    site,
    '0',
    '-q',
    '--host',
    '127.0.0.1',
    '-w',
    '2',
    '--cache-dir',
    cache,
  ]);
  // Changed a moment ago, it is kept by nobody yet; its content is known all the same.
  for (let count = 0; count < 8; count++) {
    const answer = await ask(port);
    assert.match(answer.tag, /^"/);
    assert.equal(answer.content, content);
  }
  await run.stop();
});
