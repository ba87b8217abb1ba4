// Runs the tests from TypeScript: `npm run suite -- [--coverage] [path …]`. A path is a test file or a folder of them.
// In CI a skipped test is a failure: that machine can run everything. A test to be mended some day is one everywhere.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const wanted = process.argv.slice(2);
const withCoverage = wanted.includes('--coverage');
const paths = wanted.filter(word => word !== '--coverage');
const files = (paths.length === 0 ? ['test'] : paths).flatMap(testsIn).sort();
const scratch = mkdtempSync(join(tmpdir(), 'plinth-suite-'));

// What is measured is the meaning: rooms that are pure and have no excuse. Each of them holds for itself.
const rooms = ['http', 'h1', 'h2', 'site', 'page'];
const branchesMin = 98;
const coverage = [
  createRequire(import.meta.url).resolve('c8/bin/c8.js'),
  ...rooms.flatMap(room => ['--include', `src/${room}/**`]),
  // What runs in the browser is proved in one.
  ...['--exclude', 'src/page/client/**'],
  // Types only: there is nothing to run.
  ...['--exclude', 'src/site/trace.ts'],
  ...['--all', '--temp-directory', join(scratch, 'coverage')],
  ...['--reporter', 'text', '--reporter', 'json-summary', '--reports-dir', scratch],
];
const report = join(scratch, 'report.tap');
// Guards against a file of tests that never ends, never measures: Node 26 does not apply its own to files.
const fileTimeoutMs = 300_000;
const suiteTimeoutMs = 1_200_000;
const runner = [
  ...['--import', 'tsx', '--test', '--test-concurrency=2', `--test-timeout=${fileTimeoutMs}`],
  ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
  ...['--test-reporter=tap', `--test-reporter-destination=${report}`],
  ...files,
];

const args = withCoverage ? [...coverage, process.execPath, ...runner] : runner;
const { status } = spawnSync(process.execPath, args, {
  cwd: root,
  stdio: 'inherit',
  timeout: suiteTimeoutMs,
});
const counts = readFileSync(report, 'utf8');
const [skipped, todo] = ['skipped', 'todo'].map(
  kind => new RegExp(`^# ${kind} (\\d+)$`, 'm').exec(counts)?.[1] ?? 'unknown',
);
const uncovered = withCoverage ? rooms.filter(room => branchesOf(room) < branchesMin) : [];
rmSync(scratch, { recursive: true, force: true });

for (const room of uncovered)
  console.error(`suite: fewer than ${branchesMin} % of the branches of src/${room} are covered`);
if (process.env.CI && skipped !== '0') {
  console.error(`suite: ${skipped} tests were skipped, and in CI none may be`);
  process.exit(1);
}
if (todo !== '0') {
  console.error(`suite: ${todo} tests are marked to be mended; one that fails would not show`);
  process.exit(1);
}
process.exit(uncovered.length > 0 ? 1 : (status ?? 1));

function branchesOf(room) {
  const files = JSON.parse(readFileSync(join(scratch, 'coverage-summary.json'), 'utf8'));
  const branches = Object.entries(files)
    .filter(([path]) => path.startsWith(join(root, 'src', room, '/')))
    .map(([, file]) => file.branches);
  const sum = name => branches.reduce((total, figures) => total + figures[name], 0);
  return (100 * sum('covered')) / sum('total');
}

function testsIn(path) {
  if (statSync(join(root, path)).isFile()) return [path];
  return readdirSync(join(root, path), { recursive: true })
    .filter(name => name.endsWith('.test.ts'))
    .map(name => join(path, name));
}
