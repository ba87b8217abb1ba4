/** Octets of the stamp at both ends of a version. */
export const stampBytes = 40;

/** One version of a file. */
export interface Version {
  readonly version: number;
  /** Octets that the whole version has. */
  readonly length: number;
}

/** Octets of the versions kept; most answers hold one that was made lately. */
const keptBytesMax = 48 * 1024 * 1024;
let keptBytes = 0;
const kept = new Map<string, Buffer>();

/**
 * The octets of a version. They say which version it is and how long, first and last, and are filled with a pattern of
 * its own whose period fits no power of two: a piece of another version, or one from another place, shows.
 */
export function versionBytes({ version, length }: Version): Buffer {
  const key = `${version} ${length}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const bytes = makeVersion(version, length);
  kept.set(key, bytes);
  keptBytes += length;
  for (const [oldest, old] of kept) {
    if (keptBytes <= keptBytesMax) break;
    kept.delete(oldest);
    keptBytes -= old.length;
  }
  return bytes;
}

/** What the stamp at the beginning says; undefined when there is none. */
export function readStamp(content: Buffer): Version | undefined {
  const [, version, length] = stampForm.exec(content.toString('latin1', 0, stampBytes)) ?? [];
  return version === undefined ? undefined : { version: Number(version), length: Number(length) };
}

/** Why a content is not exactly one version; undefined when it is. */
export function notWhole(content: Buffer): string | undefined {
  const stamp = readStamp(content);
  if (stamp === undefined) return `no stamp in ${content.length} octets`;
  if (content.length !== stamp.length) return `${content.length} octets of version ${described(stamp)}`;
  return mixed(content, 0, stamp);
}

/**
 * Why a content is not the beginning of one version; undefined when it is. A file that is written in place has no
 * other states than these, and every one of them may be met.
 */
export function notBeginning(content: Buffer): string | undefined {
  if (content.length === 0) return undefined;
  const stamp = readStamp(content);
  if (stamp === undefined) return `no stamp in ${content.length} octets`;
  if (content.length > stamp.length) return `${content.length} octets of version ${described(stamp)}`;
  return mixed(content, 0, stamp);
}

/** Why octets are not those of a version from `first` on; undefined when they are. */
export function mixed(content: Buffer, first: number, stamp: Version): string | undefined {
  const expected = versionBytes(stamp).subarray(first, first + content.length);
  if (content.equals(expected)) return undefined;
  const at = content.findIndex((octet, index) => octet !== expected[index]);
  return `octet ${first + at} is not of version ${described(stamp)}`;
}

function makeVersion(version: number, length: number): Buffer {
  const stamp = Buffer.from(
    `v=${String(version).padStart(10, '0')} l=${String(length).padStart(10, '0')} torture\n`.padStart(
      stampBytes,
      '.',
    ),
  );
  const pattern = Uint8Array.from({ length: 251 }, (_, at) => (version * 7 + at) % 251);
  const bytes = Buffer.alloc(length, pattern);
  bytes.set(stamp.subarray(0, length));
  if (length >= 2 * stampBytes) bytes.set(stamp, length - stampBytes);
  return bytes;
}

function described({ version, length }: Version): string {
  return `${version} of ${length} octets`;
}

const stampForm = /v=(\d{10}) l=(\d{10}) torture\n$/;
