// Keeps codings in the folder that it is given until it is killed; a line tells when it has begun.
import { CodedFiles } from '../../src/server/coded-files.ts';

// Where files may not grow any more, the write is to fail and not the process.
process.on('SIGXFSZ', () => {});

const [folder = '', seed = '0'] = process.argv.slice(2);
const files = new CodedFiles({ folder, bytesMax: 1024 * 1024 * 1024, report: line => console.log(line) });
for (let turn = 0; ; turn++) {
  const name = (turn % 50).toString(16).padStart(64, '0');
  await files.keep(name, 'br', Buffer.alloc(200_000, `${seed} and ${name}`));
  if (turn === 20) console.log('begun');
}
