// Plinth in Fastify: a plugin at a prefix. What is not there goes to the handler that Fastify has for that.
// Run it with `npx tsx examples/embed/fastify.ts`; it serves `examples/site` at /site/.
import fastify from 'fastify';
import { fastifyPlugin } from 'plinth';

const app = fastify();
app.register(fastifyPlugin, { root: 'examples/site', prefix: '/site' });
app.get('/api/hello', async () => ({ hello: 'world' }));
console.log(await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 8080) }));
process.once('SIGTERM', () => app.close());
