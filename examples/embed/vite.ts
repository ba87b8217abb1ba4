// Plinth in Vite's development server: a folder of files that are no part of the application.
// Run it with `npx tsx examples/embed/vite.ts`; it serves `examples/site/files` at /downloads/.
import { createMiddleware, type NodeMiddleware } from 'plinth';
import { createServer, type Plugin } from 'vite';

function downloads(files: NodeMiddleware): Plugin {
  return {
    name: 'downloads',
    configureServer: ({ middlewares }) => {
      middlewares.use('/downloads', files);
    },
    closeBundle: () => files.close(),
  };
}

const server = await createServer({
  configFile: false,
  root: 'examples/steps/pages',
  plugins: [downloads(createMiddleware({ root: 'examples/site/files', listing: true }))],
  server: { host: '127.0.0.1', port: Number(process.env.PORT ?? 8080) },
  logLevel: 'error',
});
await server.listen();
console.log(server.resolvedUrls?.local[0]);
process.once('SIGTERM', () => server.close());
