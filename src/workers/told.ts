import type { Readable } from 'node:stream';

/**
 * What workers say to the operator. They read the same files, and say the same of them at about the same time: such a
 * line is passed on as often as the worker says it that says it most often.
 */
export class Told {
  readonly #write: (line: string) => void;
  readonly #nowMs: () => number;
  /** By their text. */
  readonly #lines = new Map<string, Telling>();

  /** `write` takes a line that is to be passed on; `nowMs` tells the time of any clock that goes evenly. */
  constructor(write: (line: string) => void, nowMs: () => number) {
    this.#write = write;
    this.#nowMs = nowMs;
  }

  /** Takes what one worker writes to standard error. */
  take(output: Readable): void {
    let rest = '';
    output.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#say(line, output);
    });
    output.on('end', () => rest !== '' && this.#say(rest, output));
  }

  #say(line: string, by: Readable): void {
    const nowMs = this.#nowMs();
    let telling = this.#lines.get(line);
    if (telling === undefined || nowMs - telling.sinceMs > togetherMs) {
      if (this.#lines.size === linesMax) this.#lines.clear();
      telling = { sinceMs: nowMs, times: new Map() };
      this.#lines.delete(line);
      this.#lines.set(line, telling);
    }
    const { times } = telling;
    const passedOn = Math.max(0, ...times.values());
    const said = (times.get(by) ?? 0) + 1;
    times.set(by, said);
    if (said > passedOn) this.#write(line);
  }
}

interface Telling {
  readonly sinceMs: number;
  /** How often each has said it. */
  readonly times: Map<Readable, number>;
}

/** For how long a line of one worker stands for the others' too. */
const togetherMs = 10_000;
/** Lines that are told apart at a time. */
const linesMax = 256;
