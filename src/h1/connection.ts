/**
 * h1/: the wire form of HTTP/1.1 (RFC 9112) as a machine of values. Bytes go in with `receive`, events come
 * out of `next`, and `respond` turns a response into the bytes of its head. No socket, timer or clock here.
 */
import type { Limits } from '../http/limits.ts';
import type { RequestHead, Response } from '../http/message.ts';

/** What the connection wants its driver to do now. */
export type H1Event =
  /** Nothing to do until more is received. */
  | { readonly kind: 'need-bytes' }
  /** The client waits for leave to send its content: write `continueBytes`, then call `next` again. RFC 9110 §10.1.1. */
  | { readonly kind: 'continue' }
  /** A whole request was read and its content dropped. Answer it with `respond` before `next` is called again. */
  | { readonly kind: 'request'; readonly head: RequestHead }
  /** The input broke a rule. Answer with `respond`; the connection ends after that answer. */
  | { readonly kind: 'violation'; readonly status: number; readonly why: string; readonly head: RequestHead | undefined }
  /** No further request will come; end the connection. */
  | { readonly kind: 'ended' };

/** What the machine is waiting for; the driver chooses its time-out by it. */
export type H1Phase = 'idle' | 'head' | 'content' | 'answering' | 'ended';

/** The head of an answer, ready to be written. */
export interface OutgoingHead {
  readonly bytes: Buffer;
  /** False for HEAD, 204 and 304: nothing follows the head. */
  readonly sendsContent: boolean;
  /** False when the connection ends after this answer. */
  readonly isPersistent: boolean;
}
