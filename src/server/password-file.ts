import { constants, readFileSync, realpathSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { isHidden } from '../store/store.ts';
import { type LineFault, parseHtpasswd } from './htpasswd.ts';

/** Octets of a file that is still read: some ten thousand users. */
const fileBytesMax = 1024 * 1024;

/** How soon a changed file is seen. */
const lookEachMs = 1000;

/** What a password file needs to know of the folders that are served, where it must not be found. */
export interface Served {
  readonly folders: readonly string[];
  readonly dotfiles: boolean;
}

/** A password file as it is now, or everything that is wrong with it. */
export type PasswordReading =
  | { readonly kind: 'read'; readonly octets: Buffer; readonly users: ReadonlyMap<string, string> }
  /** Without a line it is the file itself that cannot be used. */
  | {
      readonly kind: 'fault';
      readonly faults: readonly (Pick<LineFault, 'why'> & Partial<LineFault>)[];
    };

/** Reads a password file now, and judges each of its lines. */
export function readPasswordFile(path: string, served: Served): PasswordReading {
  const fault = (why: string): PasswordReading => ({ kind: 'fault', faults: [{ why }] });
  try {
    const status = statSync(path);
    if (!status.isFile()) return fault('is not a file');
    if (status.size > fileBytesMax) return fault(`is larger than ${fileBytesMax} octets`);
    if (isServed(path, served)) return fault('lies in the folder that is served, where anyone can read it');
    const octets = readFileSync(path);
    const { users, faults } = parseHtpasswd(octets.toString('latin1'));
    return faults.length > 0 ? { kind: 'fault', faults } : { kind: 'read', octets, users };
  } catch (error) {
    return fault(`cannot be read: ${(error as Error).message}`);
  }
}

/**
 * The users of an htpasswd file, also once it has changed. A file that can no longer be read leaves them as they were,
 * and is reported once.
 */
export class PasswordFile {
  readonly #path: string;
  readonly #report: (line: string) => void;
  #octets: Buffer;
  #users: ReadonlyMap<string, string>;
  #revision = 0;
  #trouble: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(
    path: string,
    octets: Buffer,
    users: ReadonlyMap<string, string>,
    report: (line: string) => void,
  ) {
    this.#path = path;
    this.#octets = octets;
    this.#users = users;
    this.#report = report;
  }

  /** Reads the file now; why not, in words that name file and line, when it cannot be used. */
  static read(path: string, served: Served, report: (line: string) => void): PasswordFile | string {
    const reading = readPasswordFile(path, served);
    if (reading.kind === 'read') return new PasswordFile(path, reading.octets, reading.users, report);
    const [{ line, why } = { why: 'cannot be used' }] = reading.faults;
    return `${path}${line === undefined ? '' : `:${line}`}: ${why}`;
  }

  /** Looks now, and again and again from then on: what the file was when it was read may be long ago. */
  async watch(): Promise<void> {
    await this.#look();
    this.#beginWatch();
  }

  /** The hash of each user's password, by name; both as octets in Latin-1. To ask for it begins the watch. */
  get users(): ReadonlyMap<string, string> {
    this.#beginWatch();
    return this.#users;
  }

  /** Goes up when the users have changed. */
  get revision(): number {
    return this.#revision;
  }

  /** Ends the watch, until somebody asks for the users again. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #beginWatch(): void {
    this.#timer ??= setTimeout(() => this.#lookAgain(), lookEachMs).unref();
  }

  /** The next look begins when the last is over, however slow the disk is. */
  async #lookAgain(): Promise<void> {
    const timer = this.#timer;
    await this.#look();
    if (this.#timer === timer) this.#timer = setTimeout(() => this.#lookAgain(), lookEachMs).unref();
  }

  async #look(): Promise<void> {
    try {
      const octets = await readSmall(this.#path);
      if (octets.equals(this.#octets)) {
        this.#trouble = undefined;
        return;
      }
      const { users, faults } = parseHtpasswd(octets.toString('latin1'));
      const [fault] = faults;
      if (fault !== undefined) {
        this.#tell(`${this.#path}:${fault.line}: ${fault.why}`);
        return;
      }
      this.#octets = octets;
      this.#users = users;
      this.#revision += 1;
      this.#trouble = undefined;
    } catch (error) {
      this.#tell(`${this.#path}: cannot be read: ${(error as Error).message}`);
    }
  }

  #tell(trouble: string): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#report(`${trouble}; the users stay as they were`);
  }
}

/** Whether a client could ask for the file: it, or the link that is its name, lies in a folder and is not hidden there. */
function isServed(path: string, { folders, dotfiles }: Served): boolean {
  if (folders.length === 0) return false;
  const places = [realpathSync.native(path), join(realpathSync.native(dirname(path)), basename(path))];
  return folders.some(folder => {
    const real = realpathSync.native(resolve(folder));
    return places.some(place => {
      const names = relative(real, place).split(sep);
      const isOutside = names[0] === '..' || isAbsolute(names.join(sep));
      return !isOutside && (dotfiles || !names.some(isHidden));
    });
  });
}

async function readSmall(path: string): Promise<Buffer> {
  // It was a file once; if it is a pipe by now, opening it must not wait for a writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new Error('it is not a file');
    if (status.size > fileBytesMax) throw new Error(`it is larger than ${fileBytesMax} octets`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
