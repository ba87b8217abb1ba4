/** The users of an htpasswd file, and each line that is none with why not: a file with such a line is not used. */
export interface Htpasswd {
  /** The hash of each user's password, by name; both as octets in Latin-1. */
  readonly users: ReadonlyMap<string, string>;
  readonly faults: readonly LineFault[];
}

/** What is wrong with a line, counted from 1. Never quotes it. */
export interface LineFault {
  readonly line: number;
  readonly why: string;
}

/**
 * Reads `name:hash` lines; empty ones and those that begin with `#` are passed over. Hashes are those of bcrypt, argon2
 * (version 19), apr1 and `{SHA}`. What keeps no secret, or would take minutes to check, is a fault. `text` is Latin-1.
 */
export function parseHtpasswd(text: string): Htpasswd {
  const users = new Map<string, string>();
  const faults: LineFault[] = [];
  const lines = text.replace(/^\xef\xbb\xbf/, '').split('\n');
  for (const [index, ended] of lines.entries()) {
    const line = ended.replace(/\r$/, '');
    if (line.trim() === '' || line.startsWith('#')) continue;
    const colon = line.indexOf(':');
    const [name, hash] = [line.slice(0, Math.max(0, colon)), line.slice(colon + 1)];
    const why = whyNotUser(name, hash, users);
    if (why === undefined) users.set(name, hash);
    else faults.push({ line: index + 1, why });
  }
  if (users.size === 0 && faults.length === 0) faults.push({ line: 1, why: 'no users' });
  return { users, faults };
}

function whyNotUser(name: string, hash: string, others: ReadonlyMap<string, string>): string | undefined {
  if (name === '') return 'wanted name:hash';
  if (/[\x00-\x1f\x7f]/.test(name)) return 'a name with a control character';
  return whyNot(hash) ?? (others.has(name) ? 'a user who has a line already' : undefined);
}

/** 2^16 rounds of bcrypt take seconds, a gibibyte of argon2 as well; whoever waits for longer has given up. */
const bcryptCostMax = 16;
const argon2KibibytesMax = 1024 * 1024;
const argon2PassesMax = 64;
const argon2LanesMax = 64;

const remedy = 'make it anew with htpasswd -B';

/** Why a password's hash cannot be used; undefined when it can. */
function whyNot(hash: string): string | undefined {
  if (/^\$apr1\$[^$:]{1,8}\$[./\dA-Za-z]{22}$/.test(hash) || /^\{SHA\}[A-Za-z\d+/]{27}=$/.test(hash))
    return undefined;
  const cost = /^\$2[aby]\$(\d\d)\$[./A-Za-z\d]{53}$/.exec(hash)?.[1];
  if (cost !== undefined) {
    const isFit = Number(cost) >= 4 && Number(cost) <= bcryptCostMax;
    return isFit ? undefined : `a bcrypt cost of ${cost}, wanted 04 to ${bcryptCostMax}`;
  }
  if (hash.startsWith('$argon2')) return whyNotArgon2(hash);
  if (/^\$(?:2|apr1)/.test(hash) || hash.startsWith('{SHA}'))
    return `a hash that is cut short or malformed; ${remedy}`;
  if (/^[$_{]|^[./\dA-Za-z]{13}$/.test(hash))
    return `a hash that is none of bcrypt, argon2, apr1 and {SHA}; ${remedy}`;
  return `a password in plain text; ${remedy}`;
}

function whyNotArgon2(hash: string): string | undefined {
  const groups = argon2Form.exec(hash)?.groups;
  if (groups === undefined) return `an argon2 hash that is malformed or not of version 19; ${remedy}`;
  const [memory, passes, lanes] = [Number(groups.m), Number(groups.t), Number(groups.p)];
  const octets = (text = ''): number => Math.floor((text.length * 3) / 4);
  if (octets(groups.salt) < 8 || octets(groups.tag) < 16 || octets(groups.tag) > 64)
    return 'an argon2 hash with a salt below 8 octets, or not of 16 to 64';
  const isFit =
    memory >= 8 * lanes &&
    memory <= argon2KibibytesMax &&
    passes >= 1 &&
    passes <= argon2PassesMax &&
    lanes >= 1 &&
    lanes <= argon2LanesMax;
  return isFit
    ? undefined
    : `argon2 with m=${memory}, t=${passes}, p=${lanes}; at most m=${argon2KibibytesMax}, t=${argon2PassesMax}, p=${argon2LanesMax}`;
}

const argon2Form =
  /^\$argon2(?:id|i|d)\$v=19\$m=(?<m>\d{1,8}),t=(?<t>\d{1,8}),p=(?<p>\d{1,8})\$(?<salt>[A-Za-z\d+/]{1,128})\$(?<tag>[A-Za-z\d+/]{1,128})$/;
