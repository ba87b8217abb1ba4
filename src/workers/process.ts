import { type ChildProcess, type SendHandle, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Handle } from '../server/adopt.ts';
import { type BalanceOrder, type WorkerOrder, type WorkerWord, workerVariable } from './protocol.ts';

/** How a worker is started. */
export interface WorkerCommand {
  readonly file: string;
  readonly words: readonly string[];
  /** Descriptors of the sockets that it is to listen on. */
  readonly sockets: readonly number[];
  /** Descriptors of those from where it is to redirect plain HTTP. */
  readonly redirectSockets: readonly number[];
  /** Takes what it writes to standard output; undefined: it has ours. */
  readonly takeOutput: ((output: Readable) => void) | undefined;
  /** Takes what it writes to standard error. */
  readonly takeErrors: (errors: Readable) => void;
  /** Called when it says that another number of connections last. */
  readonly changed: () => void;
}

/**
 * What a worker says of its connections.
 * @internal
 */
export interface Account {
  /** How many last. */
  readonly lasting: number;
  /** The one that it has let go of, if it was to. */
  readonly given: Handle | undefined;
  /** Whether it has the one that it was to take. */
  readonly hasTaken: boolean;
  /** It has ended, or is about to: this is the last that was heard of it. */
  readonly isLast: boolean;
}

/** How a process ended. */
export interface WorkerEnd {
  readonly kind: 'ended';
  readonly exitCode: number | null;
  /** `exit code 1`, `SIGKILL`, or why there never was a process. */
  readonly inWords: string;
}

/** A worker, seen from its supervisor. */
export interface Worker {
  readonly pid: number | undefined;
  /** Resolves when it listens, or when it ended before that; one that does neither in time is killed. */
  readonly started: Promise<'listening' | WorkerEnd>;
  readonly ended: Promise<WorkerEnd>;
  /** Resolves when it has ended and everything that it wrote has been taken. */
  readonly closed: Promise<void>;
  readonly tell: (order: Exclude<WorkerOrder, BalanceOrder>) => void;
  /** Has it count, give or take connections. One question at a time. */
  readonly ask: (order: BalanceOrder, handle?: Handle) => Promise<Account>;
  readonly kill: () => void;
}

/** Starts a worker. What goes wrong comes out as its end. */
export function startWorker(command: WorkerCommand): Worker {
  const { file, words, sockets, redirectSockets, takeOutput, takeErrors, changed } = command;
  const descriptors = sockets.map((_, index) => firstSocket + index);
  const others = redirectSockets.map((_, index) => firstSocket + sockets.length + index);
  const lists = others.length === 0 ? [descriptors] : [descriptors, others];
  const child = spawn(file, words, {
    env: { ...process.env, [workerVariable]: lists.join(';') },
    stdio: [
      'ignore',
      takeOutput === undefined ? 'inherit' : 'pipe',
      'pipe',
      'ipc',
      ...sockets,
      ...redirectSockets,
    ],
  });
  if (child.stdout !== null) takeOutput?.(child.stdout);
  if (child.stderr !== null) takeErrors(child.stderr);
  const ended = endOf(child);
  const started = new Promise<'listening' | WorkerEnd>(resolve => {
    const guard = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs);
    child.once('message', () => {
      clearTimeout(guard);
      // What it said before has been heard by then.
      setImmediate(() => resolve('listening'));
    });
    void ended.then(end => {
      clearTimeout(guard);
      resolve(end);
    });
  });
  // One that is ending no longer listens to us, and need not.
  const send = (order: WorkerOrder, handle?: Handle): void => {
    if (child.connected) child.send(order, handle as SendHandle | undefined, () => {});
  };
  const nextAccount = accountsOf(child, changed);
  return {
    pid: child.pid,
    started,
    ended,
    closed: new Promise(resolve => {
      child.once('close', () => resolve());
      child.once('error', () => resolve());
    }),
    tell: order => send(order),
    ask: (order, handle) => {
      const account = nextAccount();
      send(order, handle);
      // A connection gets lost on its way where there is no descriptor for it: what it came with is then never heard.
      if (order === 'take') send('count');
      return account;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/** After standard input, output and error and the channel between the two. */
const firstSocket = 4;
const startTimeoutMs = 30_000;

function endOf(child: ChildProcess): Promise<WorkerEnd> {
  return new Promise(resolve => {
    child.once('exit', (exitCode, signal) =>
      resolve({ kind: 'ended', exitCode, inWords: signal ?? `exit code ${exitCode}` }),
    );
    child.on('error', error => {
      // Afterwards it tells of an order that did not arrive, which its end will explain.
      if (child.pid === undefined) resolve({ kind: 'ended', exitCode: null, inWords: error.message });
    });
  });
}

/** Puts together what a worker says about its connections: each call is for the next account. */
function accountsOf(child: ChildProcess, changed: () => void): () => Promise<Account> {
  let given: Handle | undefined;
  let hasTaken = false;
  let answer: ((account: Account) => void) | undefined;
  let hasEnded = false;
  const end = (): void => {
    hasEnded = true;
    answer?.({ lasting: 0, given, hasTaken, isLast: true });
  };
  // What a process said before it ended is heard in the next turn of the loop at the latest; a connection that came after
  // this would have nobody. The channel's own end does not come where an order with a handle was left unread.
  child.once('exit', () => setImmediate(() => setImmediate(end)));
  child.on('message', (message, handle) => {
    const word = message as WorkerWord;
    if (word === 'changed') changed();
    else if (word === 'given') given = handle as unknown as Handle | undefined;
    else if (word === 'taken') hasTaken = true;
    else if (word !== 'listening') answer?.({ lasting: word.lasting, given, hasTaken, isLast: false });
  });
  return () => {
    given = undefined;
    hasTaken = false;
    return new Promise(resolve => {
      answer = resolve;
      if (hasEnded) end();
    });
  };
}
