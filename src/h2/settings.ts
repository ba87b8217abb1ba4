import { initialWindowBytes, windowBytesMax } from './flow.ts';
import { type ConnectionFault, connectionFault, payloadBytesMax, readUint32, writeUint32 } from './frame.ts';

/** What the client wants of us; what it says for receiving pushes is of no use here. RFC 9113 §6.5.2. */
export interface PeerSettings {
  readonly headerTableBytes: number;
  /** The smallest of the sizes that were said together last, and of the one before them: the table was cut to it on the way. RFC 7541 §4.2. */
  readonly headerTableBytesLeast: number;
  readonly initialWindowBytes: number;
  readonly frameBytesMax: number;
  /** Undefined: not said. RFC 9218 §2.1. */
  readonly noRfc7540Priorities: number | undefined;
}

/** What holds before a client says anything. */
export const initialSettings: PeerSettings = {
  headerTableBytes: 4096,
  headerTableBytesLeast: 4096,
  initialWindowBytes,
  frameBytesMax: payloadBytesMax,
  noRfc7540Priorities: undefined,
};

/** The settings after those in a payload; a fault when one of them has a value that it may not have. RFC 9113 §6.5.2. */
export function readSettings(
  before: PeerSettings,
  octets: Uint8Array,
  start: number,
  end: number,
): PeerSettings | ConnectionFault {
  let settings: PeerSettings = { ...before, headerTableBytesLeast: before.headerTableBytes };
  for (let at = start; at < end; at += settingBytes) {
    const identifier = ((octets[at] as number) << 8) | (octets[at + 1] as number);
    const next = withSetting(settings, identifier, readUint32(octets, at + 2));
    if ('kind' in next) return next;
    settings = next;
  }
  return settings;
}

/** The payload that tells our settings. */
export function settingsPayload(streamsMax: number, fieldSectionBytesMax: number): Uint8Array {
  const settings: readonly (readonly [number, number])[] = [
    [identifiers.maxConcurrentStreams, streamsMax],
    [identifiers.maxHeaderListSize, fieldSectionBytesMax],
    [identifiers.noRfc7540Priorities, 1],
  ];
  const payload = new Uint8Array(settings.length * settingBytes);
  for (const [n, [identifier, value]] of settings.entries()) {
    payload[n * settingBytes + 1] = identifier;
    writeUint32(payload, n * settingBytes + 2, value);
  }
  return payload;
}

/** Octets of one setting. RFC 9113 §6.5.1. */
export const settingBytes = 6;

function withSetting(
  settings: PeerSettings,
  identifier: number,
  value: number,
): PeerSettings | ConnectionFault {
  switch (identifier) {
    case identifiers.headerTableSize:
      return {
        ...settings,
        headerTableBytes: value,
        headerTableBytesLeast: Math.min(settings.headerTableBytesLeast, value),
      };
    case identifiers.enablePush:
      return value > 1 ? connectionFault('protocolError', 'ENABLE_PUSH is neither 0 nor 1') : settings;
    case identifiers.initialWindowSize:
      if (value > windowBytesMax) return connectionFault('flowControlError', 'an initial window too large');
      return { ...settings, initialWindowBytes: value };
    case identifiers.maxFrameSize:
      if (value < payloadBytesMax || value >= 2 ** 24)
        return connectionFault('protocolError', 'MAX_FRAME_SIZE out of its range');
      return { ...settings, frameBytesMax: value };
    case identifiers.noRfc7540Priorities:
      if (value > 1) return connectionFault('protocolError', 'NO_RFC7540_PRIORITIES is neither 0 nor 1');
      // RFC 9218 §2.1: said once, it stays.
      if (settings.noRfc7540Priorities !== undefined && settings.noRfc7540Priorities !== value)
        return connectionFault('protocolError', 'NO_RFC7540_PRIORITIES has changed');
      return { ...settings, noRfc7540Priorities: value };
    default:
      // RFC 9113 §6.5.2: unknown ones mean nothing.
      return settings;
  }
}

const identifiers = {
  headerTableSize: 0x1,
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
  maxHeaderListSize: 0x6,
  noRfc7540Priorities: 0x9,
} as const;
