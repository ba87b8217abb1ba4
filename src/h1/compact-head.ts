import { transportFields } from '../http/answer-head.ts';
import type { FieldLine } from '../http/message.ts';
import { type Framing, headText } from './serialize.ts';

/** Forms that are told apart at once; beyond them all are noted anew. */
const formsMax = 1000;

/** What the heads of many files have in common: the lines before those that each has for itself, and after. */
interface Form {
  readonly status: number;
  readonly before: string;
  readonly after: string;
  /** Whether more than one head has it. */
  isShared: boolean;
}

/** The lines that hardly two files share, and the last of a head. */
const ownLines = /(?:(?:Last-Modified|ETag): [^\r]*\r\n)+/;
const lengthLine = /Content-Length: (\d+)\r\n$/;

/** Brings heads into the least room, for files that are sent now and then: of a hundred thousand each is nearly the same. */
export class HeadForms {
  #forms = new Map<string, Form>();

  /** `lines`: what comes behind the date, from the end of its line to that of the last. */
  compact(status: number, lines: string): CompactHead {
    const own = ownLines.exec(lines);
    const length = lengthLine.exec(lines);
    const ownStart = own?.index ?? lines.length;
    const ownEnd = ownStart + (own?.[0].length ?? 0);
    const afterEnd = length !== null && length.index >= ownEnd ? length.index : lines.length;
    const form = this.#form(status, lines.slice(0, ownStart), lines.slice(ownEnd, afterEnd));
    const contentLength = afterEnd === lines.length ? undefined : Number(length?.[1]);
    return new CompactHead(form, alone(lines.slice(ownStart, ownEnd)), contentLength);
  }

  #form(status: number, before: string, after: string): Form {
    const key = `${status}${before}\n${after}`;
    let form = this.#forms.get(key);
    if (form !== undefined) {
      form.isShared = true;
      return form;
    }
    if (this.#forms.size === formsMax) this.#forms = new Map();
    form = { status, before: alone(before), after: alone(after), isShared: false };
    this.#forms.set(alone(key), form);
    return form;
  }
}

/** A head that keeps its text and no octets. */
export class CompactHead {
  readonly #form: Form;
  readonly #own: string;
  readonly #contentLength: number | undefined;

  /** `own`: the lines between those of the form. */
  constructor(form: Form, own: string, contentLength: number | undefined) {
    this.#form = form;
    this.#own = own;
    this.#contentLength = contentLength;
  }

  get status(): number {
    return this.#form.status;
  }

  /** Octets of its field lines, but for those of its date, its length and its connection option. */
  get linesBytes(): number {
    const { before, after } = this.#form;
    return before.length + this.#own.length + after.length;
  }

  /** Octets that it holds of its own. */
  get bytesHeld(): number {
    const { before, after, isShared } = this.#form;
    return this.#own.length + (isShared ? 0 : before.length + after.length);
  }

  /** Writes its octets into `buffer` so that they end at `end`, and answers where they begin. */
  writeBefore(buffer: Buffer, end: number, framing: Framing): number {
    const text = headText(this.status, this.#lines, framing);
    const start = end - text.length;
    buffer.write(text, start, 'latin1');
    return start;
  }

  /** The field lines of the response that it was made from. */
  get fields(): readonly FieldLine[] {
    const lines = this.#lines.split('\r\n').slice(1, -1);
    return lines
      .map((line): FieldLine => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 2)];
      })
      .filter(([name]) => !transportFields.has(name.toLowerCase()));
  }

  get #lines(): string {
    const { before, after } = this.#form;
    const lines = `${before}${this.#own}${after}`;
    return this.#contentLength === undefined ? lines : `${lines}Content-Length: ${this.#contentLength}\r\n`;
  }
}

/** A part of a text holds the whole of it, and what was put together piece by piece its pieces. */
function alone(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
