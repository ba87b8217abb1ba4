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
  | 'stop';

/** What a worker says once it accepts connections. */
export const workerListens = 'listening';

/** In the environment of a worker: the descriptors of its sockets, with commas between them. */
export const workerVariable = 'PLINTH_WORKER_SOCKETS';
