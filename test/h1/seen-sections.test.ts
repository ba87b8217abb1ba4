import assert from 'node:assert/strict';
import { test } from 'node:test';
import { H1Connection } from '../../src/h1/connection.ts';
import { SeenSections } from '../../src/h1/seen-sections.ts';
import { type Fields, noFields } from '../../src/http/fields.ts';
import { defaultLimits } from '../../src/http/limits.ts';

function fieldsOf(seen: SeenSections, section: string): Fields | undefined {
  const connection = new H1Connection(defaultLimits, seen);
  connection.receive(Buffer.from(`GET / HTTP/1.1\r\n${section}\r\n`, 'latin1'));
  const event = connection.next();
  return event.kind === 'request' ? event.head.fields : undefined;
}

test('a section that was parsed is known again, whoever sends it', () => {
  const seen = new SeenSections();
  const first = fieldsOf(seen, 'Host: h\r\nAccept: */*\r\n');
  assert.deepEqual(first?.lines, [
    ['Host', 'h'],
    ['Accept', '*/*'],
  ]);
  assert.equal(fieldsOf(seen, 'Host: h\r\nAccept: */*\r\n'), first);
  assert.notEqual(fieldsOf(seen, 'Host: h\r\nAccept: */* \r\n'), first);
});

test('what does not pass the parser is refused each time', () => {
  const seen = new SeenSections();
  for (let round = 0; round < 2; round++) {
    assert.equal(fieldsOf(seen, 'Host: h\r\nBad : x\r\n'), undefined);
    assert.equal(fieldsOf(seen, 'Host: h\r\nHost: h\r\n'), undefined);
    assert.equal(fieldsOf(seen, 'Accept: */*\r\n'), undefined);
  }
});

test('a section is known only whole: its end must have come', () => {
  const seen = new SeenSections();
  const section = 'Host: h\r\n\r\n';
  seen.remember('Host: h\r\n', noFields);
  const bytes = Buffer.from(`${section}Host: h\r\n\r\n`, 'latin1');
  for (let end = 0; end < section.length; end++) assert.equal(seen.recall(bytes, 0, end), undefined);
  assert.equal(seen.recall(bytes, 0, section.length)?.length, section.length);
});

test('sections that are long are not kept, and many make room for new ones', () => {
  const seen = new SeenSections();
  const long = `Host: h\r\nX: ${'x'.repeat(5000)}\r\n`;
  assert.notEqual(fieldsOf(seen, long), fieldsOf(seen, long));
  const first = fieldsOf(seen, 'Host: h\r\n');
  for (let n = 0; n < 400; n++) fieldsOf(seen, `Host: h\r\nX-${n}: ${'x'.repeat(3500)}\r\n`);
  const again = fieldsOf(seen, 'Host: h\r\n');
  assert.notEqual(again, first);
  assert.equal(fieldsOf(seen, 'Host: h\r\n'), again);
});
