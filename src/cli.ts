#!/usr/bin/env node
/**
 * The command: argv and environment in, a running server out. Here only the order of steps is decided; what
 * each step says and finds lives in `cli/`, and what is off the main path is loaded when it is needed.
 */
import { exitCodes } from './cli/exit-codes.ts';
import { judgeRoot } from './cli/root.ts';
import type { ConfigFile } from './config/file.ts';
import { type Command, loadCommand } from './config/load.ts';
import { libraryOptions, OptionError, type Settings } from './config/options.ts';
import type { Address, PlinthServer, ServerOptions } from './index.ts';
import { workerVariable } from './workers/protocol.ts';

/**
 * A Ctrl-C reaches the whole foreground group, and npm and npx pass it on once more: signals this close
 * together are one wish.
 */
const sameWishMs = 200;
/** A stop that takes longer than this says what it waits for. */
const patienceMs = 300;

// Whoever read our output may leave; the server goes on.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

await main();

async function main(): Promise<void> {
  const [name, ...words] = process.argv.slice(2);
  switch (name) {
    case 'precompress':
      process.exitCode = await (await import('./cli/precompress.ts')).precompressCommand(words);
      return;
    case 'check': {
      const { checkCommand } = await import('./cli/check.ts');
      process.exitCode = await checkCommand(words);
      // A configuration may hold on to something that would keep the process alive.
      process.stdout.write('', () => process.exit());
      return;
    }
    case 'reload':
      process.exitCode = await (await import('./cli/reload.ts')).reloadCommand(words);
      return;
    case 'doctor':
      process.exitCode = await (await import('./cli/doctor.ts')).doctorCommand(words);
      return;
    case 'explain':
      process.exitCode = await (await import('./cli/explain.ts')).explainCommand(words);
      return;
    case 'completions':
      process.exitCode = (await import('./cli/completions.ts')).completionsCommand(words);
      return;
    default:
      await serve();
  }
}

async function serve(): Promise<void> {
  const isTerminal = process.stdout.isTTY === true;
  const words = process.argv.slice(2);
  const command = await loadCommand(words, process.env, isTerminal, () => import('./index.ts'));
  switch (command.kind) {
    case 'help':
    case 'version': {
      const { readVersion } = await import('./cli/version.ts');
      const version = readVersion();
      if (command.kind === 'version') process.stdout.write(`plinth ${version}\n`);
      else process.stdout.write((await import('./cli/help.ts')).helpText(version, command.isWhole));
      return;
    }
    case 'fault':
      fail(command.message, exitCodes.usage);
      return;
    case 'run':
      await run(command, isTerminal);
      return;
    default:
      command satisfies never;
  }
}

async function run(command: Run, isTerminal: boolean): Promise<void> {
  const { settings, file } = command;
  const root = judgeRoot(settings.root);
  if (root.kind === 'fault') {
    fail(root.message, exitCodes.usage);
    return;
  }
  const started = await startOrTell(command);
  if (started === undefined) return;
  stopOnSignal(started, settings);
  await announce(started, root.path, settings, isTerminal, file?.path);
}

/** Says where the server is to be found, and what its root holds that should not be there. */
async function announce(
  { addresses, workers }: Started,
  root: string,
  settings: Settings,
  isTerminal: boolean,
  config: string | undefined,
): Promise<void> {
  const [{ bannerRow, plainBanner, terminalBanner }, { styleFor }, { readVersion }] = await Promise.all([
    import('./cli/banner.ts'),
    import('./cli/style.ts'),
    import('./cli/version.ts'),
  ]);
  const facts = { version: readVersion(), root, settings, addresses, workers, pid: process.pid, config };
  const style = styleFor(process.stdout);
  // Standard output belongs to the access log where it is read by programs.
  if (isTerminal) process.stdout.write(terminalBanner(facts, style));
  else process.stderr.write(plainBanner(facts));
  const { findHazards, hazardLines, passwordLines } = await import('./cli/hazards.ts');
  const hazards = hazardLines(await findHazards(root, settings.dotfiles));
  for (const [kind, line] of [...hazards, ...passwordLines(settings, addresses)]) {
    if (!isTerminal) report(`${kind}: ${line}`);
    else if (kind === 'warning') process.stdout.write(`${bannerRow('Warning', style.warn(line), style)}\n`);
    else process.stdout.write(`${bannerRow('Note', line, style)}\n`);
  }
  if (isTerminal) process.stdout.write('\n');
}

type Run = Extract<Command, { kind: 'run' }>;

/** What serves, in this process or in others. */
interface Started {
  readonly addresses: readonly Address[];
  /** Processes that serve. */
  readonly workers: number;
  readonly stop: (graceMs: number) => Promise<void>;
  /** Ends what this process does not take with it when it exits. */
  readonly kill: () => void;
}

/** What serves, or undefined when nothing could and that was said, or when this process is told what to do. */
async function startOrTell({ settings, sources, file }: Run): Promise<Started | undefined> {
  try {
    return await start(settings, file);
  } catch (error) {
    if (error instanceof OptionError) {
      fail(error.message, exitCodes.usage);
      return undefined;
    }
    const { startFailure } = await import('./cli/start-failure.ts');
    fail(startFailure(error as Error, settings, sources), exitCodes.failed);
    return undefined;
  }
}

async function start(settings: Settings, file: ConfigFile | undefined): Promise<Started | undefined> {
  const { hosts, port, workers, graceMs, dev } = settings;
  const sockets = process.env[workerVariable];
  const isSupervised = sockets === undefined && workers !== 1;
  // Pages follow the events of the process that sent them: to another one these mean nothing.
  if (isSupervised && dev) report(`--dev: one process serves, and not ${workers}`);
  else if (isSupervised) {
    const { supervise } = await import('./cli/supervise.ts');
    const supervised = await supervise({ hosts, port, workers, graceMs }, report);
    if (supervised.kind === 'started') return supervised;
    process.exitCode = supervised.exitCode;
    return undefined;
  }
  const { createServer, serverWith } = await import('./index.ts');
  const options: ServerOptions = { ...libraryOptions(settings), ...file?.parts };
  const create = (more: ServerOptions): PlinthServer =>
    file === undefined ? createServer(more) : serverWith(more, file.rules, file.path);
  if (sockets !== undefined) {
    const { obey } = await import('./cli/worker.ts');
    const server = create({ ...options, sockets: sockets.split(',').map(Number) });
    await server.start();
    obey(server);
    return undefined;
  }
  const server = create(options);
  return { addresses: await server.start(), workers: 1, stop: server.stop, kill: () => {} };
}

/** SIGINT and SIGTERM finish the answers under way within the grace; a second SIGINT ends at once. */
function stopOnSignal(started: Started, { graceMs }: Settings): void {
  let stoppingSinceMs: number | undefined;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stoppingSinceMs !== undefined) {
      const isSameWish = performance.now() - stoppingSinceMs < sameWishMs;
      if (signal !== 'SIGINT' || isSameWish) return;
      started.kill();
      process.exit(exitCodes.interrupted);
    }
    stoppingSinceMs = performance.now();
    // The terminal has just shown `^C`; what comes next belongs on a line of its own.
    if (signal === 'SIGINT' && process.stdout.isTTY) process.stdout.write('\n');
    setTimeout(() => {
      report(`finishing the answers under way, ${graceMs / 1000} s at most; Ctrl-C again ends at once`);
    }, patienceMs).unref();
    await started.stop(graceMs);
    process.exit(exitCodes.stopped);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function fail(message: string, exitCode: number): void {
  report(message);
  process.exitCode = exitCode;
}

function report(line: string): void {
  process.stderr.write(`plinth: ${line}\n`);
}
