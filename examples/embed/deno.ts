// Plinth in Deno: an interface of the program's own, and files for everything else.
// Run it with `deno run --allow-net --allow-read=. --allow-env=PORT --allow-sys=uid examples/embed/deno.ts`; it serves
// `examples/site`.
import { createHandler } from 'plinth';

const files = createHandler({ root: 'examples/site' });

const server = Deno.serve(
  {
    hostname: '127.0.0.1',
    port: Number(Deno.env.get('PORT') ?? 8080),
    onListen: ({ port }) => console.log(`http://127.0.0.1:${port}/`),
  },
  (request, info) => {
    if (new URL(request.url).pathname === '/api/hello') return Response.json({ hello: 'world' });
    return files(request, info);
  },
);
Deno.addSignalListener('SIGTERM', async () => {
  await server.shutdown();
  await files.close();
});
