// Bundles the code of src/ into a few files: `node scripts/bundle.mjs <folder>`. The build and the tests of the command
// both use it, so that what is tested is what is shipped. What is ours is not minified: it stays readable.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { tsImport } from 'tsx/esm/api';

const root = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

const shared = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Where a package has modules of both kinds, the old kind may be such that no bundler sees through it.
  mainFields: ['module', 'main'],
  // Its other form cannot be taken apart: all of its functions would come along for two.
  alias: { 'hash-wasm': 'hash-wasm/dist/index.esm.js' },
  logLevel: 'warning',
};

/** Writes the command, the library and their parts into a folder. Answers the folders of the packages that are in them. */
export async function bundle(dist) {
  // The scripts of our own pages are made now: the package holds their texts, in a part that the first page loads.
  const { scriptsBuild, scriptsOf } = await tsImport('../src/assets/scripts.ts', import.meta.url);
  const pages = await build({ ...scriptsBuild(root), metafile: true });
  const whole = {
    ...shared,
    absWorkingDir: root,
    define: { PAGE_SCRIPTS: JSON.stringify(JSON.stringify(scriptsOf(pages.outputFiles))) },
    entryPoints: ['src/cli.ts', 'src/index.ts'],
    outdir: dist,
    chunkNames: 'parts/[name]-[hash]',
    splitting: true,
  };
  const plugins = [
    { name: 'lean-mime-db', setup: leanMimeDb },
    { name: 'jiti-apart', setup: jitiApart },
  ];
  const { metafile } = await build({ ...whole, plugins, metafile: true, write: false });
  const setup = startTogether(metafile.inputs);
  const started = await build({
    ...whole,
    plugins: [...plugins, { name: 'start-together', setup }],
    metafile: true,
  });
  const jiti = await build({
    ...shared,
    absWorkingDir: root,
    metafile: true,
    stdin: { contents: "export { createJiti } from 'jiti/static';", resolveDir: root },
    outfile: join(dist, 'parts', 'jiti.js'),
    minify: true, // as it comes
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  });
  return packagesIn([pages, started, jiti].flatMap(({ metafile }) => Object.values(metafile.outputs)));
}

/** `node_modules/a` and its like, of which octets are left in what was made. */
function packagesIn(outputs) {
  const files = outputs.flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;
  return [...new Set(files.flatMap(path => folder.exec(path)?.[0] ?? []))].sort();
}

/**
 * What a start needs comes in few files. The bundler keeps modules together that the same entries and late modules
 * (those behind `import()`) reach; so every late module is made to reach what a start has loaded before it anyway.
 */
function startTogether(inputs) {
  const imports = Object.values(inputs).flatMap(input => input.imports);
  const late = new Set(
    imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => join(root, path)),
  );
  const start = join(root, 'src', 'index.ts');
  late.delete(start);
  return ({ onLoad }) => {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      if (!late.has(path)) return undefined;
      return { contents: `${readFileSync(path, 'utf8')}\nimport ${JSON.stringify(start)};`, loader: 'ts' };
    });
  };
}

/** Of mime-db, three types in four have no extension, and a server has no use for them. */
function leanMimeDb({ onLoad }) {
  onLoad({ filter: /mime-db[\\/]index\.js$/ }, () => {
    const used = Object.entries(require('mime-db')).flatMap(([type, { source, extensions, compressible }]) =>
      extensions === undefined ? [] : [[type, { source, extensions, compressible }]],
    );
    const text = JSON.stringify(JSON.stringify(Object.fromEntries(used)));
    return { contents: `export default JSON.parse(${text});`, loader: 'js' };
  });
}

/** jiti is CommonJS that requires Node's modules, which only a file with a `require` of its own can do. */
function jitiApart({ onResolve }) {
  onResolve({ filter: /^jiti\/static$/ }, () => ({ path: './jiti.js', external: true }));
}

if (resolve(process.argv[1] ?? '') === import.meta.filename) await bundle(resolve(process.argv[2] ?? 'dist'));
