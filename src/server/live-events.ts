/** Streams open at once: one for each page that is seen. */
const streamsMax = 100;

/** A comment is sent so often: proxies end what is silent, and a reader that has left is noticed when it is written to. */
const pingIntervalMs = 10_000;

/** Events that are told again to a page that comes back, and that wait for a reader. */
const eventsKept = 100;
const eventsWaitingMax = 20;

interface LiveEvent {
  readonly number: number;
  readonly paths: readonly string[];
}

interface Reader {
  waiting: Uint8Array[];
  isOver: boolean;
  wake: () => void;
}

/** Tells pages which paths have changed, as server-sent events (HTML Standard §9.2), each page at its own pace. */
export class LiveEvents {
  /** Tells the events of this server from those of one that was there before. */
  readonly #epoch: string;
  readonly #kept: LiveEvent[] = [];
  readonly #readers = new Set<Reader>();
  #number = 0;
  #pings: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(epoch: string) {
    this.#epoch = epoch;
  }

  /** The last event, as a page tells it when it comes back. */
  get last(): string {
    return this.#idOf(this.#number);
  }

  /** Events so far. */
  get count(): number {
    return this.#number;
  }

  /** Streams that are open. */
  get readers(): number {
    return this.#readers.size;
  }

  /** These paths have changed. */
  tell(paths: readonly string[]): void {
    this.#number += 1;
    const event = { number: this.#number, paths };
    this.#kept.push(event);
    if (this.#kept.length > eventsKept) this.#kept.shift();
    const octets = this.#written(event);
    for (const reader of this.#readers) {
      // A reader that does not keep up is told in one word what it has missed.
      if (reader.waiting.length >= eventsWaitingMax)
        reader.waiting = [this.#written({ ...event, paths: ['/'] })];
      else reader.waiting.push(octets);
      reader.wake();
    }
  }

  /**
   * A stream from behind this event on, the present when it is undefined; one that nobody remembers is answered by the
   * root, which stands for everything. It ends when its reader has `left`. Undefined when there are too many streams.
   */
  stream(since: string | undefined): ((left?: AbortSignal) => AsyncGenerator<Uint8Array, void>) | undefined {
    return this.#readers.size < streamsMax ? left => this.#read(since ?? this.last, left) : undefined;
  }

  /** Ends all streams, and until `resume` each that begins: a request may still come while a server stops. */
  end(): void {
    this.#isOver = true;
    for (const reader of this.#readers) end(reader);
  }

  /** Streams last again. */
  resume(): void {
    this.#isOver = false;
  }

  async *#read(since: string, left: AbortSignal | undefined): AsyncGenerator<Uint8Array, void> {
    const isOver = this.#isOver || left?.aborted === true;
    const reader: Reader = { waiting: [], isOver, wake: () => {} };
    this.#enter(reader);
    left?.addEventListener('abort', () => end(reader));
    try {
      yield Buffer.from(`retry: ${retryMs}\nid: ${this.last}\n\n`);
      const missed = this.#since(since);
      if (missed.length > 0) yield this.#written({ number: this.#number, paths: missed });
      while (!reader.isOver) {
        const next = reader.waiting.shift();
        if (next !== undefined) yield next;
        else
          await new Promise<void>(resolve => {
            reader.wake = resolve;
          });
      }
    } finally {
      this.#leave(reader);
    }
  }

  #enter(reader: Reader): void {
    this.#readers.add(reader);
    this.#pings ??= setInterval(() => {
      for (const { waiting, wake } of this.#readers) {
        if (waiting.length === 0) waiting.push(ping);
        wake();
      }
    }, pingIntervalMs).unref();
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    clearInterval(this.#pings);
    this.#pings = undefined;
  }

  #since(id: string): readonly string[] {
    if (id === this.last) return [];
    const first = this.#kept.findIndex(({ number }) => this.#idOf(number - 1) === id);
    if (first === -1) return ['/'];
    return [...new Set(this.#kept.slice(first).flatMap(({ paths }) => paths))];
  }

  #idOf(number: number): string {
    return `${this.#epoch}-${number}`;
  }

  #written({ number, paths }: LiveEvent): Uint8Array {
    return Buffer.from(`id: ${this.#idOf(number)}\nevent: change\ndata: ${JSON.stringify(paths)}\n\n`);
  }
}

function end(reader: Reader): void {
  reader.isOver = true;
  reader.wake();
}

/** How soon a page asks again when the stream has ended. */
const retryMs = 500;
const ping = Buffer.from(': still here\n\n');
