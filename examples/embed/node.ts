// Plinth as the handler of a server of Node's own. Run it with `npx tsx examples/embed/node.ts`.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMiddleware } from 'plinth';

const files = createMiddleware({ root: 'examples/site' });
const server = createServer(files).listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`http://127.0.0.1:${port}/`);
});
process.once('SIGTERM', () => server.close(() => files.close()));
