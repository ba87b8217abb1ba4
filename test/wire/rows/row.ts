// The shape of a row: what is asked and what must come back.
import type { FieldLine } from '../../../src/http/message.ts';
import { files } from '../site.ts';

/** One request and its answer. `ETAG` stands for the entity tag of `/a.txt`. */
export interface Row {
  readonly name: string;
  /** Method and target. */
  readonly ask: string;
  readonly fields?: readonly FieldLine[];
  readonly sends?: string;
  /** 'bare': the server without listing, clean URLs and codings. */
  readonly server?: 'bare';
  readonly status: number;
  /** The status over TLS, where that is another one. */
  readonly securedStatus?: number;
  /** Fields that the answer has; undefined: that it has not. */
  readonly has?: Readonly<Record<string, string | RegExp | undefined>>;
  readonly content?: string | RegExp;
}

/** The content of `/a.txt`. */
export const whole: string = files['a.txt'] ?? '';

/** What a browser, curl and a program that wants JSON say they accept. */
export const browser: FieldLine = [
  'Accept',
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8',
];
export const curl: FieldLine = ['Accept', '*/*'];
export const json: FieldLine = ['Accept', 'application/json'];

/** Two media types as Content-Type says them. */
export const html = 'text/html; charset=utf-8';
export const plain = 'text/plain; charset=utf-8';
