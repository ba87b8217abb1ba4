import { nameOf } from './candidates.ts';

/**
 * Whether a path is that of a file which a build tool has named after its content, so that another content would have
 * another name: below a folder of builds, of a type that such tools make, and with a hash in its name. A year in the
 * caches of clients is a long time, so a name is believed only where a digit is followed by a letter, which years,
 * versions and words are not.
 */
export function isFingerprinted(segments: readonly string[]): boolean {
  if (segments.length < 2) return false;
  const hash = hashedName.exec(nameOf(segments))?.groups?.hash ?? '';
  return /\d[A-Za-z]/.test(hash) && segments.slice(0, -1).some(folder => buildFolders.has(folder));
}

/** Where Vite, webpack, Rollup, Parcel, esbuild, Next, Nuxt, Astro and SvelteKit put what they make. */
const buildFolders: ReadonlySet<string> = new Set([
  'assets',
  'static',
  'build',
  'dist',
  'chunks',
  '_next',
  '_nuxt',
  '_astro',
  '_app',
]);

/** A hash of 8 characters, or a longer one in hexadecimal, between a divider and the extension. */
const hashedName =
  /[-.](?<hash>[\w-]{8}|[\da-f]{10}|[\da-f]{12}|[\da-f]{16}|[\da-f]{20}|[\da-f]{32}|[\da-f]{40}|[\da-f]{64})\.(?:m?js|css|wasm|json|woff2?|ttf|otf|svg|png|jpe?g|gif|webp|avif|ico|mp4|webm|mp3)(?:\.map)?$/;
