// A permission that is taken away or given, seen by a server that root's rights do not help.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Place, RawConnection, requestBytes, text } from '../wire/client.ts';
import { type Seeing, settledMs, until } from './servers.ts';

const seeings: readonly Seeing[] = ['at once, by a watcher', 'when the time is over'];
const above = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-truth-')));
const rows = seeings.map((seeing, index) => ({ seeing, root: make(String(index)) }));

before(() => new Promise(resolve => setTimeout(resolve, settledMs)));
after(() => rmSync(above, { recursive: true, force: true }));

for (const { seeing, root } of rows) {
  test(`a permission taken away shows ${seeing}, and so does one that is given`, async t => {
    const child = fork(new URL('./unprivileged.ts', import.meta.url), [seeing, root], {
      execArgv: ['--import', 'tsx'],
    });
    t.after(() => child.kill('SIGKILL'));
    const [place] = (await once(child, 'message')) as [Place];
    const shows = async (path: string, content: string | undefined): Promise<boolean> =>
      (await contentOf(place, path)) === content;
    for (let round = 0; round < 3; round++) {
      assert.ok(await shows('/a.txt', 'a'));
      assert.ok(await shows('/folder/b.txt', 'b'));
    }
    chmodSync(join(root, 'a.txt'), 0);
    await until(() => shows('/a.txt', undefined), 'the file is gone');
    assert.ok(await shows('/folder/b.txt', 'b'));
    chmodSync(join(root, 'a.txt'), 0o644);
    await until(() => shows('/a.txt', 'a'), 'the file is back');
    chmodSync(join(root, 'folder'), 0);
    await until(() => shows('/folder/b.txt', undefined), 'what is in the folder is gone');
    chmodSync(join(root, 'folder'), 0o755);
    await until(() => shows('/folder/b.txt', 'b'), 'and back');
  });
}

/** Undefined where there is nothing. */
async function contentOf(place: Place, target: string): Promise<string | undefined> {
  const connection = await RawConnection.open(place);
  connection.write(requestBytes({ method: 'GET', target, fields: [] }));
  const response = await connection.response();
  connection.destroy();
  if (response.status === 200) return text(response);
  assert.equal(response.status, 404);
  return undefined;
}

function make(name: string): string {
  const root = join(above, name);
  mkdirSync(join(root, 'folder'), { recursive: true });
  writeFileSync(join(root, 'a.txt'), 'a');
  writeFileSync(join(root, 'folder', 'b.txt'), 'b');
  for (const folder of [above, root, join(root, 'folder')]) chmodSync(folder, 0o755);
  return root;
}
