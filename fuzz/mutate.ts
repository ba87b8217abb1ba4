import type { Random } from './random.ts';

/** No input grows beyond this: a little more than the largest limit of a connection. */
const inputBytesMax: number = 70 * 1024;

/** What mutations draw from. */
export interface Material {
  /** Inputs that pieces are taken from. */
  readonly pool: readonly Buffer[];
  /** Words that mean something to the parser under test. */
  readonly words: readonly string[];
}

/** An input that differs from the given one in one to five places. */
export function mutate(input: Buffer, material: Material, random: Random): Buffer {
  let bytes = input;
  for (let count = random.around(1, 5); count > 0; count--) {
    bytes = random.pick(mutations)(bytes, material, random);
  }
  return bytes.length > inputBytesMax ? bytes.subarray(0, inputBytesMax) : bytes;
}

type Mutation = (bytes: Buffer, material: Material, random: Random) => Buffer;

/** Those that stand twice are the ones that find most. */
const mutations: readonly Mutation[] = [
  flipBit,
  putOctet,
  insertOctet,
  dropSlice,
  repeatSlice,
  moveSlice,
  splice,
  splice,
  insertWord,
  insertWord,
  replaceByWord,
  replaceByWord,
  changeNumber,
  cutOff,
  stretch,
];

function flipBit(bytes: Buffer, _: Material, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  const at = random.below(bytes.length);
  if (bytes.length > 0) changed[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return changed;
}

function putOctet(bytes: Buffer, _: Material, random: Random): Buffer {
  const at = random.below(bytes.length);
  return spliced(bytes, at, Math.min(at + 1, bytes.length), octet(random));
}

function insertOctet(bytes: Buffer, _: Material, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  return spliced(bytes, at, at, octet(random));
}

function dropSlice(bytes: Buffer, _: Material, random: Random): Buffer {
  const [from, to] = slice(bytes, random);
  return spliced(bytes, from, to, nothing);
}

function repeatSlice(bytes: Buffer, _: Material, random: Random): Buffer {
  const [from, to] = slice(bytes, random);
  return spliced(bytes, to, to, bytes.subarray(from, to));
}

function moveSlice(bytes: Buffer, _: Material, random: Random): Buffer {
  const [from, to] = slice(bytes, random);
  const rest = spliced(bytes, from, to, nothing);
  const at = random.below(rest.length + 1);
  return spliced(rest, at, at, bytes.subarray(from, to));
}

/** Puts a piece of another input over a piece of this one, or goes on with the other one. */
function splice(bytes: Buffer, { pool }: Material, random: Random): Buffer {
  const other = random.pick(pool);
  const [from, to] = slice(bytes, random);
  const [otherFrom, otherTo] = slice(other, random);
  return random.chance(0.3)
    ? Buffer.concat([bytes.subarray(0, from), other.subarray(otherFrom)])
    : spliced(bytes, from, to, other.subarray(otherFrom, otherTo));
}

function insertWord(bytes: Buffer, { words }: Material, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  return spliced(bytes, at, at, Buffer.from(random.pick(words), 'latin1'));
}

function replaceByWord(bytes: Buffer, { words }: Material, random: Random): Buffer {
  const [from, to] = slice(bytes, random);
  return spliced(bytes, from, to, Buffer.from(random.pick(words), 'latin1'));
}

/** Puts a number at which something overflows in the place of one that stands there. */
function changeNumber(bytes: Buffer, _: Material, random: Random): Buffer {
  const places = [...bytes.toString('latin1').matchAll(/[0-9]+/g)];
  if (places.length === 0) return bytes;
  const { index, 0: digits } = random.pick(places);
  return spliced(bytes, index, index + digits.length, Buffer.from(random.pick(numbers)));
}

function cutOff(bytes: Buffer, _: Material, random: Random): Buffer {
  return bytes.subarray(0, random.below(bytes.length + 1));
}

/** Repeats a slice until it is long: what is not linear shows, and what has a limit meets it. */
function stretch(bytes: Buffer, _: Material, random: Random): Buffer {
  // Long inputs cost as much as many short ones.
  if (!random.chance(0.05)) return repeatSlice(bytes, _, random);
  const [from, to] = slice(bytes, random);
  const unit = bytes.subarray(from, to);
  const times = Math.min(Math.ceil(random.pick(lengths) / Math.max(unit.length, 1)), inputBytesMax);
  return spliced(bytes, from, to, Buffer.concat(Array.from({ length: times }, () => unit)));
}

function spliced(bytes: Buffer, from: number, to: number, put: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(to)]);
}

/** A place and one behind it; most slices are short. */
function slice(bytes: Buffer, random: Random): readonly [from: number, to: number] {
  const from = random.below(bytes.length + 1);
  return [from, Math.min(bytes.length, from + random.around(1, 40))];
}

function octet(random: Random): Uint8Array {
  return Uint8Array.of(random.chance(0.5) ? random.below(256) : random.pick(tellingOctets));
}

const nothing = new Uint8Array(0);
const tellingOctets = [...Buffer.from('\r\n\0\t ,;:="/\\%.*-+?#@[]~\x7f\x80\xa0\xff0', 'latin1')];
const lengths = [128, 1024, 4096, 8 * 1024, 16 * 1024, 17 * 1024, 64 * 1024];
const numbers = [
  ...['0', '00', '1', '9', '10', '16', '50', '51', '99', '100', '101', '127', '128', '255', '256', '1024'],
  ...['8192', '16384', '65535', '65536', '65537', '2147483647', '2147483648', '4294967295', '4294967296'],
  ...['9007199254740991', '9007199254740992', '9223372036854775807', '9223372036854775808'],
  ...[
    '18446744073709551615',
    '18446744073709551616',
    '99999999999999999999999999',
    '-1',
    '+1',
    '0x10',
    '1e3',
  ],
];
