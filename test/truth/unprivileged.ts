/** Run by permissions.test.ts: gives root's rights up for good, serves a folder and tells where. */
import { becomePlainUser } from '../faults/plain-user.ts';
import { type Seeing, startSeeing } from './servers.ts';

const [seeing, root = ''] = process.argv.slice(2);
becomePlainUser();
const server = await startSeeing(seeing as Seeing, root);
process.send?.(server.place);
process.on('disconnect', () => process.exit());
