import { constants, fstatSync, openSync, write as writeTo } from 'node:fs';

/** Bounds of a sink. */
export interface LineSinkOptions {
  /** What reports call it. */
  readonly name?: string;
  /** How the lines become octets: 'latin1' costs less than half, for lines that are known to be ASCII. */
  readonly encoding?: 'utf8' | 'latin1';
  /** How long a line waits for others at most, to leave in one write with them. */
  readonly gatherMs?: number;
  /** Characters that wait at most; further lines are lost, and counted. */
  readonly waitingMax?: number;
  /** How long a sink that failed waits before it tries again. */
  readonly retryMs?: number;
  /** Failures and losses are reported at most this often. */
  readonly reportMs?: number;
  /** How long `flush` waits at most. */
  readonly flushMs?: number;
}

/**
 * Writes lines to a descriptor without ever making its caller wait, throw or grow: lines gather for a moment and
 * leave in one write, since a write costs as much as answering two requests. When the descriptor fails (a full disk, a reader that has gone), they wait
 * within bounds and are then lost; that is reported in words, and writing resumes when it can.
 */
export class LineSink {
  readonly #descriptor: number;
  readonly #report: (line: string) => void;
  readonly #options: Required<LineSinkOptions>;
  #state: 'resting' | 'gathering' | 'writing' | 'failing' = 'resting';
  #waiting = '';
  /** What the write under way, or the failed one that will be repeated, has left. */
  #batch: Buffer | undefined;
  #why = slowReader;
  #linesLost = 0;
  #isFailureReported = false;
  #reportedAtMs = Number.NEGATIVE_INFINITY;
  /** For the end of gathering, or for the next attempt. */
  #timer: NodeJS.Timeout | undefined;
  #whenFlushed: (() => void) | undefined;

  /** `report` gets a line, without its end, about failure, loss and recovery. */
  constructor(descriptor: number, report: (line: string) => void, options: LineSinkOptions = {}) {
    this.#descriptor = descriptor;
    this.#report = report;
    this.#options = { ...defaults, ...options };
  }

  /** Takes a line without its end. Returns at once, whatever becomes of it. */
  write(line: string): void {
    if (this.#waiting.length + line.length >= this.#options.waitingMax) {
      this.#linesLost += 1;
      return;
    }
    this.#waiting += `${line}\n`;
    if (this.#state === 'resting') this.#gather();
    if (this.#state === 'gathering' && this.#waiting.length >= batchMax) this.#writeBatch();
  }

  /**
   * For the end of the process: resolves when every line has left, when that turned out impossible, or when it
   * took too long, and reports how many then are lost. Never rejects.
   */
  async flush(): Promise<void> {
    if (this.#state === 'resting') return;
    if (this.#state === 'failing' || this.#state === 'gathering') this.#writeBatch();
    await new Promise<void>(resolve => {
      const guard = setTimeout(resolve, this.#options.flushMs);
      this.#whenFlushed = () => {
        clearTimeout(guard);
        resolve();
      };
    });
    this.#whenFlushed = undefined;
    const lines = this.#linesLost + linesIn(this.#batch?.toString() ?? '') + linesIn(this.#waiting);
    if (lines > 0) this.#say(`${counted(lines)} lost: ${this.#why}`);
    this.#linesLost = 0;
  }

  #gather(): void {
    this.#state = 'gathering';
    this.#timer = setTimeout(() => this.#writeBatch(), this.#options.gatherMs);
  }

  #writeBatch(): void {
    clearTimeout(this.#timer);
    this.#state = 'writing';
    if (this.#batch === undefined) {
      this.#batch = Buffer.from(this.#waiting, this.#options.encoding);
      this.#waiting = '';
    }
    const batch = this.#batch;
    writeTo(this.#descriptor, batch, 0, batch.length, null, (error, written) => {
      if (error === null) this.#took(batch.subarray(written));
      else this.#failed(error);
    });
  }

  #took(left: Buffer): void {
    if (this.#isFailureReported) {
      const lost = this.#linesLost === 0 ? '' : `; ${counted(this.#linesLost)} lost`;
      this.#say(`written again${lost}`);
      this.#isFailureReported = false;
      this.#linesLost = 0;
    }
    this.#reportLoss();
    this.#batch = left.length === 0 ? undefined : left;
    if (this.#batch === undefined && this.#waiting === '') {
      this.#state = 'resting';
      this.#whenFlushed?.();
    } else if (this.#batch === undefined && this.#whenFlushed === undefined) this.#gather();
    else this.#writeBatch();
  }

  #failed(error: NodeJS.ErrnoException): void {
    this.#state = 'failing';
    // A reader that is slow is no failure: only the lines that find no room until it catches up are lost.
    const isSlow = error.code === 'EAGAIN';
    this.#why = isSlow ? slowReader : inWords(error);
    if (!isSlow && !this.#isFailureReported && this.#mayReport()) {
      this.#say(`cannot be written: ${this.#why}`);
      this.#isFailureReported = true;
    }
    this.#reportLoss();
    this.#timer = setTimeout(() => this.#writeBatch(), isSlow ? slowRetryMs : this.#options.retryMs);
    // A log that cannot be written is no reason to stay alive.
    this.#timer.unref();
    if (!isSlow) this.#whenFlushed?.();
  }

  #reportLoss(): void {
    if (this.#linesLost === 0 || !this.#mayReport()) return;
    this.#say(`${counted(this.#linesLost)} lost: ${this.#why}`);
    this.#linesLost = 0;
  }

  #mayReport(): boolean {
    return performance.now() - this.#reportedAtMs >= this.#options.reportMs;
  }

  #say(what: string): void {
    this.#reportedAtMs = performance.now();
    this.#report(`${this.#options.name}: ${what}`);
  }
}

/**
 * The descriptor through which to write lines to one of ours. A pipe or a terminal on Linux is opened anew, so
 * that it does not block while those who share it keep theirs: a write that blocks would hold a thread, and
 * the end of the process, until its reader wakes. Where that is impossible, the descriptor itself.
 */
export function openForLines(descriptor: number): number {
  try {
    const status = fstatSync(descriptor);
    if (!status.isFIFO() && !status.isCharacterDevice()) return descriptor;
    return openSync(
      `/proc/self/fd/${descriptor}`,
      constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY,
    );
  } catch {
    return descriptor;
  }
}

const defaults: Required<LineSinkOptions> = {
  name: 'access log',
  encoding: 'utf8',
  gatherMs: 10,
  waitingMax: 1024 * 1024,
  retryMs: 1000,
  reportMs: 60_000,
  flushMs: 1000,
};
/** Characters that are written without waiting for more. */
const batchMax = 64 * 1024;
const slowRetryMs = 20;
const slowReader = 'the reader takes nothing';

/** `no space left on device` of `ENOSPC: no space left on device, write`. */
function inWords(error: NodeJS.ErrnoException): string {
  return /^[A-Z\d]+: (.*), write$/.exec(error.message)?.[1] ?? error.message;
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

function counted(lines: number): string {
  return lines === 1 ? '1 line' : `${lines} lines`;
}
