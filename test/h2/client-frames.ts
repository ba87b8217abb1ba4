// What a client sends, from the lines of a fixture; fixtures/README.md tells how they are written.
import { literalLine } from '../../src/h2/literal.ts';
import { clientPreface, frame } from './frames.ts';

/** The octets of all lines, with this scheme for whole requests. */
export function clientOctets(lines: readonly string[], scheme: 'http' | 'https' = 'http'): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < lines.length; at++) {
    const fields: string[] = [];
    const line = lines[at] ?? '';
    while (lines[at + 1]?.startsWith('  ')) fields.push(lines[++at]?.slice(2) ?? '');
    const [, count = '1', what = ''] = /^(?:(\d+) × )?(.*)$/.exec(line) ?? [];
    for (let n = 0; n < Number(count); n++) {
      const once = what.replace(/\{(\d+)\}/g, (_, first: string) => String(Number(first) + 2 * n));
      for (const part of once.split(' ; ')) pieces.push(octetsOf(part, fields, scheme));
    }
  }
  return Buffer.concat(pieces);
}

/** The block of some field lines, none of which goes into a table. */
function fieldBlock(fields: readonly string[]): Buffer {
  return Buffer.concat(
    fields.map(field => {
      const colon = field.endsWith(':') ? field.length - 1 : field.indexOf(': ', 1);
      const value = field
        .slice(colon + 2)
        .replace(/\\x(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
      return literalLine(field.slice(0, colon), value, 'none');
    }),
  );
}

function octetsOf(line: string, fields: readonly string[], scheme: string): Buffer {
  const [word = '', ...rest] = line.split(' ');
  const [first = '', second = ''] = rest;
  const stream = Number(first);
  const control = [`:scheme: ${scheme}`, ':authority: a', `:path: ${second}`];
  switch (word) {
    case 'preface':
      return clientPreface;
    case 'hello':
      return Buffer.concat([clientPreface, settings([]), frame(4, 1, 0)]);
    case 'SETTINGS':
      return settings(rest);
    case 'GET':
      return headers(5, stream, [`:method: GET`, ...control, ...fields]);
    case 'HEAD':
      return headers(5, stream, [`:method: HEAD`, ...control, ...fields]);
    case 'POST':
      return headers(4, stream, [`:method: POST`, ...control, ...fields]);
    case 'HEADERS':
      return headers(flagsOf(rest), stream, fields);
    case 'DATA':
      return frame(0, flagsOf(rest), stream, Buffer.alloc(Number(second), 0x61));
    case 'RST_STREAM':
      return frame(3, 0, stream, word32(Number(second)));
    case 'WINDOW_UPDATE':
      return frame(8, 0, stream, word32(Number(second)));
    case 'PING':
      return frame(6, 0, 0, Buffer.from(first, 'hex'));
    case 'PRIORITY_UPDATE':
      return frame(
        0x10,
        0,
        0,
        Buffer.concat([word32(stream), Buffer.from(rest.slice(1).join(' '), 'latin1')]),
      );
    case 'frame':
      return frame(
        Number(first),
        Number(second),
        Number(rest[2]),
        Buffer.from(rest.slice(3).join(''), 'hex'),
      );
    case 'octets':
      return Buffer.from(rest.join(''), 'hex');
    default:
      throw new Error(`not a line of a client: ${line}`);
  }
}

/** A field block in as many frames as it needs. */
function headers(flags: number, stream: number, fields: readonly string[]): Buffer {
  const block = fieldBlock(fields);
  if (block.length <= 16_384) return frame(1, flags, stream, block);
  const frames = [frame(1, flags & ~4, stream, block.subarray(0, 16_384))];
  for (let at = 16_384; at < block.length; at += 16_384) {
    const piece = block.subarray(at, at + 16_384);
    frames.push(frame(9, at + piece.length === block.length ? flags & 4 : 0, stream, piece));
  }
  return Buffer.concat(frames);
}

function settings(pairs: readonly string[]): Buffer {
  const octets = pairs.map(pair => {
    const [identifier, value] = pair.split('=').map(Number);
    const setting = Buffer.alloc(6);
    setting.writeUInt16BE(identifier ?? 0);
    setting.writeUInt32BE(value ?? 0, 2);
    return setting;
  });
  return frame(4, 0, 0, Buffer.concat(octets));
}

function flagsOf(words: readonly string[]): number {
  return (words.includes('END_STREAM') ? 1 : 0) | (words.includes('END_HEADERS') ? 4 : 0);
}

function word32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value >>> 0);
  return octets;
}
