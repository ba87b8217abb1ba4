// What a client says of itself and of what it would like: values of fields, and the query of a folder.
import assert from 'node:assert/strict';
import { auth } from '../../src/features/auth.ts';
import { ipVersion } from '../../src/http/authority.ts';
import { acceptedCodings } from '../../src/http/coding.ts';
import { Fields } from '../../src/http/fields.ts';
import { originOf, unknownAddress } from '../../src/http/forwarded.ts';
import { preferredLanguages } from '../../src/http/language.ts';
import type { Client, FieldLine } from '../../src/http/message.ts';
import { pathTo } from '../../src/http/target.ts';
import { formatListingState, parseListingQuery } from '../../src/site/listing-query.ts';
import type { FuzzTarget } from '../target.ts';

const weights = [
  ',',
  ', ',
  ',,',
  ';q=0',
  ';q=1.000',
  '; Q=0.5',
  ';q=0.001',
  ';q=2',
  ';',
  '=',
  '*',
  ' ',
  '\t',
];

/** Accept-Encoding fields. */
export const codings: FuzzTarget = {
  name: 'codings',
  words: [...weights, 'br', 'gzip', 'x-gzip', 'zstd', 'identity', 'BR', 'deflate', '\x80'],
  check: input => {
    const field = input.toString('latin1');
    const accepted = acceptedCodings(field);
    assert.equal(new Set(accepted).size, accepted.length, 'one of them twice');
    for (const coding of ['br', 'zstd', 'gzip', 'identity'] as const) {
      // Of two elements for one coding the later counts.
      const others = accepted.filter(one => one !== coding);
      assert.deepEqual(acceptedCodings(`${field},${coding};q=0`), others, `without ${coding}`);
      assert.ok(acceptedCodings(`${field},${coding}`).includes(coding), `with ${coding}`);
    }
    assert.deepEqual(acceptedCodings(`${field},,`), accepted, 'an element that says nothing counts');
    return accepted.join(' ');
  },
};

const languagesOffered = ['zh-CN', 'en', 'de', 'zh'];

/** Accept-Language fields. */
export const languages: FuzzTarget = {
  name: 'languages',
  words: [...weights, 'en', 'EN', 'en-GB', 'zh', 'zh-Hans-CN', 'de-', '-', 'abcdefghi', '\x80'],
  check: input => {
    const field = input.toString('latin1');
    const preferred = preferredLanguages(field, languagesOffered);
    assert.equal(new Set(preferred).size, preferred.length, 'one of them twice');
    for (const offer of languagesOffered) {
      // Whether one is taken does not rest on what else is offered.
      const isTaken = preferred.includes(offer);
      assert.deepEqual(preferredLanguages(field, [offer]), isTaken ? [offer] : []);
    }
    assert.equal(preferredLanguages(`zh-CN,${field}`, languagesOffered)[0], 'zh-CN');
    return preferred.join(' ');
  },
};

const proxy: Client = { address: '10.0.0.1', port: 4000 };
const stranger = '192.0.2.9';
const isTrusted = (address: string): boolean => address.startsWith('10.');

/** Forwarded and X-Forwarded-For: each line of the input is a field. */
export const forwarded: FuzzTarget = {
  name: 'forwarded',
  words: [
    ...[
      'Forwarded: ',
      'X-Forwarded-For: ',
      '\n',
      'for=',
      'For="',
      '"',
      '\\"',
      'by=',
      ';proto=http',
      ';',
      ',',
      '=',
    ],
    ...[
      '10.0.0.2',
      '10.0.0.3:80',
      '192.0.2.1',
      '"[2001:db8::1]:80"',
      '2001:db8::1',
      'unknown',
      '_a',
      ' ',
      '\t',
    ],
  ],
  check: input => {
    const lines = input.toString('latin1').split('\n').map(fieldLine);
    const fields = new Fields(lines);
    const peer = { address: stranger, port: 5000 };
    assert.equal(originOf(fields, peer, isTrusted).client, peer, 'a stranger is believed');
    const { client, note } = originOf(fields, proxy, isTrusted);
    const { address } = client;
    if (address === unknownAddress) assert.ok(note !== undefined, 'unknown, and nobody is told why');
    else assert.ok(client === proxy || ipVersion(address) !== undefined, `the address ${address}`);
    // Whatever stands left of what our own proxy adds, it is not believed.
    const others = lines.filter(([name]) => name.toLowerCase() !== 'forwarded');
    const told = new Fields([...others, ['X-Forwarded-For', stranger]]);
    assert.equal(originOf(told, proxy, isTrusted).client.address, stranger);
    return `${address === unknownAddress ? 'unknown' : ipVersion(address)} ${isTrusted(address)} ${note}`;
  },
};

function fieldLine(line: string): FieldLine {
  const [name = '', ...value] = line.split(':');
  return [name.trim(), value.join(':').trim()];
}

/** Authorization fields. */
export const credentials: FuzzTarget = {
  name: 'credentials',
  words: [
    'Basic ',
    'basic',
    'Bearer ',
    ' ',
    '=',
    '==',
    '+',
    '/',
    '-',
    'YW5uOnNlY3JldA==',
    'Og==',
    'OmE=',
    ',',
  ],
  check: input => {
    const field = input.toString('latin1');
    const [given, ...more] = askedFor(field);
    assert.deepEqual(more, []);
    if (given === undefined) return 'none';
    assert.match(given.name, /^[\x20-\x39\x3b-\x7e\x80-\xff]+$/);
    assert.match(given.password, /^[\x20-\x7e\x80-\xff]+$/);
    const again = `Basic ${Buffer.from(`${given.name}:${given.password}`, 'latin1').toString('base64')}`;
    assert.deepEqual(askedFor(again), [given], 'written down again it is another user');
    return `${given.password.includes(':')} ${field.endsWith('=')}`;
  },
};

/** The names and passwords that are checked for a request with this field; without one it is 401. */
function askedFor(authorization: string): readonly { readonly name: string; readonly password: string }[] {
  const asked: { readonly name: string; readonly password: string }[] = [];
  const check = (name: string, password: Uint8Array): 'right' => {
    asked.push({ name, password: Buffer.from(password).toString('latin1') });
    return 'right';
  };
  const { guard } = auth([{ segments: [], users: { check, revision: () => 0 } }]);
  const answer = guard({
    ...{ method: 'GET', target: pathTo([], true), authority: 'a', secure: false, client: proxy },
    fields: new Fields([['Authorization', authorization]]),
  });
  assert.ok(!(answer instanceof Promise));
  assert.equal(answer?.status, asked.length === 0 ? 401 : undefined);
  return asked;
}

/** Queries of folders. */
export const listing: FuzzTarget = {
  name: 'listing',
  words: [
    ...[
      '?',
      '&',
      '=',
      'sort=',
      'name',
      'size',
      'date',
      'order=',
      'asc',
      'desc',
      'view=grid',
      'view=',
      'download=',
    ],
    ...['zip', 'tar', 'name=', '%2e%2e', '%2f', '%00', '%', '%ff', '+', '__proto__', ';'],
  ],
  check: input => {
    const query = input.toString('latin1');
    const { state, archive } = parseListingQuery(query);
    const again = formatListingState(state);
    assert.match(again, /^(?:\?[a-z=&]+)?$/, 'a link that says more than we know');
    assert.deepEqual(parseListingQuery(again), { state, archive: undefined });
    assert.ok((archive?.names.length ?? 0) <= query.split('&').length);
    return `${again} ${archive?.form} ${Math.min(archive?.names.length ?? 0, 2)}`;
  },
};
