import { realpathSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type PlacedFolder, segmentsOf } from '../config/mount-values.ts';
import { OptionError, type Settings } from '../config/options.ts';
import {
  type AddressesByPlace,
  addresses,
  addressesByPlace,
  notShared,
  type PlaceRule,
} from '../features/addresses.ts';
import { type Auth, auth, type GuardedPlace } from '../features/auth.ts';
import { cors } from '../features/cors.ts';
import type { Finisher, Gate } from '../features/feature.ts';
import { hosts } from '../features/hosts.ts';
import { hsts } from '../features/hsts.ts';
import { type Secure, secure } from '../features/secure.ts';
import { originOf } from '../http/forwarded.ts';
import type { StoredFile } from '../http/message.ts';
import type { AccessRule, RuleSet, TellRule } from '../rules/rules.ts';
import { inRanges } from '../server/address-ranges.ts';
import type { HandlerParts } from '../server/handler.ts';
import { ownHosts } from '../server/own-hosts.ts';
import type { PasswordChecks } from '../server/password-checks.ts';
import { PasswordFile } from '../server/password-file.ts';
import type { Service } from '../server/service.ts';
import { SignIn } from '../server/sign-in.ts';

/** What decides who may see what, as parts of a handler. */
export interface Access {
  /** In the order in which they are asked: what costs least comes first, and a preflight never bears a password. */
  readonly guards: readonly Gate[];
  /** Which places a request may reach; undefined: all. */
  readonly reach: HandlerParts['reach'];
  /** Which names it may be shown; undefined: all. */
  readonly shows: HandlerParts['shows'];
  /** What may be told of a path that has changed; undefined: itself. */
  readonly publicPathOf: Auth['publicPathOf'] | undefined;
  /** Which pages get a policy of their own; undefined: none. */
  readonly hasPolicy: Secure['isFor'] | undefined;
  /** In the order in which they apply, before the rules of the site. */
  readonly firstFinishers: readonly Finisher[];
  /** In the order in which they apply; nothing comes after them. */
  readonly finishers: readonly Finisher[];
  /** Reads what may have changed since it was composed, or rested. */
  readonly ready: () => Promise<void>;
  readonly rest: () => void;
}

/** What the guards of all sites of a server have in common. */
export interface AccessMeans {
  /** Those that are served. */
  readonly folders: readonly PlacedFolder[];
  /** Those that have a site of their own. */
  readonly hosts: readonly string[];
  /** Bounds what is spent on passwords. */
  readonly passwordChecks: PasswordChecks;
  readonly report: (line: string) => void;
  /** Is told which rules apply, when a decision is to be explained. */
  readonly tell: TellRule | undefined;
}

/** Of the rules those count that say who may see what. Throws an OptionError for a password file that cannot be used. */
export function openAccess(settings: Settings, rules: RuleSet, means: AccessMeans): Access {
  const { dev, allow, deny } = settings;
  const allowedHosts = settings.allowedHosts ?? (dev ? [...ownHosts(), ...settings.hosts] : undefined);
  const allowed = allowedHosts && [...allowedHosts, ...means.hosts];
  const isShared = settings.cors !== undefined || rules.cors.length > 0;
  const shared = isShared ? cors(settings.cors, rules.cors, means.tell) : undefined;
  const secured =
    settings.secure || rules.secure.length > 0
      ? secure(settings.secure, rules.secure, means.tell)
      : undefined;
  const passwords = settings.auth.length > 0 ? openPasswords(settings, means) : undefined;
  const placed = rules.access.length > 0 ? addressesByPlace(rules.access.map(ready), means.tell) : undefined;
  const ranges = { allows: allow && inRanges(allow), denies: deny && inRanges(deny) };
  return {
    guards: [
      ...(allowed ? [hosts(allowed)] : []),
      ...(allow || deny ? [addresses(ranges)] : []),
      ...(placed ? [placed.guard] : []),
      ...(shared ? [shared.gate] : []),
      ...(passwords ? [passwords.auth.guard] : []),
    ],
    reach: reachOf(passwords?.auth, placed),
    shows: placed?.reach,
    publicPathOf: publicPathOf(passwords?.auth, placed),
    hasPolicy: secured?.isFor,
    firstFinishers: [...(allow || deny || placed ? [notShared] : []), ...(secured ? [secured.finisher] : [])],
    finishers: [
      ...(secured ? [secured.yielding] : []),
      ...(settings.hsts === undefined ? [] : [hsts(settings.hsts)]),
      ...(shared ? [shared.finisher] : []),
      ...(passwords ? [passwords.auth.finisher] : []),
    ],
    ready: async () => passwords?.ready(),
    rest: () => passwords?.rest(),
  };
}

/** A rule whose ranges can be asked. */
function ready({ allow, deny, ...rule }: AccessRule): PlaceRule {
  return { ...rule, allows: allow && inRanges(allow), denies: deny && inRanges(deny) };
}

/** What both of them let a request reach. */
function reachOf(signIn: Auth | undefined, placed: AddressesByPlace | undefined): Access['reach'] {
  if (placed === undefined) return signIn && (({ target }) => signIn.reach(target));
  return request => {
    const isServed = placed.reach(request);
    const isSignedIn = signIn?.reach(request.target);
    if (isServed === undefined || isSignedIn === undefined) return isServed ?? isSignedIn;
    return segments => isServed(segments) && isSignedIn(segments);
  };
}

/** Of what not every client may see, everybody is told only that something has changed. */
function publicPathOf(
  signIn: Auth | undefined,
  placed: AddressesByPlace | undefined,
): Access['publicPathOf'] {
  if (placed === undefined) return signIn?.publicPathOf;
  return path => (placed.isGuarded(segmentsOf(path)) ? '/' : (signIn?.publicPathOf(path) ?? path));
}

/**
 * The places that lead to a location without links. The folders are followed anew each time, since a deployment may flip
 * them; one that is gone just now is where it was. The first is the root; `served` is the folder in it that stands in its
 * stead.
 */
export function placesIn(
  folders: readonly PlacedFolder[],
  served: () => readonly string[],
): (found: Pick<StoredFile, 'location'>) => readonly (readonly string[])[] {
  const followed = folders.map(({ at, folder }) => ({ at, follow: following(resolve(folder)) }));
  return ({ location }) =>
    followed.flatMap(({ at, follow }, index) => {
      const names = relative(follow(), location).split(sep);
      if (names[0] === '..' || isAbsolute(names.join(sep))) return [];
      const above = index === 0 ? served() : [];
      const isBelow = above.every((name, depth) => name === names[depth]);
      return [[...at, ...(isBelow ? names.slice(above.length) : names)].filter(name => name !== '')];
    });
}

/**
 * What may be told of a path that has changed: as `publicPathOf` says, but the top, which stands for everything, where
 * another path to the same place is not to be told as it is.
 */
export function toldIn(
  folders: readonly PlacedFolder[],
  {
    served,
    placesOf,
    publicPathOf,
  }: {
    readonly served: () => readonly string[];
    readonly placesOf: ReturnType<typeof placesIn>;
    readonly publicPathOf: (path: string) => string;
  },
): (path: string) => string {
  if (folders.length < 2) return publicPathOf;
  const longestFirst = [...folders].sort((one, other) => other.at.length - one.at.length);
  return path => {
    const names = segmentsOf(path);
    const own = longestFirst.find(({ at }) => at.every((name, depth) => name === names[depth]));
    if (own === undefined) return publicPathOf(path);
    const above = own === folders[0] ? served() : [];
    const location = join(following(resolve(own.folder))(), ...above, ...names.slice(own.at.length));
    const others = placesOf({ location }).map(place => `/${place.join('/')}`);
    const isTold = others.every(other => other === '/' || publicPathOf(other) === other);
    return isTold || publicPathOf(path) !== path ? publicPathOf(path) : '/';
  };
}

/** The path without links that a path leads to now, or led to when it last led anywhere. */
function following(path: string): () => string {
  let real = path;
  return () => {
    try {
      real = realpathSync.native(path);
    } catch {
      // What was found there before is still judged by where it was.
    }
    return real;
  };
}

/** Whose request it is, where there are proxies that may say. */
export function trustedOrigin({ trustProxy }: Settings): Service['clientOf'] {
  if (trustProxy === undefined) return undefined;
  const isTrusted = inRanges(trustProxy);
  return (head, peer) => originOf(head.fields, peer, isTrusted);
}

/** Throws an OptionError for a file that cannot be used. One that several places name is one. */
function openPasswords(
  settings: Settings,
  { folders, passwordChecks, report }: AccessMeans,
): { readonly auth: Auth } & Pick<Access, 'ready' | 'rest'> {
  const files: PasswordFile[] = [];
  const users = new Map<string, SignIn>();
  const served = { folders: folders.map(({ folder }) => folder), dotfiles: settings.dotfiles };
  const base = segmentsOf(settings.base);
  const places = settings.auth.map(({ path, file }) => {
    const known = users.get(resolve(file));
    if (known !== undefined) return placeAt(base, path, known);
    const read = PasswordFile.read(resolve(file), served, report);
    if (typeof read === 'string') throw new OptionError(`--auth: ${read}`);
    files.push(read);
    const signIn = new SignIn(read, passwordChecks);
    users.set(resolve(file), signIn);
    return placeAt(base, path, signIn);
  });
  const ready = async (): Promise<void> => {
    for (const file of files) await file.watch();
  };
  const rest = (): void => {
    for (const file of files) file.rest();
  };
  return { auth: auth(places), ready, rest };
}

/** What guards the whole site guards what is outside of its base, too: there may be a page for errors. */
function placeAt(base: readonly string[], path: string, users: SignIn): GuardedPlace {
  return { segments: path === '/' ? [] : [...base, ...segmentsOf(path)], users };
}
