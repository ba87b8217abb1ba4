// Single values of fields, and what is made of names: each small enough for one function.
import assert from 'node:assert/strict';
import { parseAuthority } from '../../src/http/authority.ts';
import { matchesStrongly, matchesWeakly, parseEntityTags } from '../../src/http/entity-tag.ts';
import { mediaTypeOf } from '../../src/http/media-type.ts';
import { negotiate } from '../../src/http/negotiation.ts';
import type { FuzzTarget } from '../target.ts';
import { pathWords } from '../words.ts';

/** Lists of entity tags. */
export const entityTags: FuzzTarget = {
  name: 'entity-tags',
  words: [
    '"',
    'W/',
    'w/',
    '""',
    '"a"',
    'W/"a"',
    ',',
    ', ',
    ',,',
    '*',
    '\\"',
    ' ',
    '\t',
    '\x7f',
    '\xff',
    "'a'",
  ],
  check: input => {
    const tags = parseEntityTags(input.toString('latin1'));
    if (tags === undefined || tags === '*') return String(tags);
    for (const tag of tags) {
      assert.match(tag, /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/);
      assert.ok(matchesWeakly(tag, tag));
      assert.equal(matchesStrongly(tag, tag), !tag.startsWith('W/'));
    }
    assert.deepEqual(parseEntityTags(tags.join(', ')), tags);
    return `${Math.min(tags.length, 3)} ${tags[0]?.startsWith('W/')}`;
  },
};

const offers = ['text/plain', 'text/html', 'application/json', 'text/html;level=1'];

/** Accept fields. */
export const negotiation: FuzzTarget = {
  name: 'negotiation',
  words: [
    ...[
      'text/html',
      'text/*',
      '*/*',
      '*/html',
      'application/json',
      ';q=0',
      ';q=1.000',
      ';q=0.001',
      ';Q=0.5',
      ';q=2',
    ],
    ...[
      ';level=1',
      ';a="b"',
      ';a="b\\"c"',
      '"',
      '\\',
      ',',
      ', ',
      ';',
      '=',
      '/',
      ' ',
      '\t',
      ';;',
      ',,',
      '\x80',
    ],
  ],
  check: input => {
    const accept = input.toString('latin1');
    const best = negotiate(accept, offers);
    assert.ok(best === undefined || offers.includes(best));
    assert.equal(negotiate(accept, []), undefined);
    // What is liked best among all is liked best among fewer, and an element that says nothing changes nothing.
    if (best !== undefined) assert.equal(negotiate(accept, [best]), best);
    if (!accept.includes('"')) assert.equal(negotiate(`${accept},,`, offers), best);
    return `${best} ${negotiate(accept, ['text/html', 'application/json'])}`;
  },
};

/** Host fields and authorities. */
export const authority: FuzzTarget = {
  name: 'authority',
  words: [
    ...[
      'a',
      ':',
      ':80',
      ':65535',
      ':65536',
      ':0',
      '[',
      ']',
      '[::1]',
      '[::ffff:1.2.3.4]',
      '::',
      '1.2.3.4',
      'v1.a',
      '@',
    ],
    ...[
      '%41',
      '%',
      ',',
      '/',
      '\\',
      '?',
      '#',
      ' ',
      '.',
      'localhost',
      '[1:2:3:4:5:6:7:8]',
      '[fe80::1%25a]',
      'xn--a',
      '_',
    ],
  ],
  check: input => {
    const parsed = parseAuthority(input.toString('latin1'));
    if (parsed === undefined) return 'none';
    const { host, port } = parsed;
    assert.equal(host, host.toLowerCase());
    assert.match(host, /^[!-~]*$/);
    assert.doesNotMatch(host, /[/\\?#@"<>]/);
    if (!host.startsWith('[')) assert.ok(!host.includes(','), 'two hosts, or a host that none has');
    if (port !== undefined) assert.ok(Number.isInteger(port) && port >= 0 && port <= 65_535);
    assert.deepEqual(parseAuthority(port === undefined ? host : `${host}:${port}`), parsed);
    return `${host.startsWith('[') ? 'literal' : host === ''} ${port === undefined}`;
  },
};

/** Names of files. */
export const mediaType: FuzzTarget = {
  name: 'media-type',
  words: [
    ...pathWords,
    '.html',
    '.js',
    '.svg',
    '.json',
    '.ts',
    '.',
    '..',
    '.HTML',
    '.constructor',
    '.__proto__',
  ],
  check: input => {
    const type = mediaTypeOf(input.toString('utf8'));
    assert.match(type, /^[a-z-]+\/[\w.+-]+(?:; charset=utf-8)?$/);
    return type;
  },
};
