// Plinth inside a program of your own: files from memory, a gate that answers early, a finisher that adds a field.
// Run it with `npx tsx examples/embed/server.ts` (Node 20) or `node examples/embed/server.ts` (Node 22.18 and newer).
import { createServer, type Finisher, type Gate, memoryStore } from 'plinth';

const store = memoryStore({
  'index.html': '<!doctype html><title>Hello</title><h1>Hello from memory</h1>',
  'data/answer.json': '{"answer":42}',
});

/** A gate answers a request before the site is asked, or lets it pass. */
const health: Gate = ({ target }) => {
  if (target.kind !== 'path' || target.segments.join('/') !== 'health') return undefined;
  return {
    status: 200,
    fields: [['Content-Type', 'text/plain; charset=utf-8']],
    content: { kind: 'bytes', bytes: Buffer.from('well\n') },
  };
};

/** A finisher adds fields to every response. */
const cors: Finisher = (_request, response) => ({
  ...response,
  fields: [...response.fields, ['Access-Control-Allow-Origin', 'https://example.com']],
});

const server = createServer({
  store,
  port: Number(process.env.PORT ?? 8080),
  gates: [health],
  finishers: [cors],
});
for (const address of await server.start()) {
  console.log(address.kind === 'tcp' ? address.url : address.path);
}
process.once('SIGTERM', () => server.stop());
process.once('SIGINT', () => server.stop());
