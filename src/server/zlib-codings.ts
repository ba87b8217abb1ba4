import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { type ContentCoding, contentCodings } from '../http/coding.ts';

/** How much time is spent on few octets: as little as a waiting client likes, or all that helps. */
export type Effort = 'fast' | 'best';

/** The content codings that the running Node can make and undo, the preferred one first. */
export const knownCodings: readonly ContentCoding[] = contentCodings.filter(
  coding => codecOf(coding) !== undefined,
);

/** Codes octets as a whole, in a thread of zlib. */
export function code(bytes: Uint8Array, coding: ContentCoding, effort: Effort): Promise<Buffer> {
  const { make, options } = known(coding);
  return new Promise((resolve, reject) => {
    make(bytes, options(effort, bytes.length), (error, made) => {
      if (error === null) resolve(made);
      else reject(error);
    });
  });
}

/**
 * The same at the best effort and piece by piece, so that it can be given up between two pieces: a megabyte may take
 * seconds, and a process that ends waits for the threads of zlib. Undefined when it was given up.
 */
export async function codeBest(
  bytes: Uint8Array,
  coding: ContentCoding,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const { open, options } = known(coding);
  const made: Buffer[] = [];
  const collect = async (chunks: AsyncIterable<unknown>): Promise<void> => {
    for await (const chunk of chunks) made.push(chunk as Buffer);
  };
  try {
    await pipeline(Readable.from(slices(bytes)), open(options('best', bytes.length)), collect, { signal });
    return Buffer.concat(made);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** Undoes a coding; no more than `bytesMax` octets come out. 'corrupt': they are not in that coding. */
export function undo(
  bytes: Uint8Array,
  coding: ContentCoding,
  bytesMax: number,
): Promise<Buffer | 'too large' | 'corrupt'> {
  return new Promise(resolve => {
    known(coding).undo(bytes, { maxOutputLength: bytesMax }, (error, undone) => {
      if (error === null) resolve(undone);
      else resolve(error.code === 'ERR_BUFFER_TOO_LARGE' ? 'too large' : 'corrupt');
    });
  });
}

type Turn = (
  bytes: Uint8Array,
  options: zlib.BrotliOptions & zlib.ZlibOptions,
  done: (error: NodeJS.ErrnoException | null, result: Buffer) => void,
) => void;

interface Codec {
  readonly make: Turn;
  readonly undo: Turn;
  readonly open: (options: zlib.BrotliOptions & zlib.ZlibOptions) => Transform;
  readonly options: (effort: Effort, size: number) => zlib.BrotliOptions & zlib.ZlibOptions;
}

/** Node has zstd since 22.15; an older one leaves it out, and the types that we build with as well. */
interface ZstdOfZlib {
  readonly zstdCompress?: Turn;
  readonly zstdDecompress?: Turn;
  readonly createZstdCompress?: Codec['open'];
  readonly constants: { readonly ZSTD_c_compressionLevel?: number };
}

function codecOf(coding: ContentCoding): Codec | undefined {
  switch (coding) {
    case 'br':
      return {
        make: zlib.brotliCompress,
        undo: zlib.brotliDecompress,
        open: zlib.createBrotliCompress,
        options: (effort, size) => ({
          params: {
            [zlib.constants.BROTLI_PARAM_QUALITY]: effort === 'fast' ? 4 : 11,
            [zlib.constants.BROTLI_PARAM_SIZE_HINT]: size,
          },
        }),
      };
    case 'zstd':
      return zstdCodec(zlib as ZstdOfZlib);
    case 'gzip':
      return {
        make: zlib.gzip,
        undo: zlib.gunzip,
        open: zlib.createGzip,
        options: effort => ({ level: effort === 'fast' ? 4 : 9 }),
      };
    default:
      return coding satisfies never;
  }
}

function zstdCodec({
  zstdCompress,
  zstdDecompress,
  createZstdCompress,
  constants,
}: ZstdOfZlib): Codec | undefined {
  const { ZSTD_c_compressionLevel: level } = constants;
  if (!zstdCompress || !zstdDecompress || !createZstdCompress || level === undefined) return undefined;
  return {
    make: zstdCompress,
    undo: zstdDecompress,
    open: createZstdCompress,
    options: effort => ({ params: { [level]: effort === 'fast' ? 3 : 19 } }),
  };
}

function known(coding: ContentCoding): Codec {
  const codec = codecOf(coding);
  if (codec === undefined) throw new Error(`this Node does not know ${coding}`);
  return codec;
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sliceBytes) yield bytes.subarray(at, at + sliceBytes);
}

const sliceBytes = 64 * 1024;
