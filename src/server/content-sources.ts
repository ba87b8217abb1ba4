import type { AnswerContent } from '../h2/sender.ts';
import { type ContentSource, contentSource } from './content-source.ts';
import type { ReadBuffers } from './read-buffers.ts';
import type { Body } from './send.ts';
import type { Turns } from './turns.ts';

/** What reads the contents of one connection's answers that are pulled, by their streams. */
export class ContentSources {
  readonly #buffers: ReadBuffers;
  readonly #turns: Pick<Turns<unknown>, 'hold' | 'letGo'>;
  readonly #sources = new Map<number, ContentSource>();

  /** `turns` is told of what holds a file or memory. */
  constructor(buffers: ReadBuffers, turns: Pick<Turns<unknown>, 'hold' | 'letGo'>) {
    this.#buffers = buffers;
    this.#turns = turns;
  }

  /** Takes over a body, and answers what its stream gets. */
  open(stream: number, body: Body): AnswerContent {
    const source = contentSource(body, this.#buffers);
    this.#sources.set(stream, source);
    if (source.isHolding) this.#turns.hold();
    return { kind: 'pulled', isUnhurried: source.isUnhurried };
  }

  /** The next piece for a stream; undefined when nothing is read for it. */
  next(stream: number, bytesMax: number): ReturnType<ContentSource['next']> | undefined {
    return this.#sources.get(stream)?.next(bytesMax);
  }

  /** The client will ask for nothing more: what has no end of its own ends. */
  leave(): void {
    for (const source of this.#sources.values()) source.leave();
  }

  /** Nothing more is read for this stream. */
  close(stream: number): void {
    const source = this.#sources.get(stream);
    if (source === undefined) return;
    this.#sources.delete(stream);
    source.close();
    if (source.isHolding) this.#turns.letGo();
  }

  /** Nothing more is read for any. */
  closeAll(): void {
    for (const stream of [...this.#sources.keys()]) this.close(stream);
  }
}
