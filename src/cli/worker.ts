import type { PlinthServer } from '../index.ts';
import type { WorkerOrder, WorkerWord } from '../workers/protocol.ts';
import { shareConnections } from '../workers/share.ts';
import { exitCodes } from './exit-codes.ts';
import { endByHangUp, watchTerminal } from './terminal.ts';

/**
 * The life of a worker after its start: it says that it listens and does what its supervisor says. What a terminal
 * sends to all processes in front of it is for the supervisor to act on; when that is gone, the worker stops.
 */
export function obey(server: PlinthServer): void {
  const isTerminalGone = watchTerminal();
  const stop = async (idleMs: number): Promise<void> => {
    await server.stop(undefined, idleMs);
    if (isTerminalGone()) endByHangUp();
    else process.exit(exitCodes.stopped);
  };
  const share = shareConnections(server.passing);
  process.on('message', (order: WorkerOrder, handle) => {
    if (order === 'stop') void stop(0);
    else if (order === 'retire') void stop(lastRequestMs);
    else if (typeof order === 'object') server.shareTicketKeys(Buffer.from(order.ticketKeys, 'base64'));
    else share(order, handle);
  });
  process.on('disconnect', () => stop(0));
  process.on('SIGTERM', () => stop(0));
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  if (process.connected) process.send?.('listening' satisfies WorkerWord);
  else void stop(0);
}

/** How long a client whose worker retires may still send a request on an idle connection. */
const lastRequestMs = 1000;
