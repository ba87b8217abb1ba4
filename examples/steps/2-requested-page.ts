// Step 2: the page that was asked for. New here: reading the request, and 404.
//
//   run it:  npx tsx examples/steps/2-requested-page.ts
//   ask it:  curl -v http://127.0.0.1:8080/about.html   and   curl -v http://127.0.0.1:8080/nothing.html
//
// What it cannot do yet: a client that breaks its connection off ends the program. Step 3 mends that.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, sep } from 'node:path';

const port = Number(process.env.PORT ?? 8080);
const pages = join(import.meta.dirname, 'pages'); // The folder that the world may see.

const server = createServer(connection => {
  connection.once('data', bytes => {
    // The first line of a request names method, target and version: GET /about.html HTTP/1.1
    const [requestLine = ''] = bytes.toString('latin1').split('\r\n');
    const [, target = '/'] = requestLine.split(' ');
    const [path = '/'] = target.split('?'); // What follows a question mark is a query, not part of a file's name.
    console.dir(requestLine);

    const page = findPage(path === '/' ? '/index.html' : path);
    const status = page === undefined ? '404 Not Found' : '200 OK';
    connection.write(`HTTP/1.1 ${status}\r\nServer: step-2\r\nConnection: close\r\n\r\n`);
    connection.end(page ?? '<!doctype html><title>404</title><h1>There is no such page</h1>\n');
  });
});

server.listen({ port, host: '127.0.0.1', backlog: 128 }, () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') {
    console.log(`Listening on http://127.0.0.1:${address.port}/ (Ctrl-C stops)`);
  }
});

function findPage(path: string): Buffer | undefined {
  // The path is the word of a stranger. `/../../etc/passwd` would climb out of the folder, so the check comes
  // after join has resolved every `..`. The separator belongs to the check: without it a folder `pages-private`
  // beside ours would begin with the same letters and pass.
  const file = join(pages, path);
  if (!file.startsWith(pages + sep)) return undefined;
  try {
    return readFileSync(file);
  } catch {
    return undefined; // Missing, a folder, not readable, not even a name: to a client all of it is "not found".
  }
}
