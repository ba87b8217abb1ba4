import { spawn } from 'node:child_process';
import { availableParallelism, constants } from 'node:os';
import type { Outcome } from '../precompress/precompress.ts';
import { commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { judgeRoot } from './root.ts';
import { printable, styleFor } from './style.ts';
import { quoted, readWords } from './words.ts';

/** `plinth precompress <folder>`: stores files in content codings beside their names. Answers the exit code. */
export async function precompressCommand(argv: readonly string[]): Promise<number> {
  const words = readWords(argv, commands.precompress.flags);
  if (words.kind === 'help') {
    process.stdout.write(helpText);
    return exitCodes.stopped;
  }
  const judged = words.kind === 'fault' ? words : judge(words.places);
  if (words.kind === 'fault' || judged.kind === 'fault') {
    process.stderr.write(`plinth precompress: ${'message' in judged ? judged.message : ''}\n`);
    return exitCodes.usage;
  }
  const threads = availableParallelism();
  const poolSize = threads + threadsForFiles;
  const poolSizeAsked = process.env[poolVariable];
  // zlib works in the threads of libuv's pool, whose size is read before a line of ours runs.
  if (poolSize > poolSizeUnasked && poolSizeAsked === undefined) return runAgain(poolSize);
  // libuv takes what is no number for one thread, too.
  const threadsMax = poolSizeAsked === undefined ? threads : Number.parseInt(poolSizeAsked, 10) || 1;
  return run(judged.path, Math.min(threads, Math.max(1, threadsMax)), words.flags.has('quiet'));
}

async function run(root: string, threads: number, isQuiet: boolean): Promise<number> {
  const [{ precompress }, { showProgress }, { summaryText, troubleLines }] = await Promise.all([
    import('../precompress/precompress.ts'),
    import('./progress.ts'),
    import('./precompress-summary.ts'),
  ]);
  const startedAtMs = performance.now();
  const stopped = stopOnSignal();
  const display = isQuiet ? undefined : showProgress(process.stderr, styleFor(process.stderr));
  let outcome: Outcome;
  try {
    outcome = await precompress(root, threads, stopped.signal, progress => display?.tell(progress));
  } catch (error) {
    process.stderr.write(
      `plinth precompress: the record of what it made cannot be used: ${printable((error as Error).message)}\n`,
    );
    return exitCodes.failed;
  } finally {
    display?.clear();
  }
  for (const line of troubleLines(outcome)) process.stderr.write(`plinth precompress: ${line}\n`);
  if (!isQuiet) {
    const facts = { elapsedMs: performance.now() - startedAtMs, threads, node: process.version };
    process.stdout.write(summaryText(outcome, facts, styleFor(process.stdout)));
  }
  const { givenUp, failures } = outcome;
  if (givenUp?.kind === 'stopped') return stopped.exitCode();
  return givenUp === undefined && failures.length === 0 ? exitCodes.stopped : exitCodes.failed;
}

function judge(places: readonly string[]): ReturnType<typeof judgeRoot> {
  const [folder, another] = places;
  if (folder === undefined) return { kind: 'fault', message: 'wanted a folder: plinth precompress <folder>' };
  if (another !== undefined) {
    return { kind: 'fault', message: `unexpected argument ${quoted(another)}; wanted one folder` };
  }
  return judgeRoot(folder, 'folder');
}

/** The first signal ends the run in order; a second Ctrl-C, a moment later, ends it at once. */
function stopOnSignal(): { readonly signal: AbortSignal; readonly exitCode: () => number } {
  const stop = new AbortController();
  let exitCode: number = exitCodes.interrupted;
  let stoppingSinceMs = 0;
  for (const name of endings) {
    process.on(name, () => {
      if (!stop.signal.aborted) {
        exitCode = codeOf(name);
        stoppingSinceMs = performance.now();
        stop.abort();
      } else if (name === 'SIGINT' && performance.now() - stoppingSinceMs > sameWishMs) {
        process.exit(exitCodes.interrupted);
      }
    });
  }
  return { signal: stop.signal, exitCode: () => exitCode };
}

/** Runs the same command with threads enough; what this process is told it passes on. */
function runAgain(poolSize: number): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, [poolVariable]: String(Math.min(poolSize, poolSizeMax)) },
  });
  for (const name of endings) process.on(name, () => child.kill(name));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      resolve(code ?? (signal === null ? exitCodes.failed : codeOf(signal))),
    );
  });
}

/** 128 and the number of the signal, as shells count. */
function codeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm and npx pass a Ctrl-C on that the terminal has already told of. */
const sameWishMs = 200;

const poolVariable = 'UV_THREADPOOL_SIZE';
const poolSizeUnasked = 4;
const poolSizeMax = 1024;
/** Reading and writing want threads of the pool, too. */
const threadsForFiles = 2;

const helpText = `plinth precompress: stores the files of a folder in br, zstd and gzip as well

Usage: plinth precompress <folder> [flags]

Beside each file that gets smaller, such as app.js, come app.js.br, app.js.zst
and app.js.gz, made as small as each coding can on all cores. The server sends
them to clients that accept them.

Coded are files of at least 1 KiB, of the types that the server codes itself;
what saves less than 5 % is not stored. Hidden names, node_modules and links are
passed over. Run it again after a change: what still fits stays, what does not
is made anew. What it did not make it neither replaces nor removes; it knows its
own by .plinth-precompress, a hidden file of digests in the folder: keep it.

  -q, --quiet  Say only what goes wrong
  -h, --help   Show this text

Exit codes: 0 all well, 1 some failed, 2 wrong usage, 130 Ctrl-C
A folder that is called precompress is served by: plinth ./precompress
`;
