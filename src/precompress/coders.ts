/**
 * precompress/: stores the files of a folder in content codings beside their names, for the server to find. This room
 * knows folders, files and zlib, and nothing of requests or terminals. Here is how octets are coded; read `ledger.ts`
 * for how it knows what it made, then `survey.ts`, `make.ts` and `precompress.ts`.
 */
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { type ContentCoding, contentCodings } from '../http/coding.ts';

/** The content codings that the running Node can make. It has zstd since 22.15. */
export const makeableCodings: readonly ContentCoding[] = contentCodings.filter(
  coding => coding !== 'zstd' || (zlib as ZstdOfZlib).createZstdCompress !== undefined,
);

/**
 * CPU time by coding, in proportions: on one text of 7 MB br took 8.4 s, zstd 2.2 s and gzip 0.3 s. What is left of a
 * run is told from it.
 */
export const costs: Readonly<Record<ContentCoding, number>> = { br: 26, zstd: 7, gzip: 1 };

/**
 * A stream that codes as well as the coding can, in bounded memory: its window is that of the file, up to 4 MiB for
 * br (RFC 7932 would allow 16; that saved 0.2 % of a 7 MB text) and 8 MiB for zstd (RFC 9659 §3 allows no more).
 */
export function openCoder(coding: ContentCoding, size: number): Transform {
  switch (coding) {
    case 'br':
      return zlib.createBrotliCompress({
        params: {
          [zlib.constants.BROTLI_PARAM_QUALITY]: zlib.constants.BROTLI_MAX_QUALITY,
          [zlib.constants.BROTLI_PARAM_LGWIN]: windowBits(size, 22),
          [zlib.constants.BROTLI_PARAM_SIZE_HINT]: Math.min(size, sizeHintMax),
        },
      });
    case 'zstd':
      return openZstd(zlib as ZstdOfZlib, size);
    case 'gzip':
      return zlib.createGzip({ level: zlib.constants.Z_BEST_COMPRESSION, memLevel: 9 });
    default:
      return coding satisfies never;
  }
}

/** The types that we build with are older than zstd in Node. */
interface ZstdOfZlib {
  readonly createZstdCompress?: (options: {
    readonly params: Readonly<Record<number, number>>;
    readonly pledgedSrcSize: number;
  }) => Transform;
  readonly constants: { readonly ZSTD_c_compressionLevel?: number; readonly ZSTD_c_windowLog?: number };
}

/** Level 19: the higher ones want windows that no browser takes, or several times the memory. */
function openZstd({ createZstdCompress, constants }: ZstdOfZlib, size: number): Transform {
  const { ZSTD_c_compressionLevel: level, ZSTD_c_windowLog: window } = constants;
  if (createZstdCompress === undefined || level === undefined || window === undefined) {
    throw new Error('this Node does not know zstd');
  }
  return createZstdCompress({
    params: { [level]: 19, [window]: windowBits(size, 23) },
    pledgedSrcSize: size,
  });
}

/** A hint is a 32-bit number, and what is beyond it is large anyway. */
const sizeHintMax = 2 ** 30;
/** The least that both codings take. */
const windowBitsMin = 10;
/** Octets of its window that Brotli does not use. */
const windowGapBytes = 16;

function windowBits(size: number, most: number): number {
  return Math.min(most, Math.max(windowBitsMin, Math.ceil(Math.log2(size + windowGapBytes))));
}
