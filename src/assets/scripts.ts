import type { BuildOptions } from 'esbuild';

/** A script of our pages: its name, which holds a hash of its content, and its text. */
export interface Script {
  readonly name: string;
  readonly text: string;
}

/** The scripts as JSON, in the package: its build has put them here in place of this name. */
declare const PAGE_SCRIPTS: string | undefined;

/** The scripts that run in the browser; `listing-….js` is where they begin. From the sources they are made anew. */
export async function pageScripts(): Promise<readonly Script[]> {
  if (typeof PAGE_SCRIPTS !== 'undefined') return JSON.parse(PAGE_SCRIPTS);
  else {
    const { build, stop } = await import('esbuild');
    try {
      return scriptsOf((await build(scriptsBuild(`${import.meta.dirname}/../..`))).outputFiles);
    } finally {
      // Its process is wanted no more.
      await stop();
    }
  }
}

/** How the scripts are made from their sources, by esbuild, where `root` is the project's folder. */
export function scriptsBuild(root: string): BuildOptions & { readonly write: false } {
  return {
    absWorkingDir: root,
    entryPoints: ['src/page/client/listing.ts'],
    outdir: 'page',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'silent',
  };
}

/** What was made so, as it is sent. */
export function scriptsOf(
  files: readonly { readonly path: string; readonly text: string }[],
): readonly Script[] {
  return files.map(({ path, text }) => ({ name: path.replace(/^.*[\\/]/, ''), text }));
}
