import assert from 'node:assert/strict';
import { type DecodedBlock, HpackDecoder } from '../../src/h2/hpack-decoder.ts';
import { literalLine } from '../../src/h2/literal.ts';
import type { FuzzTarget } from '../target.ts';

const limits = { bytesMax: 1000, linesMax: 20 };
const tableBytes = 256;

/**
 * Field blocks one after the other on one connection, each with its length in the first octet. What they say is said again
 * in the plainest way and must be understood alike; nothing is kept beyond the limits, whatever a block stands for.
 */
export const hpack: FuzzTarget = {
  name: 'hpack',
  words: [
    '\x82',
    '\x86\x84',
    '\x40\x01a\x011',
    '\xbe',
    '\xbf',
    '\x20',
    '\x3f\xe1\x01',
    '\x41\x8c',
    '\x0f\x12',
    '\x7f\x80\x01',
  ],
  check: input => {
    const [decoder, twin] = [new HpackDecoder(tableBytes, limits), new HpackDecoder(tableBytes, limits)];
    const told: string[] = [];
    for (let at = 0; at < input.length; ) {
      const end = at + 1 + (input[at] ?? 0);
      const block = input.subarray(at + 1, end);
      at = end;
      const before = decoder.generation;
      const decoded = decoder.decode(block);
      assert.deepEqual(twin.decode(Buffer.from(block)), decoded, 'the same octets mean two things');
      if (decoded.kind === 'hpack-fault') {
        assert.match(decoded.section, /^[2-6]\.[0-9.]+$/);
        told.push(decoded.section);
        break;
      }
      checkBlock(decoded);
      if (decoder.generation === before)
        assert.deepEqual(
          decoder.decode(block),
          decoded,
          'the table was left as it was, and means something else',
        );
      told.push(`${decoded.lines.length}/${decoded.count}`);
    }
    return told.slice(0, 4).join(' ');
  },
};

function checkBlock({ lines, bytes, count }: DecodedBlock): void {
  assert.ok(lines.length <= limits.linesMax && lines.length <= count);
  const kept = lines.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  assert.ok(kept <= limits.bytesMax && kept <= bytes, 'more is kept than the limits let through');
  const plain = Buffer.concat(lines.map(([name, value]) => literalLine(name, value, 'none')));
  const again = new HpackDecoder(0, limits).decode(plain);
  assert.ok(again.kind === 'block');
  assert.deepEqual(again.lines, lines, 'said again it is something else');
}
