/** Inputs tried at most; a smaller one may remain. */
const triesMax = 5000;

/**
 * A small input of which `breaks` says what it says of the given one: pieces are left out, half of the input at first and
 * single octets at last, and then octets are made plain.
 */
export function minimise(input: Buffer, breaks: (bytes: Buffer) => boolean): Buffer {
  let smallest = input;
  let tries = 0;
  const adopts = (candidate: Buffer): boolean => {
    if (tries++ >= triesMax || !breaks(candidate)) return false;
    smallest = candidate;
    return true;
  };
  for (
    let length = Math.ceil(input.length / 2);
    length > 0;
    length = length > 1 ? Math.ceil(length / 2) : 0
  ) {
    for (let at = 0; at < smallest.length && tries < triesMax; ) {
      const without = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + length)]);
      if (!adopts(without)) at += length;
    }
  }
  for (let at = 0; at < smallest.length && tries < triesMax; at++) {
    if (smallest[at] === plainOctet) continue;
    const plain = Buffer.from(smallest);
    plain[at] = plainOctet;
    adopts(plain);
  }
  return smallest;
}

const plainOctet = 0x61;
