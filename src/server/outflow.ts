import type { Socket } from 'node:net';
import type { Chunks } from '../h2/output.ts';

/** Octets that may wait in a TLS socket before anything else does: what a plain one would have given to the system. */
const securedBytesMax = 64 * 1024;

/** Writes to a socket until octets wait there for their reader, and says when they have left. */
export class Outflow {
  readonly #socket: Socket;
  readonly #chunks: Chunks;
  readonly #stalledMs: number;
  readonly #whenFree: () => void;
  /** A TLS socket learns only in the next turn of the loop what has left: others write meanwhile. */
  readonly #isSecured: boolean;
  #isBlocked = false;
  /** Octets that waited when that was last looked at, and until when they may. */
  #queuedBytes = 0;
  #deadlineMs = Number.POSITIVE_INFINITY;

  /** `stalledMs`: how long a reader may take nothing; `whenFree` is called each time that nothing waits any more. */
  constructor(socket: Socket, chunks: Chunks, stalledMs: number, whenFree: () => void) {
    this.#socket = socket;
    this.#chunks = chunks;
    this.#stalledMs = stalledMs;
    this.#whenFree = whenFree;
    this.#isSecured = 'encrypted' in socket;
  }

  /** Whether octets wait for their reader; until they have left nothing is to be written. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Writes a chunk, and gives it back once nobody reads from it. */
  write(octets: Buffer, nowMs: number): void {
    const socket = this.#socket;
    const release = (): void => this.#chunks.release(octets);
    if (this.#isSecured) socket.write(octets, release);
    else socket.write(octets);
    const waiting = socket.writableLength;
    if (waiting === 0 && !this.#isSecured) release();
    if (waiting <= (this.#isSecured ? securedBytesMax : 0)) return;
    this.#isBlocked = true;
    this.#queuedBytes = this.#queued();
    this.#deadlineMs = nowMs + this.#stalledMs;
    socket.write('', () => {
      if (!this.#isSecured) release();
      this.#isBlocked = false;
      this.#whenFree();
    });
  }

  /** Whether the reader has taken nothing for too long. */
  hasStalled(nowMs: number): boolean {
    if (!this.#isBlocked || nowMs < this.#deadlineMs) return false;
    const queued = this.#queued();
    if (queued === this.#queuedBytes) return true;
    this.#queuedBytes = queued;
    this.#deadlineMs = nowMs + this.#stalledMs;
    return false;
  }

  /** Octets that wait for the reader. Node counts a write as a whole; what is beneath it knows the rest of one. */
  #queued(): number {
    const { _handle: handle } = this.#socket as unknown as { _handle?: { writeQueueSize?: number } | null };
    return handle?.writeQueueSize ?? this.#socket.writableLength;
  }
}
