// `npm start`: the example site, unless a root is named. `npm start -- <root> <port>` serves any folder.
import { join } from 'node:path';

process.env.PLINTH_ROOT ??= join(import.meta.dirname, '..', 'examples', 'site');
await import('../dist/cli.js');
