import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { codedLength, decodeHuffman, encodeHuffman } from '../../src/h2/huffman.ts';

const everyOctet = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet)).join('');

function encoded(text: string): Buffer {
  const buffer = Buffer.alloc(codedLength(text) + 1, 0xaa);
  const end = encodeHuffman(text, buffer, 0);
  assert.equal(end, codedLength(text));
  assert.equal(buffer[end], 0xaa, 'an octet behind the code was written');
  return buffer.subarray(0, end);
}

// RFC 7541 Appendix C.4 and C.6.
const examples: readonly (readonly [string, string])[] = [
  ['www.example.com', 'f1e3c2e5f23a6ba0ab90f4ff'],
  ['no-cache', 'a8eb10649cbf'],
  ['custom-key', '25a849e95ba97d7f'],
  ['custom-value', '25a849e95bb8e8b4bf'],
  ['302', '6402'],
  ['private', 'aec3771a4b'],
  ['Mon, 21 Oct 2013 20:13:21 GMT', 'd07abe941054d444a8200595040b8166e082a62d1bff'],
  ['https://www.example.com', '9d29ad171863c78f0b97c8e9ae82ae43d3'],
  ['', ''],
];
for (const [text, hex] of examples) {
  test(`${JSON.stringify(text)} is ${hex || 'nothing'}`, () => {
    assert.equal(encoded(text).toString('hex'), hex);
    const octets = Buffer.from(hex, 'hex');
    assert.equal(decodeHuffman(octets, 0, octets.length), text);
  });
}

test('every octet comes back', () => {
  const octets = encoded(everyOctet);
  assert.equal(decodeHuffman(octets, 0, octets.length), everyOctet);
});

test('any octets come back, wherever they stand', () => {
  const texts = fc.uint8Array({ maxLength: 300 }).map(octets => Buffer.from(octets).toString('latin1'));
  fc.assert(
    fc.property(texts, fc.nat(20), (text, before) => {
      const octets = Buffer.concat([Buffer.alloc(before, 0xff), encoded(text), Buffer.alloc(3)]);
      assert.equal(decodeHuffman(octets, before, octets.length - 3), text);
    }),
  );
});

// RFC 7541 §5.2. `a` is 00011.
const malformed: readonly (readonly [string, string])[] = [
  ['the end-of-string symbol', 'ffffffff'],
  ['the end-of-string symbol behind a text', '1fffffffff'],
  ['eight ones of padding', 'ff'],
  ['a whole octet of padding behind a text', '1fff'],
  ['padding with zeros', '18'],
  ['padding with one zero', '1e'],
  ['a code that is cut short', 'fffe'],
];
for (const [what, hex] of malformed) {
  test(`no text: ${what}`, () => {
    const octets = Buffer.from(hex, 'hex');
    assert.equal(decodeHuffman(octets, 0, octets.length), undefined);
  });
}

test('what is decoded is the code of its text, and nothing else is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), octets => {
      const text = decodeHuffman(octets, 0, octets.length);
      if (text !== undefined) assert.deepEqual([...encoded(text)], [...octets]);
    }),
    { numRuns: 2000 },
  );
});
