/** Bits of each octet's code, and of the end-of-string symbol behind them. RFC 7541 Appendix B. */
const codeLengths: readonly number[] = [
  ...[13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28],
  ...[28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28],
  ...[6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6],
  ...[5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10],
  ...[13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  ...[7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6],
  ...[15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5],
  ...[6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28],
  ...[20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23],
  ...[24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24],
  ...[22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23],
  ...[21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23],
  ...[26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25],
  ...[19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27],
  ...[20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23],
  ...[26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26],
  30,
];

const endOfString = 256;
const bitsMax = 30;

/** The shortest code has five bits: so much longer is a text than its code at most. */
const bitsMin = 5;

/** The codes that go with the lengths: the code is canonical, so that they need not be written down. */
const codes: readonly number[] = canonicalCodes();

/** Octets that a text takes in the code. Every character is an octet. */
export function codedLength(text: string): number {
  let bits = 0;
  for (let at = 0; at < text.length; at++) bits += codeLengths[text.charCodeAt(at)] as number;
  return Math.ceil(bits / 8);
}

/** Writes a text in the code, and answers where it ends. RFC 7541 §5.2: what is left of the last octet is ones. */
export function encodeHuffman(text: string, buffer: Uint8Array, start: number): number {
  let at = start;
  let pending = 0;
  let bits = 0;
  for (let index = 0; index < text.length; index++) {
    const octet = text.charCodeAt(index);
    let left = codeLengths[octet] as number;
    const code = codes[octet] as number;
    // At most seven bits wait, so that all stays within 32 bits when a long code comes in two halves.
    while (left > 0) {
      const taken = Math.min(left, 16);
      left -= taken;
      pending = (pending << taken) | ((code >>> left) & ((1 << taken) - 1));
      bits += taken;
      while (bits >= 8) {
        bits -= 8;
        buffer[at++] = pending >>> bits;
      }
      pending &= (1 << bits) - 1;
    }
  }
  if (bits > 0) buffer[at++] = (pending << (8 - bits)) | (0xff >>> bits);
  return at;
}

/**
 * The text whose code stands from `start` up to `end`. Undefined when that is no code: it has the end-of-string symbol,
 * or the rest of its last octet is more than seven bits or has a zero. RFC 7541 §5.2.
 */
export function decodeHuffman(buffer: Uint8Array, start: number, end: number): string | undefined {
  machine ??= decodingMachine();
  const longest = Math.floor(((end - start) * 8) / bitsMin);
  if (scratch.length < longest) scratch = Buffer.allocUnsafeSlow(longest);
  const text = scratch;
  let length = 0;
  let state = 0;
  for (let at = start; at < end; at++) {
    const octet = buffer[at] as number;
    let step = machine[(state << 4) | (octet >>> 4)] as number;
    if (step & emits) text[length++] = step & 0xff;
    step = machine[((step >>> stateShift) << 4) | (octet & 15)] as number;
    if (step & emits) text[length++] = step & 0xff;
    state = step >>> stateShift;
  }
  // What failed stays so: its steps all lead to itself.
  return isPadding(state) ? text.toString('latin1', 0, length) : undefined;
}

/** A step of the machine has the octet that came out in its lowest bits, then whether one did, then the next state. */
const emits = 0x100;
const stateShift = 9;

/** Four bits at a time, made when the first text is decoded: 1 ms that only whoever speaks HTTP/2 spends. */
let machine: Int32Array | undefined;
let scratch: Buffer = Buffer.allocUnsafeSlow(1024);

/** States that a text may end in: the first, and those after one to seven ones. Filled with the machine. */
const paddingStates = new Set<number>([0]);

function isPadding(state: number): boolean {
  return state === 0 || paddingStates.has(state);
}

/** Codes of equal length follow each other in the order of their symbols, and the shorter ones come first. */
function canonicalCodes(): readonly number[] {
  const made: number[] = [];
  let code = 0;
  for (let length = 1; length <= bitsMax; length++) {
    for (const [symbol, bits] of codeLengths.entries()) if (bits === length) made[symbol] = code++;
    code *= 2;
  }
  return made;
}

/** The tree of all codes as a table: the row of a state has a step for each of the sixteen values of four bits. */
function decodingMachine(): Int32Array {
  // Inner nodes are states; a leaf is -1 - symbol; no child yet is 0, which is the root and nobody's child.
  const children: [number, number][] = [[0, 0]];
  for (const [symbol, code] of codes.entries()) addCode(children, symbol, code);
  const failed = children.length;
  const table = new Int32Array((failed + 1) * 16);
  for (let state = 0; state < failed; state++)
    for (let nibble = 0; nibble < 16; nibble++) table[state * 16 + nibble] = stepOf(children, state, nibble);
  table.fill(failed << stateShift, failed * 16);
  let state = 0;
  for (let ones = 1; ones <= 7; ones++) {
    state = (children[state] as [number, number])[1];
    paddingStates.add(state);
  }
  return table;
}

function addCode(children: [number, number][], symbol: number, code: number): void {
  const bits = codeLengths[symbol] as number;
  let state = 0;
  for (let left = bits - 1; left >= 0; left--) {
    const node = children[state] as [number, number];
    const side = (code >>> left) & 1;
    if (left === 0) node[side] = -1 - symbol;
    else if (node[side] === 0) node[side] = children.push([0, 0]) - 1;
    state = node[side] as number;
  }
}

function stepOf(children: readonly [number, number][], from: number, nibble: number): number {
  let state = from;
  let out = 0;
  for (let left = 3; left >= 0; left--) {
    const next = (children[state] as [number, number])[(nibble >>> left) & 1] as number;
    state = Math.max(next, 0);
    if (next >= 0) continue;
    const symbol = -1 - next;
    if (symbol === endOfString) return children.length << stateShift;
    out = emits | symbol;
  }
  return (state << stateShift) | out;
}
