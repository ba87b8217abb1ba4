import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { networkOf, parseAuthority } from '../../src/http/authority.ts';

test('a host and its port are read, the host in lower case', () => {
  const rows: readonly (readonly [string, string, number | undefined])[] = [
    ['example.com', 'example.com', undefined],
    ['EXAMPLE.com:8080', 'example.com', 8080],
    ['localhost:', 'localhost', undefined],
    ['localhost:0', 'localhost', 0],
    ['localhost:00080', 'localhost', 80],
    ['localhost:65535', 'localhost', 65_535],
    ['127.0.0.1:80', '127.0.0.1', 80],
    ['a_b.local', 'a_b.local', undefined],
    ["x!$&'()*+;=~-.y", "x!$&'()*+;=~-.y", undefined],
    ['b%C3%BCcher.example', 'b%c3%bccher.example', undefined],
    ['[::1]', '[::1]', undefined],
    ['[::1]:8080', '[::1]', 8080],
    ['[::]:', '[::]', undefined],
    ['[2001:DB8::8a2e:370:7334]:443', '[2001:db8::8a2e:370:7334]', 443],
    ['[1:2:3:4:5:6:7:8]', '[1:2:3:4:5:6:7:8]', undefined],
    ['[1:2:3:4:5:6:7::]', '[1:2:3:4:5:6:7::]', undefined],
    ['[::ffff:192.0.2.1]', '[::ffff:192.0.2.1]', undefined],
    ['[1:2:3:4:5:6:1.2.3.4]', '[1:2:3:4:5:6:1.2.3.4]', undefined],
    ['[vF.a:b]:1', '[vf.a:b]', 1],
  ];
  for (const [text, host, port] of rows) assert.deepEqual(parseAuthority(text), { host, port }, text);
});

test('an empty Host field has an empty host, which the caller judges', () => {
  assert.deepEqual(parseAuthority(''), { host: '', port: undefined });
  assert.deepEqual(parseAuthority(':80'), { host: '', port: 80 });
});

test('a Host of any other shape is refused: `Host: a b/\\`', () => {
  const rows: readonly string[] = [
    'a b/\\',
    'a b',
    ' a',
    'a ',
    'a\t',
    'a/',
    'a\\',
    'a/b',
    'a?b',
    'a#b',
    'a@b',
    'user:pass@host',
    'a,b',
    'a, b',
    'a:80, b:80',
    'a"',
    'a<b',
    'a|b',
    'a^b',
    'a`b',
    'a{b}',
    'a\0',
    'a\n',
    'a\x7f',
    'bücher.example',
    'a%',
    'a%4',
    'a%zz',
    'a:-1',
    'a:+1',
    'a: 1',
    'a:1 ',
    'a:0x50',
    'a:65536',
    'a:99999999999999999999',
    'a:80:80',
    'a::80',
    '::1',
    '[]',
    '[::1',
    '::1]',
    '[::1]x',
    '[::1]80',
    'x[::1]',
    '[[::1]]',
    '[::1]:65536',
    '[1.2.3.4]',
    '[localhost]',
    '[:]',
    '[:::]',
    '[::1::]',
    '[1:::2]',
    '[1:2:3:4:5:6:7]',
    '[1:2:3:4:5:6:7:8:9]',
    '[1:2:3:4:5:6:7:8::]',
    '[::1:2:3:4:5:6:7:8]',
    '[12345::]',
    '[g::]',
    '[:1:2:3:4:5:6:7]',
    '[1:2:3:4:5:6:7:]',
    '[1.2.3.4::]',
    '[::1.2.3]',
    '[::1.2.3.4.5]',
    '[::256.2.3.4]',
    '[::01.2.3.4]',
    '[1:2:3:4:5:6:7:1.2.3.4]',
    '[fe80::1%25eth0]',
    '[fe80::1%eth0]',
    '[v.a]',
    '[v1.]',
    '[vG.a]',
    '[v1.a/b]',
  ];
  for (const text of rows) assert.equal(parseAuthority(text), undefined, JSON.stringify(text));
});

test('one client has one network, however its address is written', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['2001:db8::1', '20010db800000000/64'],
    ['2001:DB8:0:0:ffff::2%eth0', '20010db800000000/64'],
    ['2001:db8:1::1', '20010db800010000/64'],
    ['2001:db8:1:0:2:3:4:5', '20010db800010000/64'],
    ['::1', '0000000000000000/64'],
    ['1::', '0001000000000000/64'],
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['unix', 'unix'],
    ['', ''],
  ];
  for (const [address, network] of rows) assert.equal(networkOf(address), network, address);
});

test('an IPv6 address is one here when it is one for node:net', () => {
  const part = fc.constantFrom('', '0', '1', 'ffff', '12345', 'g', '1.2.3.4', '1.2.3', '255.255.255.256');
  const address = fc.array(part, { minLength: 1, maxLength: 10 }).map(parts => parts.join(':'));
  fc.assert(
    fc.property(fc.oneof(address, fc.ipV6()), text => {
      assert.equal(parseAuthority(`[${text}]`) !== undefined, isIPv6(text), text);
    }),
    { numRuns: 2000 },
  );
});

test('reading never throws, and what is read reads back as itself', () => {
  const near = fc.string({ unit: fc.constantFrom(...'ab.:[]@/\\ ,%0189v') });
  fc.assert(
    fc.property(fc.oneof(fc.string(), near, fc.webAuthority()), text => {
      const authority = parseAuthority(text);
      if (authority === undefined) return;
      assert.match(authority.host, /^[^\s/\\@,"<>]*$/);
      const { host, port } = authority;
      assert.deepEqual(parseAuthority(port === undefined ? host : `${host}:${port}`), authority);
    }),
  );
});
