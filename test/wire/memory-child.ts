// A server in a process of its own, so that its memory can be measured: `node memory-child.ts <root> [<cert> <key>]`.
import { createServer } from '../../src/index.ts';

const [root, tlsCert, tlsKey] = process.argv.slice(2);
const secured = tlsCert === undefined ? {} : { tlsCert, tlsKey };
const server = createServer({ root, host: '127.0.0.1', port: 0, ...secured });
const [address] = await server.start();
process.send?.(address);
process.on('message', () => {
  globalThis.gc?.();
  process.send?.(process.memoryUsage.rss());
});
process.on('disconnect', () => process.exit());
