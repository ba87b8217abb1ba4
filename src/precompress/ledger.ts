import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContentCoding } from '../http/coding.ts';
import { reasonOf, writeAll } from './folder.ts';

/** A version of a file by what the system tells of it. */
export interface Stamps {
  readonly size: number;
  readonly modifiedNs: bigint;
  /** When anything about it changed last, which nobody can set. */
  readonly changedNs: bigint;
}

/** What came of coding one version of a file. */
export interface Entry {
  readonly source: Stamps & { readonly digest: string };
  /** The sibling; undefined when it would not have saved enough. */
  readonly made: { readonly size: number; readonly modifiedNs: bigint; readonly digest: string } | undefined;
}

/**
 * The ledger's name in the folder: hidden, so that this server does not serve it unless it is told to show dotfiles.
 * @internal
 */
export const ledgerName = '.plinth-precompress';

/** Nothing can be recorded any more, and so nothing be stored; the message says why. */
export class UnwritableLedger extends Error {}

/**
 * What earlier runs made in a folder, so that nothing else is ever replaced, and nothing is coded twice. A line is
 * added before each sibling appears and none is changed: a run that is killed, or another one at the same time, loses
 * nothing. It holds digests, no names: whoever serves it by mistake gives no name away.
 */
export class Ledger {
  readonly #path: string;
  readonly #entries: Map<string, Entry[]>;
  #heading: string;

  private constructor(path: string, entries: Map<string, Entry[]>, heading: string) {
    this.#path = path;
    this.#entries = entries;
    this.#heading = heading;
  }

  /**
   * Reads the ledger of a folder, where there is one. Lines that cannot be read are passed over: what they told of
   * counts as made by somebody else. Rejects with the system's error where something stands there that is no file,
   * or that may not be read.
   */
  static async of(folder: string): Promise<Ledger> {
    const path = join(folder, ledgerName);
    const text = await textOf(path);
    const entries = new Map<string, Entry[]>();
    for (const line of text.split('\n')) {
      const parsed = parse(line);
      if (parsed !== undefined) note(entries, parsed.key, parsed.entry);
    }
    return new Ledger(path, entries, text === '' ? explanation : '');
  }

  /** What came of a file, named relative to the folder, the last time that it was coded. */
  last(path: string, coding: ContentCoding): Entry | undefined {
    return this.#entries.get(keyOf(path, coding))?.at(-1);
  }

  /** Whether octets of this digest were made here for this file. */
  isOurs(path: string, coding: ContentCoding, digest: string): boolean {
    const entries = this.#entries.get(keyOf(path, coding)) ?? [];
    return entries.some(({ made }) => made?.digest === digest);
  }

  /** Adds an entry. Rejects with an `UnwritableLedger`. */
  async add(path: string, coding: ContentCoding, entry: Entry): Promise<void> {
    const key = keyOf(path, coding);
    // It ends the line before: one that was torn, by a crash or a full disk, must not swallow this one.
    const line = Buffer.from(`\n${this.#heading}${format(key, entry)}`);
    this.#heading = '';
    try {
      // Opened each time: a file that is moved or removed meanwhile does not take the rest with it.
      const file = await open(this.#path, appending, 0o644);
      await writeAll(file, line).finally(() => file.close());
    } catch (cause) {
      throw new UnwritableLedger(`${ledgerName}: ${reasonOf(cause)}`);
    }
    note(this.#entries, key, entry);
  }
}

/** A digest of octets as it stands in the ledger. */
export function digestText(octets: { digest(encoding: 'base64url'): string }): string {
  return octets.digest('base64url');
}

const explanation = `# Written by \`plinth precompress\`: what it made in this folder, by digests. Without this file it takes
# the .br, .zst and .gz files here for somebody else's and leaves them alone.
`;

const noLink = constants.O_NOFOLLOW ?? 0;
const appending = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | noLink;

async function textOf(path: string): Promise<string> {
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | noLink);
    try {
      if (!(await file.stat()).isFile())
        throw Object.assign(new Error(`${path} is no file`), { code: 'EEXIST' });
      return await file.readFile('latin1');
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function keyOf(path: string, coding: ContentCoding): string {
  return `${coding} ${createHash('sha256').update(path).digest('base64url')}`;
}

function note(entries: Map<string, Entry[]>, key: string, entry: Entry): void {
  const known = entries.get(key);
  if (known === undefined) entries.set(key, [entry]);
  else known.push(entry);
}

function format(key: string, { source, made }: Entry): string {
  const of = `${source.digest} ${source.size} ${source.modifiedNs} ${source.changedNs}`;
  return `${key} ${of} ${made === undefined ? '-' : `${made.digest} ${made.size} ${made.modifiedNs}`}`;
}

const lineText =
  /^(?<key>(?:br|zstd|gzip) [\w-]{43}) (?<of>[\w-]{43}) (?<size>\d{1,15}) (?<modified>-?\d{1,19}) (?<changed>-?\d{1,19}) (?:-|(?<made>[\w-]{43}) (?<madeSize>\d{1,15}) (?<madeModified>-?\d{1,19}))$/;

function parse(line: string): { readonly key: string; readonly entry: Entry } | undefined {
  const { key, of, size, modified, changed, made, madeSize, madeModified } =
    lineText.exec(line)?.groups ?? {};
  if (key === undefined || of === undefined || modified === undefined || changed === undefined)
    return undefined;
  return {
    key,
    entry: {
      source: {
        digest: of,
        size: Number(size),
        modifiedNs: BigInt(modified),
        changedNs: BigInt(changed),
      },
      made:
        made === undefined || madeModified === undefined
          ? undefined
          : { digest: made, size: Number(madeSize), modifiedNs: BigInt(madeModified) },
    },
  };
}
