// Makes dist/: the type declarations of src/ by the compiler, its code bundled into a few files by esbuild, because
// loading seventy modules one by one costs a start more than everything else. Nothing is minified: it stays readable.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const dist = join(root, 'dist');

// Old output is removed first, so that nothing deleted lives on in the package.
rmSync(dist, { recursive: true, force: true });
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

await build({
  entryPoints: [join(root, 'src', 'cli.ts'), join(root, 'src', 'index.ts')],
  outdir: dist,
  chunkNames: 'parts/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Its other form cannot be taken apart: all of its functions would come along for two.
  alias: { 'hash-wasm': 'hash-wasm/dist/index.esm.js' },
  logLevel: 'warning',
  plugins: [{ name: 'lean-mime-db', setup: leanMimeDb }],
});
chmodSync(join(dist, 'cli.js'), 0o755);
for (const name of ['mime-db', 'lru-cache', 'hash-wasm', 'htmlparser2', 'entities']) {
  // Their licences ask that their text goes where the code goes.
  const folder = join(root, 'node_modules', name);
  copyFileSync(join(folder, 'LICENSE'), join(dist, `${name}.LICENSE`));
}

writeFileSync(join(dist, 'plinth.1'), await manPage());

/** The man page, made by the sources themselves from the table of options. */
async function manPage() {
  const bundled = await build({
    entryPoints: [join(root, 'src', 'cli', 'man.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    plugins: [{ name: 'lean-mime-db', setup: leanMimeDb }],
  });
  const [{ contents }] = bundled.outputFiles;
  const made = await import(`data:text/javascript;base64,${Buffer.from(contents).toString('base64')}`);
  return made.manPage(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
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
