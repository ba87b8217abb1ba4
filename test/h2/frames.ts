// Frames of HTTP/2 for tests, made and read as plainly as can be. RFC 9113 §4.1.

/** A frame that was read. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  /** With the bit that is reserved. */
  readonly stream: number;
  readonly payload: Buffer;
}

/** The preface of a client. RFC 9113 §3.4. */
export const clientPreface: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** The octets of a frame. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = new Uint8Array(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** The whole frames at the beginning of some octets, and what is left of them. */
export function readFrames(octets: Buffer): { readonly frames: readonly Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  while (octets.length - at >= 9) {
    const end = at + 9 + octets.readUIntBE(at, 3);
    if (end > octets.length) break;
    frames.push({
      type: octets[at + 3] ?? 0,
      flags: octets[at + 4] ?? 0,
      stream: octets.readUInt32BE(at + 5),
      payload: octets.subarray(at + 9, end),
    });
    at = end;
  }
  return { frames, rest: octets.subarray(at) };
}
