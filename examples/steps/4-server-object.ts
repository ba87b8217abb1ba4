// Step 4: the server as an object. New here: the constructor makes the socket, and `start` serves.
// What belongs together now stands together, nothing is global, and one program could run several of them.
//
//   run it:  npx tsx examples/steps/4-server-object.ts
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join, sep } from 'node:path';

class PageServer {
  // A # makes a member private: only code inside this class can reach it.
  readonly #pages = join(import.meta.dirname, 'pages');
  readonly #socket: Server;

  constructor() {
    this.#socket = createServer({ allowHalfOpen: true }, connection => void this.#serve(connection));
  }

  start(port: number): void {
    this.#socket.listen({ port, host: '127.0.0.1', backlog: 128 }, () => {
      const address = this.#socket.address();
      if (address === null || typeof address === 'string') return;
      console.log(`Listening on http://127.0.0.1:${address.port}/ (Ctrl-C stops)`);
    });
  }

  async #serve(connection: Socket): Promise<void> {
    connection.on('error', () => connection.destroy());
    connection.setTimeout(10_000, () => connection.destroy());
    const head = await this.#readHead(connection);
    if (head === '') return void connection.end();
    const [path = '/'] = (head.split(' ')[1] ?? '/').split('?');
    const page = await this.#findPage(path === '/' ? '/index.html' : path);
    const status = page === undefined ? '404 Not Found' : '200 OK';
    connection.write(`HTTP/1.1 ${status}\r\nServer: step-4\r\nConnection: close\r\n\r\n`);
    connection.end(page ?? '<!doctype html><title>404</title><h1>There is no such page</h1>\n');
  }

  #readHead(connection: Socket): Promise<string> {
    return new Promise(resolve => {
      let text = '';
      connection.on('data', bytes => {
        if (!text.includes('\r\n\r\n')) text += bytes.toString('latin1');
        if (text.includes('\r\n\r\n')) resolve(text);
        else if (text.length > 8192) connection.destroy();
      });
      connection.on('end', () => resolve('')).on('close', () => resolve(''));
    });
  }

  async #findPage(path: string): Promise<Buffer | undefined> {
    const file = join(this.#pages, path);
    return file.startsWith(this.#pages + sep) ? readFile(file).catch(() => undefined) : undefined;
  }
}

new PageServer().start(Number(process.env.PORT ?? 8080));
