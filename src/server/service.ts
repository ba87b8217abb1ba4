import type { Observer } from '../features/feature.ts';
import type { SeenHeads } from '../h1/seen-heads.ts';
import type { Origin } from '../http/forwarded.ts';
import type { Limits } from '../http/limits.ts';
import type { Client, RequestHead } from '../http/message.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Coder } from './coding.ts';
import { inFull } from './exchanges.ts';
import type { Handler } from './handler.ts';
import type { Prepared } from './prepare.ts';
import type { ReadBuffers } from './read-buffers.ts';
import type { Recall } from './recall.ts';
import type { Streams } from './streams.ts';
import type { Throttle } from './throttle.ts';

/** What all connections of a server share. */
export interface Service {
  readonly handler: Handler;
  readonly store: Store;
  readonly coder: Coder;
  /** Bounds what streams hold in memory. */
  readonly streams?: Streams;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly buffers: ReadBuffers;
  readonly observers: readonly Observer[];
  /** Answers that may be given again; undefined when nothing is remembered. */
  readonly recall?: Recall | undefined;
  /** Whose request this is, when the peer may be a proxy that speaks for others; undefined: it is the peer's. */
  readonly clientOf?: ((head: RequestHead, peer: Client) => Origin) | undefined;
  /** Request heads that need not be parsed again. */
  readonly seenHeads?: SeenHeads;
  /** Slows answers down, where somebody wants to see them come slowly. */
  readonly throttle?: Throttle | undefined;
  /** Ends the answers that have no end of their own; called when connections are to end. */
  readonly endStreams?: () => void;
  /** Takes a line for the operator: a bug, a file that changed while it was sent. */
  readonly report: (line: string) => void;
}

/** Whose request this is, by the service's rule; the peer's where nothing of it could be read. */
export function originOf(head: RequestHead | undefined, peer: Origin, { clientOf }: Service): Origin {
  return clientOf === undefined || head === undefined ? peer : clientOf(head, peer.client);
}

/** Remembers an answer that was given as it was prepared. It has been given: what goes wrong now is only reported. */
export function keepAnswer(
  head: RequestHead,
  client: Client,
  prepared: Prepared,
  elapsedMs: number,
  { recall, report }: Service,
): void {
  try {
    recall?.remember(head, client, prepared, elapsedMs);
  } catch (error) {
    report(`bug: ${inFull(error)}`);
  }
}
