// Plinth in Polka. Run it with `npx tsx examples/embed/polka.ts`; it serves `examples/site`.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMiddleware } from 'plinth';
import polka from 'polka';

const files = createMiddleware({ root: 'examples/site' });
const server = createServer();
const app = polka({ server });
app.use(files);
app.get('/api/hello', (_request, response) => response.end('hello'));
app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`http://127.0.0.1:${port}/`);
});
process.once('SIGTERM', () => server.close(() => files.close()));
