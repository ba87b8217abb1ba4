#!/usr/bin/env node
/**
 * The command: argv and environment in, a running server out. Here only the order of steps is decided; what
 * each step says and finds lives in `cli/`, and what is off the main path is loaded when it is needed.
 */
import type { Started } from './cli/announce.ts';
import { exitCodes } from './cli/exit-codes.ts';
import { judgeFolders, judgeRoot } from './cli/root.ts';
import type { ConfigFile } from './config/file.ts';
import type { HostSite } from './config/host-sites.ts';
import { type Command, loadCommand } from './config/load.ts';
import { libraryOptions, OptionError, type Settings } from './config/options.ts';
import type { PlinthServer, ServerOptions } from './index.ts';
import { inheritedSockets, workerVariable } from './workers/protocol.ts';

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
      end(await checkCommand(words));
      return;
    }
    case 'reload':
      process.exitCode = await (await import('./cli/reload.ts')).reloadCommand(words);
      return;
    case 'doctor':
      process.exitCode = await (await import('./cli/doctor.ts')).doctorCommand(words);
      return;
    case 'explain':
      end(await (await import('./cli/explain.ts')).explainCommand(words));
      return;
    case 'trust':
      process.exitCode = await (await import('./cli/trust.ts')).trustCommand(words);
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
      await run(command);
      return;
    default:
      command satisfies never;
  }
}

async function run(command: Run): Promise<void> {
  const { settings, sources, hosts, file } = command;
  const folders = judgeFolders(command);
  if (folders.kind === 'fault') {
    const { commandHint } = await import('./cli/mistyped.ts');
    fail(`${folders.message}${commandHint(process.argv[2])}`, exitCodes.usage);
    return;
  }
  const taken = folderTakenForPage(settings, sources);
  if (taken !== undefined) {
    fail(taken, exitCodes.usage);
    return;
  }
  const started = await startOrTell(command);
  if (started === undefined) return;
  stopOnSignal(started, settings);
  const { announce } = await import('./cli/announce.ts');
  await announce(started, { folders, settings, hosts, config: file?.path, report });
}

type Run = Extract<Command, { kind: 'run' }>;

/** What serves, or undefined when nothing could and that was said, or when this process is told what to do. */
async function startOrTell({ settings, sources, hosts, file }: Run): Promise<Started | undefined> {
  try {
    return await start(settings, hosts, file);
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

async function start(
  settings: Settings,
  sites: readonly HostSite[],
  file: ConfigFile | undefined,
): Promise<Started | undefined> {
  const { hosts, port, workers, graceMs, dev, httpsRedirect } = settings;
  const isSecured = settings.tls || settings.tlsCert.length > 0;
  const sockets = process.env[workerVariable];
  const isSupervised = sockets === undefined && workers !== 1;
  // Pages follow the events of the process that sent them: to another one these mean nothing.
  if (isSupervised && dev) report(`--dev: one process serves, and not ${workers}`);
  else if (isSupervised) {
    const { supervise } = await import('./cli/supervise.ts');
    const supervised = await supervise({ hosts, port, workers, graceMs, isSecured, httpsRedirect }, report);
    if (supervised.kind === 'started')
      return { ...supervised, renewal: { does: 'renew workers', act: supervised.renew } };
    end(supervised.exitCode);
    return undefined;
  }
  const { createServer, serverWith } = await import('./index.ts');
  const options: ServerOptions = { ...libraryOptions(settings), ...file?.parts };
  const create = (more: ServerOptions): PlinthServer =>
    file === undefined ? createServer(more) : serverWith(more, file.rules, file.path, () => sites);
  if (sockets !== undefined) {
    const { obey } = await import('./cli/worker.ts');
    const server = create({ ...options, ...inheritedSockets(sockets) });
    await server.start();
    obey(server);
    return undefined;
  }
  const server = create(options);
  const addresses = await server.start();
  const renewal = { does: 'reload pages', act: server.reloadPages };
  return { addresses, workers: 1, ...(dev && { renewal }), stop: server.stop, kill: () => {} };
}

/** Why `plinth --open /srv/www` is refused: a page is named there, and the current folder would be served. */
function folderTakenForPage({ open }: Settings, sources: Run['sources']): string | undefined {
  const flag = sources.get('open');
  if (open === undefined || open === '/' || sources.has('root') || flag?.startsWith('-') !== true)
    return undefined;
  if (judgeRoot(open).kind === 'fault') return undefined;
  return `${flag}: found ${JSON.stringify(open)}, which is a folder of this machine; wanted a folder before it: plinth ${open} --open, or plinth . --open ${open}`;
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
  end(exitCode);
}

/** Ends once all is said: a configuration may hold on to something that would keep the process alive. */
function end(exitCode: number): void {
  process.exitCode = exitCode;
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
}

function report(line: string): void {
  process.stderr.write(`plinth: ${line}\n`);
}
