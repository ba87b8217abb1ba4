/** Octets that may be sent before the other side says more, at first. RFC 9113 §6.9.2. */
export const initialWindowBytes = 65_535;

/** No window may be larger. RFC 9113 §6.9.1. */
export const windowBytesMax: number = 2 ** 31 - 1;

/** A window that has become larger, or smaller and perhaps negative; undefined when that is more than a window can be. */
export function widened(windowBytes: number, by: number): number | undefined {
  const wider = windowBytes + by;
  return wider > windowBytesMax ? undefined : wider;
}

/**
 * What the other side may send us: all that was received and dropped is given back, half a window at a time. So more is
 * free than any frame takes, and nobody can be seen to send too much: what they know of is not known here. RFC 9113 §6.9.
 */
export class ReceiveWindow {
  #droppedBytes = 0;

  /** Gives octets back; answers the increment to announce now, 0 while it can wait. */
  drop(bytes: number): number {
    this.#droppedBytes += bytes;
    if (this.#droppedBytes < initialWindowBytes / 2) return 0;
    const increment = this.#droppedBytes;
    this.#droppedBytes = 0;
    return increment;
  }
}
