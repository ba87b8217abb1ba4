import { realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { isHidden } from './store.ts';
import type { System, SystemFailure } from './system.ts';

/** Where a path under the root really leads: a path without links that may be seen, or why it may not. */
export type Place =
  | {
      readonly kind: 'real';
      readonly path: string;
      /** The root's own path without links, when there was none below it either. */
      readonly directlyBelow: string | undefined;
    }
  | { readonly kind: 'denied'; readonly why: string };

/** What a root lets be seen. */
export interface RootRules {
  readonly dotfiles: boolean;
  readonly followSymlinks: boolean;
  /** Files that are there for the server and not for its clients, by their paths, absolute and without links above; they may become more. */
  readonly withheld?: Pick<ReadonlySet<string>, 'has'>;
}

/** How long a root's real path is believed: a link that a deployment flips is noticed after this at the latest. */
const realRootBelievedMs = 1000;
/** Looks before a root that is flipped under each of them is given up. */
const looksMax = 8;

const outside: Place = { kind: 'denied', why: 'outside the root' };
const withheld: Place = { kind: 'denied', why: 'it is there for the server' };
const codingSuffix = /(?:\.(?:br|zst|gz))+$/;

/** The folder that is served, and the judgement of what belongs to it. */
export class Root {
  /** As it was named, made absolute; a link in it is followed anew with every look. */
  readonly path: string;
  readonly #rules: RootRules;
  readonly #system: System;
  #real: string;
  #believedUntilMs: number;

  /** Throws what the system throws when nothing stands at `path`, which is absolute. */
  constructor(path: string, rules: RootRules, system: System) {
    this.path = path;
    this.#rules = rules;
    this.#system = system;
    this.#real = realpathSync.native(path);
    this.#believedUntilMs = performance.now() + realRootBelievedMs;
  }

  /** Its path without links, where that is known without a look; `nowMs` is of the monotonic clock. */
  believed(nowMs: number): string | undefined {
    return nowMs < this.#believedUntilMs ? this.#real : undefined;
  }

  /** Whether a path without links is below it, by where it was when it was last looked at. */
  holds(path: string): boolean {
    return isInside(this.#real, path);
  }

  /** Whether names among these segments are hidden by the rules. */
  hides(segments: readonly string[]): boolean {
    return !this.#rules.dotfiles && segments.some(isHidden);
  }

  /** Whether a path is that of a file that is withheld, or of one of its codings. */
  withholds(path: string): boolean {
    const { withheld } = this.#rules;
    return withheld?.has(path.replace(codingSuffix, '')) === true;
  }

  /** Follows these segments from the root through every link and judges where they lead. */
  async locate(segments: readonly string[]): Promise<Place | SystemFailure> {
    const path = join(this.path, ...segments);
    let root = performance.now() < this.#believedUntilMs ? this.#real : await this.#refresh();
    for (let look = 1; look <= looksMax; look += 1) {
      const real = await this.#system.realPath(path);
      if (real instanceof Error) {
        // Only a root behind a link can be flipped, and the old one removed, while the walk passes through it.
        if (root === this.path || real.code !== 'ENOENT') return real;
      } else if (isInside(root, real)) return this.#judge(root, real, segments);
      const fresh = await this.#refresh();
      if (fresh === root) {
        // The root stood still before and after the look, so the look is true.
        if (real instanceof Error) return real;
        return this.#rules.followSymlinks ? this.#judge(root, real, segments) : outside;
      }
      root = fresh;
    }
    return outside;
  }

  /**
   * Whether what was opened as `expected`, judged before, may be read now that the system tells its path as `real`.
   * A path may differ and be good: a file system that ignores case may tell it as it was first asked for. Linux adds
   * ` (deleted)` to the path of what is removed.
   */
  async admits(real: string, expected: string): Promise<boolean> {
    if (real === expected) return true;
    if (real.endsWith(' (deleted)')) return false;
    if (this.withholds(real)) return false;
    const root = await this.#refresh();
    return (this.#rules.followSymlinks || isInside(root, real)) && !this.#hidesBehindLink(root, real);
  }

  #judge(root: string, real: string, segments: readonly string[]): Place {
    const named = join(root, ...segments);
    const linked = real !== named;
    if (this.withholds(real) || (linked && this.withholds(named))) return withheld;
    if (linked && this.#hidesBehindLink(root, real)) return { kind: 'denied', why: 'hidden, behind a link' };
    return { kind: 'real', path: real, directlyBelow: linked ? undefined : root };
  }

  /**
   * Links do not uncover what is hidden. Names that begin with two dots are let through: they are the steps out of
   * the root, where those are allowed, and the folders `..data` and `..2026_…` through which Kubernetes mounts
   * every file of a ConfigMap. A client still cannot ask for them by name.
   */
  #hidesBehindLink(root: string, real: string): boolean {
    if (this.#rules.dotfiles) return false;
    return relative(root, real)
      .split(sep)
      .some((name, depth) => isHidden(name, depth) && !name.startsWith('..'));
  }

  /** A root that cannot be resolved just now keeps the real path that it had. */
  async #refresh(): Promise<string> {
    const real = await this.#system.realPath(this.path);
    if (!(real instanceof Error)) {
      this.#real = real;
      this.#believedUntilMs = performance.now() + realRootBelievedMs;
    }
    return this.#real;
  }
}

/** Whether a path is the folder or below it; `/site-secret` is not below `/site`. */
function isInside(folder: string, path: string): boolean {
  if (!path.startsWith(folder)) return false;
  return path.length === folder.length || folder.endsWith(sep) || path[folder.length] === sep;
}
