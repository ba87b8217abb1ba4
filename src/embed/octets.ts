import { StreamFailure } from '../http/message.ts';
import { GrowthFailure } from '../server/growth.ts';
import { type Body, discardBody, readExactly, SendFailure } from '../server/send.ts';

/** A body that is not there as a whole. */
export type OpenBody = Exclude<Body, { kind: 'bytes' }>;

/** Who is told about octets. */
export interface OctetsMeans {
  /** When no more will come: how many there were, and whether those were all. Called once. */
  readonly told: (contentBytes: number, outcome: 'completed' | 'aborted') => void;
  /** Why the rest could not be had. */
  readonly report: (why: string) => void;
}

/** Octets of a file that are read at once: fewer cost more calls, more are held for a reader that stalls. */
const stepBytes = 128 * 1024;

/**
 * The octets of a body, made as they are asked for. Each chunk is its reader's own. `next` rejects when the rest cannot
 * be had: what was given is then known to be incomplete. Who does not read to the end calls `return`, else what is open
 * stays open; for who forgets it, `letGoWith` has the collector of garbage do so.
 */
export class Octets implements AsyncIterableIterator<Uint8Array> {
  readonly #body: OpenBody;
  readonly #means: OctetsMeans;
  readonly #making: AsyncGenerator<Uint8Array, void>;
  readonly #left: AbortController = new AbortController();
  #isBegun = false;

  constructor(body: OpenBody, means: OctetsMeans) {
    this.#body = body;
    this.#means = means;
    this.#making = this.#make();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, void>> {
    this.#isBegun = true;
    return this.#making.next();
  }

  /** Gives back what is open. */
  async return(): Promise<IteratorResult<Uint8Array, void>> {
    this.#left.abort();
    // What has not begun has nothing of its own to give back with.
    if (!this.#isBegun) {
      this.#isBegun = true;
      discardBody(this.#body);
      this.#means.told(0, 'aborted');
    }
    return this.#making.return();
  }

  /** Gives back what is open once nobody holds `reader` any more. */
  letGoWith(reader: WeakKey): void {
    forgotten.register(reader, this);
  }

  async *#make(): AsyncGenerator<Uint8Array, void> {
    let made = 0;
    let outcome: 'completed' | 'aborted' = 'aborted';
    try {
      for await (const octets of piecesOf(this.#body, this.#left.signal)) {
        yield octets;
        made += octets.length;
      }
      outcome = 'completed';
    } catch (error) {
      const isExpected = [SendFailure, StreamFailure, GrowthFailure].some(kind => error instanceof kind);
      this.#means.report(isExpected ? (error as Error).message : `bug: ${String(error)}`);
      throw error;
    } finally {
      this.#means.told(made, outcome);
    }
  }
}

const forgotten = new FinalizationRegistry<Octets>(octets => void octets.return());

function piecesOf(body: OpenBody, left: AbortSignal): AsyncIterable<Uint8Array> {
  switch (body.kind) {
    case 'file':
      return fileOctets(body);
    case 'growing':
      return copies(body.growth.octets());
    case 'stream':
      return streamOctets(body, left);
  }
}

async function* fileOctets({
  file,
  pieces,
}: Extract<OpenBody, { kind: 'file' }>): AsyncGenerator<Uint8Array> {
  const lastRange = pieces.findLast(piece => !(piece instanceof Uint8Array));
  try {
    for (const piece of pieces) {
      if (piece instanceof Uint8Array) {
        yield piece;
        continue;
      }
      for (let position = piece.first; position <= piece.last; ) {
        const length = Math.min(stepBytes, piece.last - position + 1);
        const octets = Buffer.allocUnsafeSlow(length);
        // What is kept in memory is others' too.
        if (file.content !== undefined) octets.set(file.content.subarray(position, position + length));
        else await readExactly(file, octets, length, position);
        position += length;
        // Checked before the last octets leave: a mixed content must not look whole.
        const isLast = piece === lastRange && position > piece.last;
        if (isLast && !(await file.isUnchanged()))
          throw new SendFailure('the file changed while it was sent');
        yield octets;
      }
    }
  } finally {
    file.close();
  }
}

async function* streamOctets(
  { chunks, length, release }: Extract<OpenBody, { kind: 'stream' }>,
  left: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let made = 0;
  try {
    for await (const octets of copies(chunks(left))) {
      made += octets.length;
      if (length !== undefined && made > length) throw new SendFailure('more was made than was announced');
      yield octets;
    }
    if (length !== undefined && made < length) throw new SendFailure('less was made than was announced');
  } finally {
    release();
  }
}

/** Octets that others hold too, or that their maker uses again, are copied; empty chunks are left out. */
async function* copies(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const octets of chunks) if (octets.length > 0) yield new Uint8Array(octets);
}
