import { BlockList, isIP } from 'node:net';

/**
 * Whether an address lies in one of these ranges: addresses, `10.0.0.0/8`, `2001:db8::/32`, and `unix` for clients on a
 * Unix socket, which have the empty address. An IPv4 client of an IPv6 socket (`::ffff:192.0.2.1`) is in the ranges of
 * IPv4; a zone does not count.
 */
export function inRanges(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  const holdsUnix = ranges.includes('unix');
  for (const range of ranges) {
    if (range === 'unix') continue;
    const [network = '', bits] = range.split('/');
    const family = familyOf(network);
    list.addSubnet(network, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
  }
  return address => {
    if (address === '') return holdsUnix;
    const [bare = ''] = address.split('%');
    return isIP(bare) !== 0 && list.check(bare, familyOf(bare));
  };
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
