import { type FieldLine, noContent, type Request, type Response } from '../http/message.ts';
import { formatPath, type Target } from '../http/target.ts';
import { folded, stem } from '../rules/widely.ts';
import type { Finisher, Gate } from './feature.ts';

/** Who may see a place. */
export interface Users {
  /** Whether this is a user with this password; 'busy': nobody can tell just now. `name` is its octets as Latin-1. */
  readonly check: (name: string, password: Uint8Array, address: string) => Promise<Verdict> | Verdict;
  /** Another number whenever the users have changed. */
  readonly revision: () => number;
}

/** What became of a name and a password. */
export type Verdict = 'right' | 'wrong' | 'busy';

/** A place whose visitors have to say who they are. */
export interface GuardedPlace {
  /** Its path, decoded; none: the whole site. */
  readonly segments: readonly string[];
  readonly users: Users;
}

/** What guards places, in the three ways in which it has to. */
export interface Auth {
  /** 401 for whoever is none of the users of the place; 503 when too many are being checked. RFC 7617. */
  readonly guard: Gate;
  /** Keeps what somebody was let in for out of shared caches. */
  readonly finisher: Finisher;
  /** Where a request that was let pass may look: its own place, others of the same users, and what nobody guards. */
  readonly reach: (target: Target) => ((segments: readonly string[]) => boolean) | undefined;
  /**
   * What whoever may see the site may be told of a path that has changed (`/a/b.css`): the path; the guarded place that it
   * is in; the root, which stands for everything, where even that would tell a name.
   */
  readonly publicPathOf: (path: string) => string;
}

/**
 * Guards places, each with everything below it; of several that hold a path, the longest counts. Paths are compared as
 * the look-up reads them and more widely than any file system would: in any case, in any form of Unicode, and a name in
 * a guarded path stands for all forms of it (`/admin` for `admin.html`, `admin.zh.html`, `admin.html.br`), since one
 * may be sent in place of the other.
 */
export function auth(places: readonly GuardedPlace[]): Auth {
  const longestFirst = places
    .map(place => ({ ...place, folded: place.segments.map(folded), challenge: challengeOf(place) }))
    .sort((one, other) => other.segments.length - one.segments.length);
  const placeOf = (segments: readonly string[]): (typeof longestFirst)[number] | undefined =>
    longestFirst.find(place => holds(place.folded, segments));

  const judge = ({ target, fields, client }: Request): ReturnType<Gate> => {
    // `OPTIONS *` asks about the server as a whole.
    const place = placeOf(target.kind === 'path' ? target.segments : []);
    if (place === undefined) return undefined;
    const credentials = credentialsIn(fields.get('authorization'));
    if (credentials === undefined) return refusal(place.challenge);
    const verdict = place.users.check(credentials.name, credentials.password, client.address);
    return typeof verdict === 'string'
      ? answerTo(verdict, place.challenge)
      : verdict.then(late => answerTo(late, place.challenge));
  };

  const reach: Auth['reach'] = target => {
    if (longestFirst.every(({ segments }) => segments.length === 0)) return undefined;
    const own = target.kind === 'path' ? placeOf(target.segments) : undefined;
    return segments => {
      const place = placeOf(segments);
      return place === undefined || place.users === own?.users;
    };
  };

  const publicPathOf: Auth['publicPathOf'] = path => {
    const names = path.split('/').filter(name => name !== '');
    const place = placeOf(names);
    if (place === undefined || place.folded.length === 0) return path;
    const shown = names.slice(0, place.folded.length);
    return shown.every((name, at) => folded(name) === place.folded[at]) ? `/${shown.join('/')}` : '/';
  };

  const users = [...new Set(places.map(place => place.users))];
  const revision = (): number => users.reduce((sum, one) => sum + one.revision(), 0);
  return {
    guard: Object.assign(judge, { reads: ['authorization'], revision, title: 'sign-in' }),
    finisher: Object.assign(keepPrivate, { reads: ['authorization'], title: 'sign-in' }),
    reach,
    publicPathOf,
  };
}

function answerTo(verdict: Verdict, challenge: FieldLine): Response | undefined {
  switch (verdict) {
    case 'right':
      return undefined;
    case 'wrong':
      return { ...refusal(challenge), note: 'a wrong name or password' };
    case 'busy':
      return {
        status: 503,
        fields: [['Retry-After', '1']],
        content: noContent,
        note: 'too many passwords are being checked',
      };
  }
}

function refusal(challenge: FieldLine): Response {
  const explanation = 'Here a name and a password are needed.';
  return { status: 401, fields: [challenge], content: noContent, explanation };
}

/** The realm is the path that is guarded, so that a browser does not offer one place the password of another. */
function challengeOf({ segments }: GuardedPlace): FieldLine {
  return ['WWW-Authenticate', `Basic realm="${formatPath(segments, false)}", charset="UTF-8"`];
}

function holds(place: readonly string[], segments: readonly string[]): boolean {
  if (segments.length < place.length) return false;
  return place.every((name, at) => {
    const own = folded(segments[at] ?? '');
    return own === name || (at === place.length - 1 && stem(own) === stem(name));
  });
}

/** The name as Latin-1 and the password, as octets; undefined when there are none, or one is empty. RFC 7617 §2. */
function credentialsIn(
  value: string | undefined,
): { readonly name: string; readonly password: Uint8Array } | undefined {
  const base64 = /^basic +([a-z\d+/]+={0,2})$/i.exec(value ?? '')?.[1];
  if (base64 === undefined) return undefined;
  const octets = Buffer.from(base64, 'base64');
  const colon = octets.indexOf(':');
  const hasControl = octets.some(octet => octet < 0x20 || octet === 0x7f);
  if (colon < 1 || colon === octets.length - 1 || hasControl) return undefined;
  return {
    name: octets.toString('latin1', 0, colon),
    password: new Uint8Array(octets.subarray(colon + 1)),
  };
}

/** What was answered to somebody who said who they are may be for them alone. RFC 9111 §5.2.2.7. */
function keepPrivate(request: Request | undefined, response: Response): Response {
  if (request === undefined || request.fields.values('authorization').length === 0) return response;
  const directives = response.fields
    .filter(isCacheControl)
    .flatMap(([, value]) => value.split(','))
    .map(directive => directive.trim())
    .filter(directive => !/^(?:public|private|s-maxage)\b/i.test(directive));
  const line: FieldLine = ['Cache-Control', ['private', ...directives].join(', ')];
  return { ...response, fields: [...response.fields.filter(one => !isCacheControl(one)), line] };
}

function isCacheControl([name]: FieldLine): boolean {
  return name.toLowerCase() === 'cache-control';
}
