import assert from 'node:assert/strict';
import { H1Connection } from '../../src/h1/connection.ts';
import type { Fields } from '../../src/http/fields.ts';
import { defaultLimits } from '../../src/http/limits.ts';
import { behaviourOf, checkMachine } from '../machine.ts';
import type { FuzzTarget } from '../target.ts';
import { wireWords } from '../words.ts';

/** Field sections: the input stands between a request line and the empty line. */
export const fields: FuzzTarget = {
  name: 'fields',
  words: wireWords,
  check: input => {
    const life = checkMachine(Buffer.concat([opening, input, emptyLine]));
    const [first] = life.events;
    if (first?.kind === 'request') checkFields(first.head.fields);
    return behaviourOf(life);
  },
};

function checkFields(section: Fields): void {
  const names = new Set(section.lines.map(([name]) => name.toLowerCase()));
  let count = 0;
  for (const name of names) {
    const values = section.values(name);
    const own = section.lines.filter(line => line[0].toLowerCase() === name).map(line => line[1]);
    assert.deepEqual(values, own, `the values of ${name}`);
    assert.equal(section.get(name), values.join(', '));
    count += values.length;
  }
  assert.equal(count, section.lines.length, 'lines that no name finds');
  for (const [name, value] of section.lines) {
    assert.match(name, /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);
    assert.match(value, /^(?![\t ])[\t -~\x80-\xff]*(?<![\t ])$/, `the value ${JSON.stringify(value)}`);
  }
  checkReread(section);
}

/** Written down again, a section is read as the same one. */
function checkReread(section: Fields): void {
  const lines = section.lines.map(([name, value]) => `${name}:${value}\r\n`).join('');
  const connection = new H1Connection(defaultLimits);
  connection.receive(Buffer.from(`GET / HTTP/1.1\r\n${lines}\r\n`, 'latin1'));
  const event = connection.next();
  // Content that the section announces has not come.
  if (event.kind === 'request') assert.deepEqual(event.head.fields.lines, section.lines);
  else
    assert.ok(event.kind === 'continue' || event.kind === 'need-bytes', `read again it is a ${event.kind}`);
}

const opening = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n');
const emptyLine = Buffer.from('\r\n');
