// Each example of a site in a program is run against the real package.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { skipWithout } from '../faults/process.ts';

const root = join(import.meta.dirname, '..', '..');

/** Path, status, and what the content or the Location says. */
type Rows = readonly (readonly [path: string, status: number, says: RegExp])[];

const site = (at: string): Rows => [
  [`${at}/`, 200, /A folder, set on something solid/],
  [`${at}/about`, 200, /<title>About/],
  [`${at}/guide`, 308, new RegExp(`^${at}/guide/$`)],
];

const programs: Readonly<Record<string, Rows>> = {
  node: [...site(''), ['/none', 404, /Nothing stands here/]],
  hono: [...site(''), ['/api/hello', 200, /^\{"hello":"world"\}$/], ['/none', 404, /Nothing stands here/]],
  bun: [...site(''), ['/api/hello', 200, /^\{"hello":"world"\}$/], ['/none', 404, /Nothing stands here/]],
  deno: [...site(''), ['/api/hello', 200, /^\{"hello":"world"\}$/], ['/none', 404, /Nothing stands here/]],
  express: [
    ...site('/site'),
    ['/site', 308, /^\/site\/$/],
    ['/', 200, /The site is at/],
    ['/site/none', 404, /Cannot GET/],
  ],
  connect: [...site(''), ['/none', 404, /^Neither a file nor anything else\n$/]],
  polka: [...site(''), ['/api/hello', 200, /^hello$/], ['/none', 404, /^Not Found$/]],
  fastify: [
    ...site('/site'),
    ['/site', 308, /^\/site\/$/],
    ['/api/hello', 200, /^\{"hello":"world"\}$/],
    ['/site/none', 404, /"statusCode":404/],
  ],
  vite: [
    ['/', 200, /It works/],
    ['/downloads', 308, /^\/downloads\/$/],
    ['/downloads/', 200, /letter 10\.txt/],
    ['/downloads/letter%2010.txt', 200, /./],
    ['/downloads/animations', 308, /^\/downloads\/animations\/$/],
  ],
};

/** Other runtimes, of a hundred megabytes each, with the words before the example; Deno may do no more than it has to. */
const runtimes: Readonly<Record<string, readonly string[]>> = {
  bun: [],
  deno: [
    'run',
    '--no-prompt',
    '--allow-net=127.0.0.1',
    '--allow-read=.',
    '--allow-env=PORT',
    '--allow-sys=uid',
  ],
};

for (const [name, rows] of Object.entries(programs)) {
  test(`the example for ${name} serves the site, leaves the rest to the program and stops on SIGTERM`, {
    skip: name in runtimes && skipWithout(name, name, 'npm install --global'),
  }, async () => {
    const env = { ...process.env, PORT: '0' };
    const example = `examples/embed/${name}.ts`;
    const words = runtimes[name];
    const child = spawn(
      words === undefined ? process.execPath : name,
      [...(words ?? ['--import', 'tsx']), example],
      { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const exit = once(child, 'exit');
    try {
      const [url] = (await Promise.race([
        once(createInterface(child.stdout), 'line'),
        exit.then(() => assert.fail('it ended before it listened')),
      ])) as [string];
      for (const [path, status, says] of rows) {
        const response = await fetch(new URL(path, url), {
          redirect: 'manual',
          headers: { Connection: 'close' },
        });
        assert.equal(response.status, status, path);
        assert.match(response.headers.get('location') ?? (await response.text()), says, path);
      }
      child.kill('SIGTERM');
      const [code] = await exit;
      assert.ok(code === 0 || (name === 'vite' && code === 143), `code ${code}`);
    } finally {
      child.kill('SIGKILL');
    }
  });
}
