// Things in the root that are no files: whoever opened one of them would wait for ever, or take what is not ours.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { scratch } from '../cli/command.ts';
import { RawConnection, requestBytes } from '../wire/client.ts';
import { stayCalm } from './calm-client.ts';
import { endInOrder, watched } from './process.ts';

const root = join(scratch, 'special');
const content = 'a plain file\n';
const asked = 100;
const noDevice = process.getuid?.() === 0 || process.env.CI ? false : 'needs root, to make a device';
let socket: Server;

before(async () => {
  mkdirSync(root);
  writeFileSync(join(root, 'plain.txt'), content);
  execFileSync('mkfifo', [join(root, 'fifo')]);
  socket = createServer(() => assert.fail('somebody connected to the socket in the root'));
  await new Promise<void>(resolve => socket.listen(join(root, 'socket'), resolve));
  // The same numbers as /dev/zero: who reads it reads without end.
  if (noDevice === false) execFileSync('mknod', [join(root, 'device'), 'c', '1', '5']);
});
after(() => socket.close());

const rows: readonly { readonly name: string; readonly skip?: string | false }[] = [
  { name: 'fifo' },
  { name: 'socket' },
  { name: 'device', skip: noDevice },
];

for (const { name, skip = false } of rows) {
  test(`serve#598 a ${name} asked for ${asked} times is 404 and keeps no thread`, {
    skip,
    timeout: 60_000,
  }, async t => {
    const server = await watched({ root });
    const askAll = Promise.all(
      Array.from({ length: asked }, async () => {
        const open = await RawConnection.open(server.place);
        for (const [method, range] of [
          ['GET', undefined],
          ['HEAD', undefined],
          ['GET', 'bytes=0-9'],
        ] as const) {
          const fields = range === undefined ? [] : [['Range', range] as const];
          open.write(requestBytes({ method, target: `/${name}`, fields }));
          assert.equal((await open.response(method)).status, 404);
        }
        open.destroy();
      }),
    );
    const { answers, worstMs } = await stayCalm(server.place, '/plain.txt', content, askAll);
    t.diagnostic(`${answers} calm answers, the worst after ${worstMs.toFixed(0)} ms`);
    await endInOrder(server);
  });
}
