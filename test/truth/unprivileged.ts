/** Run by permissions.test.ts: gives root's rights up for good, serves a folder and tells where. */
import { type Seeing, startSeeing } from './servers.ts';

const [seeing, root = ''] = process.argv.slice(2);
if (process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(65534);
  process.setuid?.(65534);
}
const server = await startSeeing(seeing as Seeing, root);
process.send?.(server.place);
process.on('disconnect', () => process.exit());
