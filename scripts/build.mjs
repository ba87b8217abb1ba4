// Makes dist/: the type declarations of src/ by the compiler, its code bundled into a few files by esbuild, because
// loading seventy modules one by one costs a start more than everything else; and the schema of the configuration.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { bundle } from './bundle.mjs';

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

for (const bundled of await bundle(dist)) {
  // Their licences ask that their text goes where the code goes.
  const folder = join(root, bundled);
  const licence = readdirSync(folder).find(file => /^licen[cs]e/i.test(file));
  if (licence === undefined) throw new Error(`${bundled} is bundled and has no licence beside it`);
  const name = bundled.replace(/^.*node_modules\//, '').replace('/', '-');
  copyFileSync(join(folder, licence), join(dist, `${name}.LICENSE`));
}
chmodSync(join(dist, 'cli.js'), 0o755);

const { configSchema } = await sourceModule('src/config/schema.ts');
const [library, limits, rules] = ['options.ts', 'http/limits.ts', 'config/site-rules.ts'].map(name =>
  readFileSync(join(root, 'src', name), 'utf8'),
);
writeFileSync(
  join(dist, 'config.schema.json'),
  `${JSON.stringify(configSchema({ library, limits, rules }), null, 2)}\n`,
);

const { manPage } = await sourceModule('src/cli/man.ts');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
writeFileSync(join(dist, 'plinth.1'), manPage(version));

/** What a module of src/ exports. */
async function sourceModule(path) {
  const { outputFiles } = await build({
    entryPoints: [join(root, path)],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
