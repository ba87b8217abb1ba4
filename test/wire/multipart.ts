// Reads a multipart/byteranges content strictly: RFC 9110 §14.6, RFC 2046 §5.1.
import assert from 'node:assert/strict';
import { field, type WireResponse } from './client.ts';

/** One part: which bytes it says it is, of how many, and the bytes. */
export interface Part {
  readonly mediaType: string | undefined;
  readonly first: number;
  readonly last: number;
  readonly length: number;
  readonly content: Buffer;
}

/** The parts in order; fails the test when the content is anything else than these parts. */
export function parts(response: WireResponse): readonly Part[] {
  const type = /^multipart\/byteranges; boundary=([\w'()+,\-./:=?]{1,70})$/.exec(
    field(response, 'content-type') ?? '',
  );
  assert.ok(type !== null, `no multipart: ${field(response, 'content-type')}`);
  const delimiter = `--${type[1]}`;
  const { content } = response;
  const found: Part[] = [];
  let at = 0;
  for (;;) {
    const opening = `${at === 0 ? '' : '\r\n'}${delimiter}`;
    assert.equal(content.toString('latin1', at, at + opening.length), opening);
    at += opening.length;
    if (content.toString('latin1', at, at + 2) === '--') {
      assert.equal(content.toString('latin1', at + 2), '\r\n');
      return found;
    }
    const headEnd = content.indexOf('\r\n\r\n', at);
    assert.ok(headEnd > at, 'a part without a head');
    const head = content.toString('latin1', at, headEnd);
    const range = /\r\nContent-Range: bytes (\d+)-(\d+)\/(\d+)/.exec(head);
    assert.ok(range !== null, `a part without Content-Range: ${head}`);
    const [first, last, length] = [Number(range[1]), Number(range[2]), Number(range[3])];
    at = headEnd + 4 + (last - first + 1);
    found.push({
      mediaType: /\r\nContent-Type: ([^\r]*)/.exec(head)?.[1],
      first,
      last,
      length,
      content: content.subarray(headEnd + 4, at),
    });
  }
}
