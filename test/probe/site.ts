import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { after } from 'node:test';

/** What a small server answers for one target. */
export interface Answer {
  readonly status?: number;
  readonly fields?: Readonly<Record<string, string>>;
  readonly content?: string | Buffer;
}

/** A request that such a server sees. */
export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly fields: Readonly<Record<string, string | readonly string[] | undefined>>;
}

const open = new Set<{ readonly close: () => void }>();

after(() => {
  for (const server of open) server.close();
});

/** A site of a few answers by their targets; everything else is 404. Answers its origin. */
export async function siteOf(
  answers: Readonly<Record<string, Answer | ((asked: Asked) => Answer)>>,
): Promise<string> {
  const server = createHttpServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const found = answers[url] ?? { status: 404 };
    const answer = typeof found === 'function' ? found({ method, target: url, fields: headers }) : found;
    response.sendDate = false;
    response.writeHead(answer.status ?? 200, answer.fields ?? {});
    response.end(answer.content ?? '');
  });
  open.add({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return originOf(server);
}

/** A server that does with each connection what it is told. Answers its origin. */
export async function rawServer(serve: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer(socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    serve(socket);
  });
  open.add({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return originOf(server);
}

/** Listens on a free port of loopback. */
function originOf(server: Server, scheme = 'http'): Promise<string> {
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}
