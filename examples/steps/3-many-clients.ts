// Step 3: many clients at once. New here: nobody waits for anybody, and nobody's leaving does harm.
//
//   run it:  npx tsx examples/steps/3-many-clients.ts
//   ask it:  curl telnet://127.0.0.1:8080   and leave it there, silent; others are served as before
import { readFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join, sep } from 'node:path';

const port = Number(process.env.PORT ?? 8080);
const pages = join(import.meta.dirname, 'pages');

// serve is begun afresh for every connection and has variables of its own. At each `await` it steps aside and
// the others go on, so one thread serves them all. allowHalfOpen: a client that has said all it will say and
// closed its side still gets its answer.
const server = createServer({ allowHalfOpen: true }, connection => void serve(connection));
server.listen({ port, host: '127.0.0.1', backlog: 128 }, () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') {
    console.log(`Listening on http://127.0.0.1:${address.port}/ (Ctrl-C stops)`);
  }
});

async function serve(connection: Socket): Promise<void> {
  // A client that is gone makes the next read or write fail. Node tells us by an 'error' event, and an 'error'
  // that nobody listens to ends the whole program (try it with step 2). Here it ends this connection alone.
  connection.on('error', () => connection.destroy());
  connection.setTimeout(10_000, () => connection.destroy()); // Silent for ten seconds: make room.

  const head = await readHead(connection);
  if (head === '') return void connection.end(); // The empty read: it left without a word, or never finished.
  const [, target = '/'] = head.split(' ');
  const [path = '/'] = target.split('?');
  const page = await findPage(path === '/' ? '/index.html' : path);
  const status = page === undefined ? '404 Not Found' : '200 OK';
  connection.write(`HTTP/1.1 ${status}\r\nServer: step-3\r\nConnection: close\r\n\r\n`);
  connection.end(page ?? '<!doctype html><title>404</title><h1>There is no such page</h1>\n');
}

// TCP carries bytes, not messages: a request may come in any number of pieces. It is whole at the empty line.
function readHead(connection: Socket): Promise<string> {
  return new Promise(resolve => {
    let text = '';
    connection.on('data', bytes => {
      if (!text.includes('\r\n\r\n')) text += bytes.toString('latin1');
      if (text.includes('\r\n\r\n')) resolve(text);
      else if (text.length > 8192) connection.destroy(); // No client may fill our memory.
    });
    connection.on('end', () => resolve('')); // No more will come. After a whole head this changes nothing:
    connection.on('close', () => resolve('')); // a promise resolves only once.
  });
}

async function findPage(path: string): Promise<Buffer | undefined> {
  const file = join(pages, path);
  if (!file.startsWith(pages + sep)) return undefined; // See step 2.
  return readFile(file).catch(() => undefined);
}
