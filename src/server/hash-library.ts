/** The functions of the library that the thread for passwords loads. */
export { argon2Verify, bcryptVerify } from 'hash-wasm';

/**
 * Where a thread loads them from: in the package from the file that this one is bundled into. Threads of Node 20 load
 * no TypeScript, so from the sources it is the library itself.
 */
export const libraryUrl: string = import.meta.url.endsWith('.ts')
  ? import.meta.resolve('hash-wasm')
  : import.meta.url;
