/** What a status says, in a few words for people. RFC 9110 §15. */
export function meaningOfStatus(status: number): string {
  return statuses.get(status) ?? classes.get(Math.floor(status / 100)) ?? 'a status that nobody knows';
}

/** What a response field says, in a few words for people; undefined for one that is not known here. */
export function meaningOfField(name: string, value: string): string | undefined {
  const meaning = fields.get(name.toLowerCase());
  return typeof meaning === 'function' ? meaning(value) : meaning;
}

const statuses: ReadonlyMap<number, string> = new Map([
  [103, 'what will be needed, ahead of the answer'],
  [200, 'here it is'],
  [204, 'it went well, and there is nothing to show'],
  [206, 'here is the part that was asked for'],
  [301, 'moved for good: ask there from now on'],
  [302, 'for now, ask there'],
  [303, 'the answer is over there'],
  [304, 'your copy is still true'],
  [307, 'for now, ask there in the same way'],
  [308, 'moved for good: ask there from now on, in the same way'],
  [400, 'the request breaks a rule'],
  [401, 'say who you are'],
  [403, 'you may not have this'],
  [404, 'there is nothing here'],
  [405, 'not with this method'],
  [406, 'not in a form that you accept'],
  [410, 'there was something here, and it is gone for good'],
  [412, 'a condition of the request does not hold'],
  [416, 'there is no such part'],
  [421, 'this server does not answer for that name'],
  [429, 'too many requests from you'],
  [500, 'the server made a mistake'],
  [502, 'the server behind the server made a mistake'],
  [503, 'not now'],
  [504, 'the server behind the server took too long'],
]);

const classes: ReadonlyMap<number, string> = new Map([
  [1, 'the answer is still to come'],
  [2, 'it went well'],
  [3, 'look somewhere else'],
  [4, 'something is wrong with the request'],
  [5, 'something is wrong with the server'],
]);

const fields: ReadonlyMap<string, string | ((value: string) => string)> = new Map<
  string,
  string | ((value: string) => string)
>([
  ['accept-ranges', value => (/bytes/i.test(value) ? 'parts of it can be asked for' : 'only as a whole')],
  [
    'access-control-allow-origin',
    value => (value === '*' ? 'scripts of every site may read it' : 'scripts of that site may read it'),
  ],
  ['age', 'seconds that it has been in a cache'],
  ['allow', 'the methods that it answers to'],
  ['alt-svc', 'another way to the same site'],
  ['cache-control', meaningOfCaching],
  [
    'connection',
    value =>
      /close/i.test(value) ? 'the connection ends with this answer' : 'about the connection, not the content',
  ],
  ['content-disposition', value => (/^attachment/i.test(value) ? 'to be saved, not shown' : 'to be shown')],
  ['content-encoding', 'how the content was made smaller for the way'],
  ['content-language', 'the language of those it is for'],
  ['content-length', 'octets of content behind the empty line'],
  ['content-range', 'which octets these are, and of how many'],
  ['content-security-policy', 'what may run and be loaded in the page'],
  ['content-type', 'what the octets are'],
  ['cross-origin-opener-policy', 'whether other sites’ windows may reach this one'],
  ['date', 'when the answer was made'],
  [
    'etag',
    value =>
      value.startsWith('W/')
        ? 'a name of about this version, to ask about it'
        : 'the name of exactly this version, to ask about it',
  ],
  ['expires', 'until when a copy may be used unasked'],
  ['keep-alive', 'for how long the connection stays open'],
  ['last-modified', 'when the content last changed'],
  ['link', 'what belongs to it'],
  ['location', 'where to look'],
  ['permissions-policy', 'what of the device the page may use'],
  ['referrer-policy', 'what other sites learn of where a visitor came from'],
  ['retry-after', 'when to come back'],
  ['server', 'what the server says it is'],
  ['server-timing', 'how long it took the server, and with what'],
  ['set-cookie', 'to be kept, and sent back with each request'],
  ['strict-transport-security', 'only ever over HTTPS from now on'],
  [
    'transfer-encoding',
    value =>
      /chunked/i.test(value)
        ? 'the content comes in pieces that tell their length'
        : 'how the octets are wrapped for the way',
  ],
  ['vary', 'the request fields that another answer may depend on'],
  ['www-authenticate', 'how to say who you are'],
  ['x-content-type-options', 'the type is meant as it stands'],
  ['x-frame-options', 'who may show the page in a frame'],
]);

function meaningOfCaching(value: string): string {
  const directives = value.toLowerCase();
  if (directives.includes('no-store')) return 'no copy may be kept';
  if (directives.includes('no-cache')) return 'a copy may be kept, and is asked about before each use';
  const seconds = Number(/max-age="?(\d{1,12})/.exec(directives)?.[1] ?? Number.NaN);
  if (Number.isNaN(seconds)) return 'how copies may be used';
  const immutable = directives.includes('immutable') ? ', even on reload' : '';
  return seconds === 0
    ? 'a copy is asked about before each use'
    : `a copy is good for ${life(seconds)} unasked${immutable}`;
}

function life(seconds: number): string {
  for (const [unit, size] of [
    ['days', 86_400],
    ['hours', 3600],
    ['minutes', 60],
  ] as const) {
    if (seconds >= 2 * size) return `${Math.floor(seconds / size)} ${unit}`;
  }
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}
