import type { Finisher } from '../features/feature.ts';
import type { StoredFile } from '../http/message.ts';
import { rulesBelow } from '../rules/base.ts';
import type { Dialect } from '../rules/lines.ts';
import {
  formatSource,
  joinRules,
  noRules,
  type ReadRules,
  type RuleFault,
  type RuleSet,
  type TellRule,
} from '../rules/rules.ts';
import type { Ruling } from '../site/site.ts';
import { hasSettled, type Look, neverFresh, type Store } from '../store/store.ts';
import { type Rulings, rulingsOf } from './rulings.ts';
import { readWhole, versionOf } from './versions.ts';

/** What the rules of a site are made from. */
export interface SiteRulesOptions {
  /** Holds the files of rules at its top. */
  readonly store: Store;
  /** Asked before the files' rules, and after them. */
  readonly before: RuleSet;
  readonly after: RuleSet;
  /** Where the top of the site is, from which all of them count; the very top by default. */
  readonly base?: readonly string[];
  readonly dialect: Dialect;
  readonly windows: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that is never set back. */
  readonly elapsed: () => number;
  readonly report: (line: string) => void;
  /** Is told which rules apply, when a decision is to be explained. */
  readonly tell: TellRule | undefined;
}

/** Names at the top of a site that hold rules, in lower case: these are read, and never served. */
export const ruleFileNames: readonly string[] = ['_headers', '_redirects', 'serve.json'];

/** Octets of a file of rules; a larger one is not read. */
export const ruleFileBytesMax: number = 1024 * 1024;

/** Faults told one by one when rules are read; the others are counted. */
const faultsToldMax = 20;

/** Times that a file which changes while it is read is read again. */
const attemptsMax = 4;

/** One file, as it was when it was read. */
interface KnownFile {
  /** What tells its version from others; undefined when the next look has to read it again. */
  readonly version: string | undefined;
  readonly read: ReadRules;
}

/**
 * The rules in the files of a site, read again when a file has changed: every answer rests on the looks at them as it
 * rests on the looks at what it sends. What cannot be read is reported once for each version, and the rest holds.
 */
export class SiteRules {
  readonly #options: SiteRulesOptions;
  #known: ReadonlyMap<string, KnownFile> = new Map();
  #looks: readonly Look[] = [];
  #rulings: Rulings;
  #pending: Promise<void> | undefined;

  constructor(options: SiteRulesOptions) {
    this.#options = options;
    this.#rulings = this.#rulingsFor([]);
  }

  /** What the rules say as they were last read. */
  get ruling(): Ruling | undefined {
    return this.#rulings.ruling;
  }

  /** The folder that is served instead of the root. */
  get folder(): readonly string[] {
    return this.#rulings.folder;
  }

  /** Whether what the rules say depends on the host that is asked for. */
  get readsHost(): boolean {
    return this.#rulings.readsHost;
  }

  /** Whether files that are no pages may be shown for a path that is not theirs. */
  get rewritesFiles(): boolean {
    return this.#rulings.rewritesFiles;
  }

  /** Whether listings show a name. */
  isListed(name: string): boolean {
    return this.#rulings.isListed(name);
  }

  /** Changes the fields of answers as the rules say. */
  get finisher(): Finisher {
    const finish = (...[request, response]: Parameters<Finisher>): ReturnType<Finisher> =>
      this.#rulings.finish?.(request, response) ?? response;
    return Object.assign(finish, { reads: [], title: 'rules' });
  }

  /**
   * Reads what has changed, which is over at once where nothing can have; what an answer then rests on is added to
   * `looks`. Never rejects for what a disk does.
   */
  renew(looks?: Look[]): Promise<void> | undefined {
    const elapsedMs = this.#options.elapsed();
    const isFresh = this.#looks.length > 0 && this.#looks.every(look => look.isFresh(elapsedMs));
    if (!isFresh) return this.#renewed(looks);
    looks?.push(...this.#looks);
    return undefined;
  }

  async #renewed(looks: Look[] | undefined): Promise<void> {
    this.#pending ??= this.#look().finally(() => {
      this.#pending = undefined;
    });
    await this.#pending;
    looks?.push(...this.#looks);
  }

  async #look(): Promise<void> {
    const looks: Look[] = [];
    const store = this.#options.store.noting?.(looks) ?? this.#options.store;
    const known = new Map<string, KnownFile>();
    for (const name of ruleFileNames) {
      const file = await this.#lookAt(name, store);
      known.set(name, file === 'unknown' ? this.#before(name) : file);
      // The look is as true when the file has been read, the answers until then are not.
      if (file === 'unknown') looks.push(neverFresh);
    }
    const isSame = [...known].every(([name, file]) => this.#known.get(name)?.read === file.read);
    this.#looks = looks;
    this.#known = known;
    if (isSame) return;
    this.#rulings = this.#rulingsFor([...known.values()].map(file => file.read.rules));
  }

  #rulingsFor(read: readonly RuleSet[]): Rulings {
    const { before, after, base = [], windows, tell } = this.#options;
    return rulingsOf(rulesBelow(joinRules([before, ...read, after]), base), windows, tell, base);
  }

  /** What was known of a file, to be read again. */
  #before(name: string): KnownFile {
    return { ...(this.#known.get(name) ?? absent), version: undefined };
  }

  /** 'unknown': something stands there and cannot be read just now. */
  async #lookAt(name: string, store: Store): Promise<KnownFile | 'unknown'> {
    const before = this.#known.get(name) ?? absent;
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const entry = await store.find([name]);
      if (entry.kind === 'absent' || entry.kind === 'folder') return absent;
      // What stands there and cannot be looked at just now is as it was.
      if (entry.kind === 'busy') return 'unknown';
      if (entry.kind === 'denied') return this.#unread(before, name, entry.why);
      const { file } = entry;
      const version = versionOf(file);
      if (before.version === version) return before;
      if (file.size > ruleFileBytesMax)
        return this.#unread(before, name, `it is larger than ${ruleFileBytesMax} bytes`, version);
      // A file that has only just been written may be written again without its stamps telling; asked before it is read.
      const isSettled = hasSettled(file, this.#options.now());
      const text = await textOf(file, store);
      if (text === undefined) continue;
      return { version: isSettled ? version : undefined, read: await this.#read(name, text, before) };
    }
    return 'unknown';
  }

  async #read(name: string, text: string, before: KnownFile): Promise<ReadRules> {
    const { readRuleFile } = await import('./read-rule-file.ts');
    const read = readRuleFile(name, text, this.#options.dialect);
    // A file that was read once more for safety says nothing new.
    if (JSON.stringify(read) === JSON.stringify(before.read)) return before.read;
    this.#tell(read.faults);
    return read;
  }

  #unread(before: KnownFile, name: string, why: string, version?: string): KnownFile {
    const faults = [{ source: { file: name }, why: `the file cannot be read: ${why}` }];
    const read = { rules: noRules, faults };
    if (JSON.stringify(read) === JSON.stringify(before.read)) return { version, read: before.read };
    this.#tell(faults);
    return { version, read };
  }

  #tell(faults: readonly RuleFault[]): void {
    for (const { source, why } of faults.slice(0, faultsToldMax))
      this.#options.report(`${formatSource(source)}: ${why}`);
    const more = faults.length - faultsToldMax;
    if (more > 0) this.#options.report(`${faults[0]?.source.file}: ${more} more lines cannot be kept`);
  }
}

const absent: KnownFile = { version: undefined, read: { rules: noRules, faults: [] } };

/** The whole text of a version; undefined when it cannot be had just now. */
async function textOf(file: StoredFile, store: Store): Promise<string | undefined> {
  const octets = await readWhole(file, store).catch(() => undefined);
  return octets instanceof Uint8Array
    ? Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString()
    : undefined;
}
