import type { Socket } from 'node:net';
import type { Chunks } from '../h2/output.ts';

/** Octets that may wait in a socket before anything else does: a TLS socket learns only in the next turn of the loop what has left. */
const waitingBytesMax = 64 * 1024;

/** Writes to a socket until octets wait there for their reader, and says when they have left. */
export class Outflow {
  readonly #socket: Socket;
  readonly #chunks: Chunks;
  readonly #stalledMs: number;
  readonly #whenFree: () => void;
  #isBlocked = false;
  /** Octets that waited when that was last looked at, and until when they may. */
  #queuedBytes = 0;
  #deadlineMs = Number.POSITIVE_INFINITY;

  /** `stalledMs`: how long a reader may take nothing; `whenFree` is called each time that there is room again. */
  constructor(socket: Socket, chunks: Chunks, stalledMs: number, whenFree: () => void) {
    this.#socket = socket;
    this.#chunks = chunks;
    this.#stalledMs = stalledMs;
    this.#whenFree = whenFree;
  }

  /** Whether octets wait for their reader; until they have left nothing is to be written. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Writes a chunk, and gives it back once nobody reads from it. */
  write(octets: Buffer, nowMs: number): void {
    const socket = this.#socket;
    // Its own end tells that it has left: an empty write behind it cost 6 % of 100 KB.
    socket.write(octets, () => {
      this.#chunks.release(octets);
      const hasRoom = !socket.destroyed && socket.writableLength <= waitingBytesMax;
      if (!this.#isBlocked || !hasRoom) return;
      this.#isBlocked = false;
      this.#whenFree();
    });
    if (this.#isBlocked || socket.writableLength <= waitingBytesMax) return;
    this.#isBlocked = true;
    this.#queuedBytes = this.#queued();
    this.#deadlineMs = nowMs + this.#stalledMs;
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
