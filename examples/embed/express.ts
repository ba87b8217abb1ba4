// Plinth in Express: files below a path, and what is not there is left to the program.
// Run it with `npx tsx examples/embed/express.ts`; it serves `examples/site` at /site/.
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createMiddleware } from 'plinth';

const files = createMiddleware({ root: 'examples/site' });
const app = express();
app.use('/site', files);
app.get('/', (_request, response) => {
  response.send('The site is at <a href="/site/">/site/</a>');
});

const server = app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`http://127.0.0.1:${port}/`);
});
process.once('SIGTERM', () => server.close(() => files.close()));
