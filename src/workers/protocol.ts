/**
 * workers/: one server from several processes. A supervisor holds the sockets and serves nothing; each worker is a
 * run of the same command that listens on them. This room knows processes, sockets and lines of output, and nothing
 * of HTTP. Here is what the two say to each other; read `supervisor.ts` next, then `slot.ts` and `hold.ts`.
 */

/** What a supervisor says to a worker. */
export type WorkerOrder =
  /** Another worker has taken over: answer what still comes on the connections held, and end. */
  | 'retire'
  /** Everything stops: finish the answers under way, and end. */
  | 'stop'
  /** Make and read the session tickets of TLS with these keys, in base64: another worker can then resume a session. */
  | { readonly ticketKeys: string }
  | BalanceOrder;

/** What it says about the connections that last. */
export type BalanceOrder =
  /** Let go of a connection, if one of those that last waits for its client; then say how many there are. */
  | 'give'
  /** Comes with a connection that another worker has let go of. */
  | 'take'
  /** Say how many connections last. */
  | 'count';

/** What a worker says to its supervisor. */
export type WorkerWord =
  /** It accepts connections. */
  | 'listening'
  /** Another number of connections last than before. */
  | 'changed'
  /** Comes with a connection that it has let go of. */
  | 'given'
  /** It has the connection that it was to take. */
  | 'taken'
  /** How many last: the end of what it says to `give` and `count`. */
  | { readonly lasting: number };

/**
 * In the environment of a worker: the descriptors of its sockets, with commas between them; behind a semicolon those
 * from where plain HTTP is redirected, if there are any.
 */
export const workerVariable = 'PLINTH_WORKER_SOCKETS';

/** The descriptors of a worker. */
export interface WorkerSockets {
  readonly sockets: readonly number[];
  readonly redirectSockets: readonly number[] | undefined;
}

/** What the variable says. */
export function inheritedSockets(text: string): WorkerSockets {
  const [sockets = [], redirectSockets] = text.split(';').map(list => list.split(',').map(Number));
  return { sockets, redirectSockets };
}
