// Plinth in Connect. Run it with `npx tsx examples/embed/connect.ts`; it serves `examples/site`.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import connect from 'connect';
import { createMiddleware } from 'plinth';

const files = createMiddleware({ root: 'examples/site' });
const app = connect();
app.use(files);
app.use((_request, response) => {
  response.statusCode = 404;
  response.end('Neither a file nor anything else\n');
});

const server = createServer(app).listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`http://127.0.0.1:${port}/`);
});
process.once('SIGTERM', () => server.close(() => files.close()));
