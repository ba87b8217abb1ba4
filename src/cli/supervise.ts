import { availableParallelism } from 'node:os';
import type { Settings } from '../config/options.ts';
import type { Address } from '../index.ts';
import { openControl } from '../workers/control.ts';
import { Workers } from '../workers/supervisor.ts';
import { exitCodes } from './exit-codes.ts';
import { endByHangUp, watchTerminal } from './terminal.ts';

/** Workers that listen, or the exit code where one ended before it did. */
export type Supervised =
  | {
      readonly kind: 'started';
      readonly addresses: readonly Address[];
      readonly workers: number;
      readonly renew: () => void;
      readonly stop: () => Promise<void>;
      readonly kill: () => void;
    }
  | { readonly kind: 'failed'; readonly exitCode: number };

/**
 * Runs this command again in several processes, and renews them at each SIGHUP, once all listen; one that comes from the
 * end of the terminal stops the server. Rejects as `PlinthServer.start` does.
 */
export async function supervise(
  {
    workers: wanted,
    ...settings
  }: Pick<Settings, 'hosts' | 'port' | 'workers' | 'graceMs' | 'httpsRedirect'> & {
    readonly isSecured: boolean;
  },
  report: (line: string) => void,
): Promise<Supervised> {
  if (process.platform === 'win32') {
    report('--workers: on Windows a process cannot inherit sockets; leave it out');
    return { kind: 'failed', exitCode: exitCodes.usage };
  }
  const count = wanted === 'auto' ? availableParallelism() : wanted;
  const words = [...process.execArgv, ...process.argv.slice(1)];
  const isTerminalGone = watchTerminal();
  let isEarlyWish = false;
  const hangUpEarly = (): void => {
    // Workers that are only starting end when they find nobody to tell that they listen.
    if (isTerminalGone()) endByHangUp();
    else isEarlyWish = true;
  };
  process.on('SIGHUP', hangUpEarly);
  const workers = await Workers.start({ ...settings, count, file: process.execPath, words, report });
  if (!(workers instanceof Workers)) {
    // With a code, it has said why itself.
    if (workers.exitCode === null) report(`a worker ended with ${workers.inWords} before it listened`);
    return { kind: 'failed', exitCode: workers.exitCode ?? exitCodes.failed };
  }
  const hangUp = async (): Promise<void> => {
    if (!isTerminalGone()) return void workers.reload();
    await workers.stop();
    endByHangUp();
  };
  process.on('SIGHUP', hangUp);
  process.off('SIGHUP', hangUpEarly);
  if (isEarlyWish) void workers.reload();
  const control = await openControl({ pid: process.pid, workers: count, addresses: workers.addresses }, () =>
    workers.reload(),
  ).catch((error: Error) => {
    report(
      `plinth reload cannot reach this server (${error.message}); kill -HUP ${process.pid} does the same`,
    );
    return undefined;
  });
  return {
    kind: 'started',
    addresses: workers.addresses,
    workers: count,
    renew: () => void workers.reload(),
    stop: () => {
      control?.close();
      return workers.stop();
    },
    kill: () => {
      control?.close();
      workers.kill();
    },
  };
}
