// A server in a process of its own, so that its memory can be measured: `node memory-child.ts <root>`.
import { createServer } from '../../src/index.ts';

const server = createServer({ root: process.argv[2], host: '127.0.0.1', port: 0 });
const [address] = await server.start();
process.send?.(address);
process.on('message', () => {
  globalThis.gc?.();
  process.send?.(process.memoryUsage.rss());
});
process.on('disconnect', () => process.exit());
