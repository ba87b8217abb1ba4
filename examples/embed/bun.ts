// Plinth in Bun: an interface of the program's own, and files for everything else.
// Run it with `bun examples/embed/bun.ts`; it serves `examples/site`.
import { createHandler } from 'plinth';

const files = createHandler({ root: 'examples/site' });

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.env.PORT ?? 8080),
  routes: { '/api/hello': () => Response.json({ hello: 'world' }) },
  fetch: (request, server) => files(request, server.requestIP(request)),
});
console.log(String(server.url));
process.once('SIGTERM', async () => {
  await server.stop();
  await files.close();
});
