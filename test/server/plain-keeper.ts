// As a plain user: keeps a coding in a folder of its own, closes the folder, keeps another, and tells what is there.
import { chmodSync, readdirSync } from 'node:fs';
import { CodedFiles } from '../../src/server/coded-files.ts';
import { becomePlainUser } from '../faults/plain-user.ts';

becomePlainUser();
const [folder = ''] = process.argv.slice(2);
const files = new CodedFiles({ folder, bytesMax: 1024 * 1024, report: line => console.log(line) });
const [first = '', second = ''] = ['a', 'b'].map(digit => digit.repeat(64));
const octets = Buffer.from('coded octets');
await files.keep(first, 'br', octets);
console.log('kept');
chmodSync(folder, 0o500);
await files.keep(second, 'br', octets);
const found = await files.find(first, 'br', octets.length);
console.log(`${readdirSync(folder).length} file, ${found?.equals(octets) ? 'found' : 'lost'}`);
chmodSync(folder, 0o700);
