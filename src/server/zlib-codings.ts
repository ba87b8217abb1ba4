import type { Transform } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
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
 * Codes octets fast and hands over what is there as soon as it is there. Brotli, which would keep all of it to the end,
 * lets go of it after each slice.
 */
export async function codeGradually(
  bytes: Uint8Array,
  coding: ContentCoding,
  take: (made: Buffer) => void,
): Promise<void> {
  const { options, flags } = known(coding);
  const coder = opened(coding, { ...options('fast', bytes.length), chunkSize: gradualPieceBytes });
  coder.on('data', take);
  let size = firstSliceBytes;
  for (let at = 0; at < bytes.length; at += size, size = nextSliceBytes) {
    coder.write(bytes.subarray(at, at + size));
    if (flags.flush !== flags.take) coder.flush(flags.flush);
  }
  coder.end();
  await finished(coder);
}

/** Codes octets fast while they come; what each chunk brings leaves with it. Ends as its source does. */
export function codeChunks(
  chunks: AsyncIterable<Uint8Array>,
  coding: ContentCoding,
): AsyncIterable<Uint8Array> {
  const { options, flags } = known(coding);
  const coder = opened(coding, { ...options('fast', 0), flush: flags.letOut });
  // How its source ends, well or badly, is how the coder ends; whoever reads it hears of that.
  pipeline(chunks, coder).catch(() => {});
  return coder;
}

/** A stream of `node:zlib`. */
interface Flushable extends Transform {
  flush(kind: number): void;
}

function opened(coding: ContentCoding, options: object): Flushable {
  const { open } = known(coding);
  const openers = zlib as unknown as Record<string, (options: object) => Flushable>;
  const coder = openers[open]?.(options);
  if (coder === undefined) throw new Error(`no coding ${open}`);
  return coder;
}

const gradualPieceBytes = 64 * 1024;
const firstSliceBytes = 64 * 1024;
const nextSliceBytes = 512 * 1024;

/** A coding at the best effort as plain data, for who codes piece by piece in a thread of his own. */
export interface CodingPlan {
  /** The function of `node:zlib` that opens the coding, and its options. */
  readonly open: 'createBrotliCompress' | 'createGzip' | 'createZstdCompress';
  readonly options: zlib.BrotliOptions & zlib.ZlibOptions;
  /** What `node:zlib` is told with each piece: take it, take it and let all octets out, take it as the last. */
  readonly flags: { readonly take: number; readonly flush: number; readonly finish: number };
}

/** How so many octets are coded at the best effort. */
export function bestPlan(coding: ContentCoding, size: number): CodingPlan {
  const { open, options, flags } = known(coding);
  return { open, options: options('best', size), flags };
}

/** Which coder makes a coding, in letters, digits and `._-`: another one may make other octets of the same content. */
export function codecVersion(coding: ContentCoding): string {
  const library = { br: 'brotli', zstd: 'zstd', gzip: 'zlib' }[coding];
  const { params, level } = known(coding).options('best', 0);
  const recipe = JSON.stringify([params, level]).replace(/[^\w]+/g, '_');
  return `${process.versions[library] ?? 'unknown'}${recipe}`.replace(/[^\w.-]/g, '_').slice(0, 64);
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
  readonly open: CodingPlan['open'];
  /** `letOut` has all octets of a piece leave, whatever its size. */
  readonly flags: CodingPlan['flags'] & { readonly letOut: number };
  readonly options: (effort: Effort, size: number) => zlib.BrotliOptions & zlib.ZlibOptions;
}

/** Node has zstd since 22.15; an older one leaves it out, and the types that we build with as well. */
interface ZstdOfZlib {
  readonly zstdCompress?: Turn;
  readonly zstdDecompress?: Turn;
  readonly constants: { readonly ZSTD_c_compressionLevel?: number };
}

function codecOf(coding: ContentCoding): Codec | undefined {
  switch (coding) {
    case 'br':
      return {
        make: zlib.brotliCompress,
        undo: zlib.brotliDecompress,
        open: 'createBrotliCompress',
        flags: {
          take: zlib.constants.BROTLI_OPERATION_PROCESS,
          flush: zlib.constants.BROTLI_OPERATION_FLUSH,
          letOut: zlib.constants.BROTLI_OPERATION_FLUSH,
          finish: zlib.constants.BROTLI_OPERATION_FINISH,
        },
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
        open: 'createGzip',
        flags: {
          take: zlib.constants.Z_NO_FLUSH,
          flush: zlib.constants.Z_NO_FLUSH,
          letOut: zlib.constants.Z_SYNC_FLUSH,
          finish: zlib.constants.Z_FINISH,
        },
        options: effort => ({ level: effort === 'fast' ? 4 : 9 }),
      };
    default:
      return coding satisfies never;
  }
}

function zstdCodec({ zstdCompress, zstdDecompress, constants }: ZstdOfZlib): Codec | undefined {
  const { ZSTD_c_compressionLevel: level } = constants;
  if (!zstdCompress || !zstdDecompress || level === undefined) return undefined;
  return {
    make: zstdCompress,
    undo: zstdDecompress,
    open: 'createZstdCompress',
    // ZSTD_e_continue, ZSTD_e_flush and ZSTD_e_end of its zstd.h; the blocks are small enough that nothing need be let out early.
    flags: { take: 0, flush: 0, letOut: 1, finish: 2 },
    options: effort => ({ params: { [level]: effort === 'fast' ? 3 : 19 } }),
  };
}

function known(coding: ContentCoding): Codec {
  const codec = codecOf(coding);
  if (codec === undefined) throw new Error(`this Node does not know ${coding}`);
  return codec;
}
