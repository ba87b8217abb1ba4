import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fields } from '../../src/http/fields.ts';
import { originOf, unknownAddress } from '../../src/http/forwarded.ts';
import type { FieldLine } from '../../src/http/message.ts';

const trusted = new Set(['', '10.0.0.1', '10.0.0.2', '::1']);
const isTrusted = (address: string): boolean => trusted.has(address);
const attacker = '203.0.113.9';

const xff = (value: string): FieldLine => ['X-Forwarded-For', value];
const forwarded = (value: string): FieldLine => ['Forwarded', value];

/** Who the peer is, what it says, and whose request that makes it. */
const rows: readonly (readonly [peer: string, lines: readonly FieldLine[], address: string])[] = [
  // Nobody is believed who is not trusted.
  [attacker, [xff('10.0.0.1')], attacker],
  [attacker, [forwarded('for=10.0.0.1')], attacker],
  ['', [xff('192.0.2.1')], '192.0.2.1'],
  // What says nothing speaks for itself.
  ['10.0.0.1', [], '10.0.0.1'],
  ['10.0.0.1', [xff('192.0.2.1')], '192.0.2.1'],
  ['10.0.0.1', [xff('192.0.2.1, 10.0.0.2')], '192.0.2.1'],
  // What stands left of the first that is not trusted anybody may have written.
  ['10.0.0.1', [xff(`10.0.0.2, ${attacker}`)], attacker],
  ['10.0.0.1', [xff(`rubbish, ${attacker}, 10.0.0.2`)], attacker],
  ['10.0.0.1', [xff('10.0.0.2'), xff(attacker)], attacker],
  ['10.0.0.1', [xff('10.0.0.2, 10.0.0.2')], '10.0.0.2'],
  // The forms in which proxies write addresses.
  ['10.0.0.1', [xff('192.0.2.1:4711')], '192.0.2.1'],
  ['10.0.0.1', [xff('[2001:db8::1]:4711')], '2001:db8::1'],
  ['10.0.0.1', [xff('2001:db8::1')], '2001:db8::1'],
  ['10.0.0.1', [xff(' \t192.0.2.1 ')], '192.0.2.1'],
  ['10.0.0.1', [xff('::ffff:192.0.2.1')], '::ffff:192.0.2.1'],
  // No address, no client.
  ['10.0.0.1', [xff('')], unknownAddress],
  ['10.0.0.1', [xff('192.0.2.1,')], unknownAddress],
  ['10.0.0.1', [xff('unknown')], unknownAddress],
  ['10.0.0.1', [xff('192.0.2.256')], unknownAddress],
  ['10.0.0.1', [xff('192.0.2.1, unknown')], unknownAddress],
  ['10.0.0.1', [xff('fe80::1%eth0')], unknownAddress],
  ['10.0.0.1', [xff('127.1')], unknownAddress],
  ['10.0.0.1', [forwarded('for=192.0.2.1')], '192.0.2.1'],
  ['10.0.0.1', [forwarded('For="[2001:db8::1]:80";proto=http;by=10.0.0.1')], '2001:db8::1'],
  ['10.0.0.1', [forwarded('for=192.0.2.1, for=10.0.0.2;proto=https')], '192.0.2.1'],
  ['10.0.0.1', [forwarded('proto=http ; for="192.0.2.1:80"')], '192.0.2.1'],
  ['10.0.0.1', [forwarded('for="192.0.2\\.1"')], '192.0.2.1'],
  ['10.0.0.1', [forwarded('for=10.0.0.2;proto=","'), forwarded(`for=${attacker}`)], attacker],
  ['10.0.0.1', [forwarded('proto=http')], unknownAddress],
  ['10.0.0.1', [forwarded('for=192.0.2.1, proto=http')], unknownAddress],
  ['10.0.0.1', [forwarded('for=_hidden')], unknownAddress],
  ['10.0.0.1', [forwarded('for=192.0.2.1;')], unknownAddress],
  ['10.0.0.1', [forwarded('for=10.0.0.2, for=192.0.2.1;')], unknownAddress],
  ['10.0.0.1', [forwarded('for=[2001:db8::1]')], unknownAddress],
  ['10.0.0.1', [forwarded(`for="10.0.0.2, for=${attacker}`)], unknownAddress],
  // A proxy that adds to one of them may pass on the other as the client wrote it.
  ['10.0.0.1', [xff(attacker), forwarded('for=192.0.2.1')], unknownAddress],
  ['10.0.0.1', [xff('192.0.2.1'), forwarded('for=192.0.2.1;proto=http')], '192.0.2.1'],
  ['10.0.0.1', [xff('unknown'), forwarded('for=192.0.2.1')], unknownAddress],
];

for (const [peer, lines, address] of rows) {
  const said = lines.map(([name, value]) => `${name}: ${value}`).join(' and ');
  test(`behind ${peer || 'a Unix socket'} that says ${said || 'nothing'}, the client is ${address}`, () => {
    const origin = originOf(new Fields(lines), { address: peer, port: 7 }, isTrusted);
    assert.equal(origin.client.address, address);
    assert.equal(origin.note !== undefined, address === unknownAddress, 'the log is told');
  });
}

test('whatever a client writes, the proxy has the last word', () => {
  const values = fc.oneof(
    fc.string(),
    fc.constantFrom('for=', '"', '\\', ',', ';', '10.0.0.2', 'for=10.0.0.2'),
  );
  fc.assert(
    fc.property(fc.array(values, { maxLength: 6 }), parts => {
      const written = parts.join('');
      const said = new Fields([xff(`${written}, ${attacker}`)]);
      const peer = { address: '10.0.0.1', port: 7 };
      assert.equal(originOf(said, peer, isTrusted).client.address, attacker);
      const second = new Fields([forwarded(written), forwarded(`for=${attacker}`)]);
      const { address } = originOf(second, peer, isTrusted).client;
      assert.ok(address === attacker || address === unknownAddress, address);
    }),
  );
});
