/** Run by disk-special.test.ts with few descriptors: uses them up, asks the store, frees them, asks again; answers as JSON. */
import { closeSync, openSync } from 'node:fs';
import { allClosed, descriptorsBelow, storeAt } from './disk-fixture.ts';
import { fileAt } from './reading.ts';

const [root = ''] = process.argv.slice(2);
const store = storeAt(root, { keptDescriptorsMax: 4 });
const file = await fileAt(store, 'a.txt');
const large = await fileAt(store, 'large.bin');

const held: number[] = [];
const starve = (): void => {
  for (;;) {
    try {
      held.push(openSync('/dev/null', 'r'));
    } catch {
      return;
    }
  }
};
const look = async (): Promise<string> => {
  const open = await store.open(file);
  if (typeof open !== 'string') open.close();
  const entry = await store.find(['a.txt']);
  const listing = await store.list([]);
  return `${typeof open === 'string' ? open : 'opened'} ${entry.kind} ${listing.kind}`;
};

const starved: Record<string, number> = {};
for (let round = 0; round < 200; round += 1) {
  // Every time anew: Node may have given one of its own back, and may do so once more while we look.
  starve();
  const seen = await look();
  starved[seen] = (starved[seen] ?? 0) + 1;
}
// One left: the folder opens, but reading it takes one more.
for (const fd of held.splice(0, 1)) closeSync(fd);
const oneLeft = (await store.list([])).kind;

// What is kept open for nobody is given up first.
const gaveWay = new Set<string>();
for (let round = 0; round < 20; round += 1) {
  starve();
  closeSync(held.shift() ?? -1);
  const reading = await store.open(large);
  if (typeof reading !== 'string') reading.close();
  starve();
  const instead = await store.open(file);
  if (typeof instead !== 'string') instead.close();
  gaveWay.add(typeof instead === 'string' ? instead : 'opened');
  await store.rest();
  await allClosed(store);
}
for (const fd of held.splice(0)) closeSync(fd);
const freed = await look();
await allClosed(store);
const leaked = descriptorsBelow(root).length;
console.log(JSON.stringify({ starved, gaveWay: [...gaveWay], oneLeft, freed, leaked }));
