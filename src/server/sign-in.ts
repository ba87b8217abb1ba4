import { LRUCache } from 'lru-cache';
import type { Users, Verdict } from '../features/auth.ts';
import type { PasswordChecks } from './password-checks.ts';
import type { PasswordFile } from './password-file.ts';

/** How long the verdict on a name and a password holds, and how many of each kind are kept. */
const rightForMs = 300_000;
const wrongForMs = 30_000;
const verdictsMax = 1024;

/**
 * Tells users by their passwords. A verdict is remembered for a while under a keyed hash of name and password, so that
 * a visitor pays for the slow check once. A name that is not known is checked against the hash of somebody else, always
 * the same one, so that it costs what a known name could.
 */
export class SignIn implements Users {
  readonly #file: PasswordFile;
  readonly #checks: PasswordChecks;
  readonly #key: Buffer;
  readonly #right: LRUCache<string, true> = new LRUCache({ max: verdictsMax, ttl: rightForMs });
  readonly #wrong: LRUCache<string, true> = new LRUCache({ max: verdictsMax, ttl: wrongForMs });
  /** Checks under way: a browser asks on several connections at once. */
  readonly #pending = new Map<string, Promise<Verdict>>();

  constructor(file: PasswordFile, checks: PasswordChecks) {
    this.#file = file;
    this.#checks = checks;
    this.#key = process.getBuiltinModule('node:crypto').randomBytes(32);
  }

  readonly revision = (): number => this.#file.revision;

  readonly check = (name: string, password: Uint8Array, address: string): Promise<Verdict> | Verdict => {
    const { users } = this.#file;
    const key = this.#digest(String(this.#file.revision), name, password).toString('latin1');
    if (this.#right.has(key)) return 'right';
    if (this.#wrong.has(key)) return 'wrong';
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    const own = users.get(name);
    const hash = own ?? this.#strangersHash(users, name);
    const checked = this.#checks.check({ hash, password }, address).then(verdict => {
      this.#pending.delete(key);
      // The password of somebody else is as wrong as any.
      const isRight = verdict === 'right' && own !== undefined;
      if (verdict !== 'busy') (isRight ? this.#right : this.#wrong).set(key, true);
      return verdict === 'busy' || isRight ? verdict : 'wrong';
    });
    this.#pending.set(key, checked);
    return checked;
  };

  #strangersHash(users: ReadonlyMap<string, string>, name: string): string {
    const hashes = [...users.values()];
    const place = this.#digest('stranger', name).readUInt32BE() % hashes.length;
    return hashes[place] ?? '';
  }

  /** No part can run into the next: names have no control characters. */
  #digest(...parts: readonly (string | Uint8Array)[]): Buffer {
    const hash = process.getBuiltinModule('node:crypto').createHmac('sha256', this.#key);
    for (const part of parts) hash.update(part).update('\0');
    return hash.digest();
  }
}
