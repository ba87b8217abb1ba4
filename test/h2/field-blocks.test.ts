import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FieldBlocks } from '../../src/h2/field-blocks.ts';
import { literalLine } from '../../src/h2/literal.ts';
import { defaultLimits } from '../../src/http/limits.ts';

/** A request for `/` of which only the number of a field differs from the next one's. */
function block(n: number, ...rest: readonly Uint8Array[]): Buffer {
  const [method, scheme, path] = [0x82, 0x86, 0x84];
  const authority = literalLine(':authority', 'localhost', 'none');
  return Buffer.concat([
    Buffer.of(method, scheme, path),
    authority,
    literalLine('k', String(n), 'none'),
    ...rest,
  ]);
}

/** Of requests that were read one after the other, how many of the last need not be read again. */
function knownOf(inTable: readonly (readonly [string, string])[], references: number): number {
  const blocks = new FieldBlocks({ limits: defaultLimits, scheme: 'http' });
  blocks.readRequest(block(-1, ...inTable.map(([name, value]) => literalLine(name, value, 'incremental'))));
  const index = (n: number): Uint8Array => Buffer.of(0x80 | (62 + (n % inTable.length)));
  const asked = Array.from({ length: 500 }, (_, n) =>
    block(n, ...Array.from({ length: inTable.length === 0 ? 0 : references }, (_, at) => index(at))),
  );
  const readings = asked.map(octets => blocks.readRequest(octets));
  assert.ok(readings.every(reading => reading.kind === 'request'));
  let known = 0;
  while (known < 500 && blocks.readRequest(asked.at(-1 - known) ?? Buffer.of()) === readings.at(-1 - known))
    known += 1;
  return known;
}

test('what is known of requests is bounded by what they mean, not by their octets', () => {
  const many = Array.from({ length: 60 }, (_, n) => [`h${n}`, 'v'] as const);
  const rows: readonly (readonly [string, readonly (readonly [string, string])[], number, number])[] = [
    ['plain requests', [], 0, 65_536 / 512],
    ['a long cookie, four times', [['cookie', 'x'.repeat(3900)]], 4, 65_536 / (4 * 3900)],
    ['many lines', many, 60, 65_536 / (60 * 128)],
  ];
  for (const [name, inTable, references, atMost] of rows) {
    const known = knownOf(inTable, references);
    assert.ok(known >= 1 && known <= atMost, `${name}: ${known}`);
  }
});
