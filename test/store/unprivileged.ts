/** Run by disk-special.test.ts as root: gives its rights up for good, then says what a store sees, as JSON. */
import { becomePlainUser } from '../faults/plain-user.ts';
import { storeAt } from './disk-fixture.ts';
import { segmentsOf } from './reading.ts';

const [root = '', ...paths] = process.argv.slice(2);
becomePlainUser();

const store = storeAt(root);
const seen: Record<string, string> = {};
for (const path of paths) {
  const entry = await store.find(segmentsOf(path));
  const listing = await store.list(segmentsOf(path));
  const open = entry.kind === 'file' ? await store.open(entry.file) : 'not a file';
  const why = entry.kind === 'denied' ? ` ${entry.why}` : '';
  const members =
    listing.kind === 'members' ? listing.members.map(member => member.name).sort() : listing.kind;
  seen[path] = `${entry.kind}${why} | ${typeof open === 'string' ? open : 'opened'} | ${members}`;
  if (typeof open !== 'string') open.close();
}
let refusal = 'none';
try {
  storeAt(`${root}/closed`);
} catch (error) {
  refusal = String(error);
}
console.log(JSON.stringify({ seen, refusal }));
