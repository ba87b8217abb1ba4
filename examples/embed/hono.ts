// Plinth in Hono: an interface of the program's own, and files for everything else.
// Run it with `npx tsx examples/embed/hono.ts`; it serves `examples/site`.
import { serve } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono } from 'hono';
import { createHandler } from 'plinth';

const files = createHandler({ root: 'examples/site' });
const app = new Hono();
app.get('/api/hello', context => context.json({ hello: 'world' }));
app.all('*', context => files(context.req.raw, getConnInfo(context).remote));

const server = serve(
  { fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT ?? 8080) },
  ({ port }) => console.log(`http://127.0.0.1:${port}/`),
);
process.once('SIGTERM', () => server.close(() => files.close()));
