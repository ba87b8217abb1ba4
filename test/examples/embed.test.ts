import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');

test('the embedding example serves from memory, answers its gate and stops on SIGTERM', async () => {
  const env = { ...process.env, PORT: '0' };
  const child = spawn(process.execPath, ['--import', 'tsx', 'examples/embed/server.ts'], { cwd: root, env });
  try {
    const [url] = await once(createInterface(child.stdout), 'line');
    const page = await fetch(url);
    assert.match(await page.text(), /Hello from memory/);
    assert.equal(page.headers.get('access-control-allow-origin'), 'https://example.com');
    assert.equal(await (await fetch(new URL('health', url))).text(), 'well\n');
    assert.deepEqual(await (await fetch(new URL('data/answer.json', url))).json(), { answer: 42 });
    assert.equal((await fetch(new URL('missing', url))).status, 404);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
  } finally {
    child.kill('SIGKILL');
  }
});
