import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { RequestHead } from '../http/message.ts';
import { parseTarget } from '../http/target.ts';
import { matchPattern } from '../rules/pattern.ts';
import type { ThrottleRule } from '../rules/throttle.ts';

/** Answers that leave as over a slow line. A rule is one such line: what it applies to at once shares its speed. */
export class Throttle {
  readonly #lines: readonly { readonly rule: ThrottleRule; readonly line: Line }[];
  readonly #windows: boolean;
  readonly #baseOf: (authority: string | undefined) => readonly string[];

  /**
   * Of several rules for a path the first decides. Rules are for paths as they are below the top of a site, which `baseOf`
   * tells as segments by the host that is asked for.
   */
  constructor(
    rules: readonly ThrottleRule[],
    windows: boolean,
    baseOf: (authority: string | undefined) => readonly string[],
  ) {
    this.#lines = rules.map(rule => ({ rule, line: new Line(rule.bytesPerSecond) }));
    this.#windows = windows;
    this.#baseOf = baseOf;
  }

  /**
   * What the answer to a request is to be written to instead of its socket; undefined when it is not slowed. A reader that
   * takes nothing for `stalledMs` of what the line has carried is seen as ever, by the socket's 'timeout'.
   */
  slowed(head: RequestHead, socket: Socket, stalledMs: number): SlowOutlet | undefined {
    const target = parseTarget(head.method, head.target, { windows: this.#windows, secure: false });
    const base = this.#baseOf(head.authority);
    if (target.kind !== 'path' || base.some((name, depth) => name !== target.segments[depth]))
      return undefined;
    const below = { ...target, segments: target.segments.slice(base.length) };
    const found = this.#lines.find(({ rule }) => matchPattern(rule.from, below) !== undefined);
    return found && new SlowOutlet(socket, found.line, { latencyMs: found.rule.latencyMs, stalledMs });
  }
}

/** A line that carries one octet after the other, whosever they are. */
class Line {
  readonly #bytesPerSecond: number;
  #freeAtMs = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Octets that are carried at a time. */
  get stepBytes(): number {
    return Math.min(stepBytesMax, Math.max(1, Math.floor((this.#bytesPerSecond * stepMs) / 1000)));
  }

  /** When so many octets will have been carried. */
  carry(bytes: number): number {
    this.#freeAtMs = Math.max(this.#freeAtMs, performance.now()) + (bytes * 1000) / this.#bytesPerSecond;
    return this.#freeAtMs;
  }
}

/** How long a step lasts, so that what shares a line takes turns and a progress bar moves. */
const stepMs = 50;
const stepBytesMax = 64 * 1024;

/**
 * Writes to a socket at the speed of a line, for one answer. Holds nothing but what its writer holds already: a write is
 * over when all of it has left.
 */
export class SlowOutlet extends Writable {
  readonly #socket: Socket;
  readonly #line: Line;
  readonly #stalledMs: number;
  readonly #firstAtMs: number;
  readonly #leave = (): void => {
    this.#wake();
    this.destroy();
  };
  readonly #end = (): void => {
    this.emit('end');
  };
  #timer: NodeJS.Timeout | undefined;
  #wake: () => void = () => {};

  /** Nothing leaves before the latency is over, counted from now. */
  constructor(
    socket: Socket,
    line: Line,
    { latencyMs, stalledMs }: { readonly latencyMs: number; readonly stalledMs: number },
  ) {
    super();
    this.#socket = socket;
    this.#line = line;
    this.#stalledMs = stalledMs;
    this.#firstAtMs = performance.now() + latencyMs;
    // What goes wrong is told to whoever has written.
    this.on('error', () => {});
    socket.once('end', this.#end).once('close', this.#leave);
    if (socket.destroyed) this.#leave();
  }

  /** Lets go of the socket; nothing is written from now on. */
  release(): void {
    this.#socket.off('end', this.#end).off('close', this.#leave);
    this.destroy();
  }

  /** While the line carries, the client is listened to: it may leave. */
  pause(): void {}

  /** The line's own waiting is not the reader's: the socket is timed only while it is written to. */
  setTimeout(): void {}

  override _write(octets: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#carry(octets).then(() => done(), done);
  }

  async #carry(octets: Uint8Array): Promise<void> {
    await this.#until(this.#firstAtMs);
    const { stepBytes } = this.#line;
    for (let at = 0; at < octets.length; at += stepBytes) {
      const step = octets.subarray(at, at + stepBytes);
      await this.#until(this.#line.carry(step.length));
      await this.#pass(step);
    }
  }

  /** Waits for a moment, or for the end of the socket. A timer may come a little early. */
  async #until(momentMs: number): Promise<void> {
    for (let leftMs = momentMs - performance.now(); leftMs > 0; leftMs = momentMs - performance.now()) {
      if (this.#socket.destroyed) throw new Error('the client has left');
      await new Promise<void>(resolve => {
        this.#wake = resolve;
        this.#timer = setTimeout(resolve, Math.ceil(leftMs));
      });
      clearTimeout(this.#timer);
    }
  }

  async #pass(octets: Uint8Array): Promise<void> {
    const socket = this.#socket;
    // What the client sends would count as something that it takes. Who has paused it before knows why.
    const isOurs = !socket.isPaused();
    if (isOurs) socket.pause();
    socket.setTimeout(this.#stalledMs);
    try {
      await new Promise<void>((resolve, reject) => {
        socket.write(octets, error => (error ? reject(error) : resolve()));
      });
    } finally {
      socket.setTimeout(0);
      if (isOurs) socket.resume();
    }
  }
}
