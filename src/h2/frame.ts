/** Octets in front of every payload. RFC 9113 §4.1. */
export const frameHeadBytes = 9;

/** Octets of a payload that everybody takes, and the most that we take. RFC 9113 §4.2. */
export const payloadBytesMax: number = 16 * 1024;

/** What a frame is. RFC 9113 §6, RFC 9218 §7.1. */
export const frameType = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  rstStream: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goaway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
  priorityUpdate: 0x10,
} as const;

/** What a bit of a frame's flags says; the same bit says another thing of another type. RFC 9113 §6. */
export const frameFlag = {
  ack: 0x1,
  endStream: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

/** Why a stream or a connection ends. RFC 9113 §7. */
export const errorCode = {
  noError: 0x0,
  protocolError: 0x1,
  internalError: 0x2,
  flowControlError: 0x3,
  streamClosed: 0x5,
  frameSizeError: 0x6,
  refusedStream: 0x7,
  cancel: 0x8,
  compressionError: 0x9,
  enhanceYourCalm: 0xb,
} as const;

/** The client broke a rule in a way that ends the connection. RFC 9113 §5.4.1. */
export interface ConnectionFault {
  readonly kind: 'connection-fault';
  /** Of `errorCode`. */
  readonly code: number;
  readonly why: string;
}

/** Makes such a fault. */
export function connectionFault(code: keyof typeof errorCode, why: string): ConnectionFault {
  return { kind: 'connection-fault', code: errorCode[code], why };
}

/**
 * Cuts what is received into frames. A frame that comes whole is read where it lies; only the beginning of one whose rest
 * is still to come is copied. Each octet is copied once at most, however small the pieces.
 */
export class FrameReader {
  /** The last frame's, until `next` is called again: its payload lies in `buffer` from `start` up to `end`. */
  type = 0;
  flags = 0;
  stream = 0;
  buffer: Uint8Array = noOctets;
  start = 0;
  end = 0;

  #bytes: Uint8Array = noOctets;
  #at = 0;
  /** The beginning of a frame. */
  #held: Uint8Array = noOctets;
  #heldBytes = 0;

  /** Octets of a frame that is not whole yet. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Takes octets from `start` on. They are the caller's again once `next` has answered 'more'. */
  receive(bytes: Uint8Array, start: number): void {
    this.#bytes = bytes;
    this.#at = start;
  }

  /** Forgets what was received and not read. */
  clear(): void {
    this.#bytes = noOctets;
    this.#at = 0;
    this.#held = noOctets;
    this.#heldBytes = 0;
  }

  /** Goes to the next frame. 'more': it is not whole yet; 'too-long': its payload is larger than we take. */
  next(): 'frame' | 'more' | 'too-long' {
    if (this.#heldBytes > 0) return this.#nextHeld();
    const bytes = this.#bytes;
    const at = this.#at;
    const left = bytes.length - at;
    if (left < frameHeadBytes) return this.#hold(frameHeadBytes);
    const length = payloadLength(bytes, at);
    if (length > payloadBytesMax) return 'too-long';
    if (left < frameHeadBytes + length) return this.#hold(frameHeadBytes + length);
    this.#at = at + frameHeadBytes + length;
    return this.#show(bytes, at, this.#at);
  }

  #nextHeld(): 'frame' | 'more' | 'too-long' {
    if (this.#heldBytes < frameHeadBytes) {
      if (!this.#fill(frameHeadBytes)) return 'more';
      const length = payloadLength(this.#held, 0);
      if (length > payloadBytesMax) return 'too-long';
      const whole = new Uint8Array(frameHeadBytes + length);
      whole.set(this.#held.subarray(0, frameHeadBytes));
      this.#held = whole;
    }
    if (!this.#fill(this.#held.length)) return 'more';
    const whole = this.#held;
    this.#held = noOctets;
    this.#heldBytes = 0;
    return this.#show(whole, 0, whole.length);
  }

  /** Keeps the octets that are left, in room for `size`. */
  #hold(size: number): 'more' {
    if (this.#at < this.#bytes.length) {
      this.#held = new Uint8Array(size);
      this.#fill(size);
    }
    this.#bytes = noOctets;
    this.#at = 0;
    return 'more';
  }

  /** Goes on filling what is held; whether it has so many octets now. */
  #fill(size: number): boolean {
    const taken = Math.min(size - this.#heldBytes, this.#bytes.length - this.#at);
    this.#held.set(this.#bytes.subarray(this.#at, this.#at + taken), this.#heldBytes);
    this.#at += taken;
    this.#heldBytes += taken;
    return this.#heldBytes === size;
  }

  #show(buffer: Uint8Array, at: number, end: number): 'frame' {
    this.type = buffer[at + 3] as number;
    this.flags = buffer[at + 4] as number;
    // The highest bit is reserved and means nothing.
    this.stream = readUint31(buffer, at + 5);
    this.buffer = buffer;
    this.start = at + frameHeadBytes;
    this.end = end;
    return 'frame';
  }
}

/** Octets of padding with the one that tells their length; none without the flag. Faults: more padding than there is payload. RFC 9113 §6.1. */
export function paddingOf({ flags, buffer, start, end }: FrameReader): number | ConnectionFault {
  if ((flags & frameFlag.padded) === 0) return 0;
  if (start === end) return connectionFault('frameSizeError', 'padding without a length');
  const padding = (buffer[start] as number) + 1;
  return padding > end - start ? connectionFault('protocolError', 'more padding than payload') : padding;
}

/** The 31 bits at `at`; the highest bit of the four octets is left out. */
export function readUint31(octets: Uint8Array, at: number): number {
  return readUint32(octets, at) & 0x7fffffff;
}

/** The 32 bits at `at`. */
export function readUint32(octets: Uint8Array, at: number): number {
  const high = ((octets[at] as number) << 8) | (octets[at + 1] as number);
  const low = ((octets[at + 2] as number) << 8) | (octets[at + 3] as number);
  return ((high << 16) | low) >>> 0;
}

/** Writes 32 bits at `at`. */
export function writeUint32(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 24;
  octets[at + 1] = value >>> 16;
  octets[at + 2] = value >>> 8;
  octets[at + 3] = value;
}

/** Writes the head of a frame, and answers where its payload begins. */
export function writeFrameHead(
  octets: Uint8Array,
  at: number,
  length: number,
  type: number,
  flags: number,
  stream: number,
): number {
  octets[at] = length >>> 16;
  octets[at + 1] = length >>> 8;
  octets[at + 2] = length;
  octets[at + 3] = type;
  octets[at + 4] = flags;
  writeUint32(octets, at + 5, stream);
  return at + frameHeadBytes;
}

function payloadLength(octets: Uint8Array, at: number): number {
  return ((octets[at] as number) << 16) | ((octets[at + 1] as number) << 8) | (octets[at + 2] as number);
}

const noOctets = new Uint8Array(0);
