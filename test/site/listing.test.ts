import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTarget } from '../../src/http/target.ts';
import { addTotals, noTotals } from '../../src/page/listing.ts';
import { type JsonListing, type ListingMediaType, listingForm } from '../../src/site/listing.ts';
import type { ListingState } from '../../src/site/listing-query.ts';
import { comparison } from '../../src/site/order.ts';
import type { Member } from '../../src/store/store.ts';

const modifiedMs = Date.UTC(2026, 10, 22, 12, 5, 9, 250);

test('the JSON form names path, entries, kinds, sizes, times and hrefs', () => {
  const members = [
    folder('sub dir'),
    file('a b.txt', { size: 12 }),
    file('when', { modifiedMs: Number.NaN }),
  ];
  assert.deepEqual(json(['docs', '50%'], members), {
    path: '/docs/50%25/',
    entries: [
      {
        name: 'sub dir',
        kind: 'folder',
        href: './sub%20dir/',
        size: null,
        modified: '2026-11-22T12:05:09.250Z',
      },
      { name: 'a b.txt', kind: 'file', href: './a%20b.txt', size: 12, modified: '2026-11-22T12:05:09.250Z' },
      { name: 'when', kind: 'file', href: './when', size: 1, modified: null },
    ],
  });
});

test('the JSON form of an empty root is an empty list', () => {
  assert.deepEqual(json([], []), { path: '/', entries: [] });
});

test('CVE-2020-25691 a time that no calendar holds is null, and no time throws', () => {
  const times = [2 ** 62, -(2 ** 62), Number.NaN, 8.64e15, -8.64e15, 0, Date.UTC(10000, 0)];
  for (const time of times) {
    const [entry] = json([], [file('a', { modifiedMs: time })]).entries;
    assert.equal(entry?.modified, Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : null);
    assert.ok(html([], [file('a', { modifiedMs: time })]).includes('class="date"'));
  }
});

const orders: readonly (readonly [given: readonly Member[], sorted: readonly string[]])[] = [
  [
    [file('b'), folder('z'), file('a'), folder('y')],
    ['y', 'z', 'a', 'b'],
  ],
  [
    [file('file 10'), file('file 9'), file('file 1')],
    ['file 1', 'file 9', 'file 10'],
  ],
  [
    [file('Zoo'), file('apple'), file('éclair'), file('zoo'), file('Apple')],
    ['apple', 'Apple', 'éclair', 'zoo', 'Zoo'],
  ],
  [
    [file('a\u0002'), file('a\u0001'), file('a')],
    ['a', 'a\u0001', 'a\u0002'],
  ],
  [
    [file('读我'), file('read')],
    ['read', '读我'],
  ],
];

test('folders come first and each kind is in natural order, whichever order the store has', () => {
  for (const [given, sorted] of orders) {
    for (const members of [given, given.toReversed()]) {
      assert.deepEqual(
        json([], members).entries.map(entry => entry.name),
        sorted,
      );
    }
  }
});

test('the page links each folder on the way, the parent and the members relatively', () => {
  assert.deepEqual(hrefs(html([], [folder('a'), file('b')])), ['./a/', './b']);
  assert.deepEqual(hrefs(html(['x', 'y'], [file('b')])), ['../../', '../', '../', './b']);
});

test('folders are linked with the order and shape that the reader chose, and files are not', () => {
  const state = { sort: { key: 'size', order: 'asc' }, shape: 'grid' } as const;
  const document = written(['x'], [folder('a'), file('b')], 'text/html', state);
  const query = '?sort=size&#38;order=asc&#38;view=grid';
  assert.deepEqual(hrefs(document), [`../${query}`, `../${query}`, `./a/${query}`, './b']);
});

test('parts make the same JSON as the whole', () => {
  const members = [folder('a'), file('b'), file('c')];
  const form = listingForm('application/json', {
    segments: [],
    state: plain,
    lang: 'en',
    own: undefined,
    hasArchives: false,
  });
  const parts = members.map((member, index) => form.part([member], index === 0)).join('');
  const text =
    form.top(undefined) +
    parts +
    form.bottom(addTotals(noTotals, members), { ...told, areTotalsTold: false });
  assert.equal(text, written([], members, 'application/json'));
});

test('lines of text show sizes, times and what cannot be seen', () => {
  const members = [folder('d'), file('two\nlines', { size: 1536 }), file('when', { modifiedMs: Number.NaN })];
  assert.equal(
    written([], members, 'text/plain'),
    [
      '2026-11-22 12:05            d/',
      '2026-11-22 12:05   1.5 KiB  two[U+000A]lines',
      '–                      1 B  when',
      '',
    ].join('\n'),
  );
});

const looks: readonly (readonly [name: string, look: string])[] = [
  ['a.png', 'image'],
  ['a.svg', 'image'],
  ['a.mp3', 'audio'],
  ['a.mp4', 'video'],
  ['a.pdf', 'pdf'],
  ['README.md', 'markdown'],
  ['a.txt', 'text'],
  ['a.html', 'page'],
  ['a.js', 'code'],
  ['a.ts', 'code'],
  ['a.py', 'code'],
  ['a.css', 'code'],
  ['a.json', 'code'],
  ['Makefile', 'code'],
  ['a.zip', 'archive'],
  ['a.tar.gz', 'archive'],
  ['a.woff2', 'font'],
  ['a.unknown', 'file'],
];

test('each kind of file has its icon', () => {
  for (const [name, look] of looks)
    assert.ok(
      html([], [file(name)]).includes(
        `<svg class="${look}" aria-hidden="true"><use href="#${look}"/></svg><span><bdi`,
      ),
      name,
    );
});

test('only images of a kind that browsers show, and not large ones, stand in the grid themselves', () => {
  const state = { ...plain, shape: 'grid' } as const;
  for (const [name, size, isShown] of [
    ['a.png', 1000, true],
    ['a.svg', 1000, true],
    ['a.tiff', 1000, false],
    ['a.png', 2 ** 30, false],
    ['a.txt', 1000, false],
  ] as const)
    assert.equal(written([], [file(name, { size })], 'text/html', state).includes('<img'), isShown, name);
});

test('the page and the JSON link the same places', () => {
  const members = [file('a?b#c%d'), folder('javascript:alert(1)'), file('//host'), file('"')];
  assert.deepEqual(
    hrefs(html([], members)),
    json([], members).entries.map(entry => entry.href),
  );
});

const oddNames = [
  'a b',
  ' leading and trailing ',
  '100%',
  '%2f%00',
  '%',
  '#1',
  'what?',
  'a+b&c=d;e',
  'two\nlines\r\n',
  '\u0001\u001b]0;x\u0007\u007f',
  'back\\slash',
  `quote"s and 'these'`,
  '<img src=x onerror=alert(1)>.txt',
  '<script>alert(1)<script>',
  '"onmouseover="alert(1)',
  'javascript:alert(1)',
  'c:',
  '...',
  '~',
  '读我 read me.txt',
  'e\u0301 and \u00e9',
  '👩\u200d💻',
  '\u202eexe.txt',
  'x'.repeat(255),
];

test('caddy#6237 miniserve#1294 dufs#328 every name comes back from its href', () => {
  for (const name of oddNames) comesBack(name);
});

test('caddy#6237 every name of one character comes back from its href', () => {
  for (let code = 1; code < 0x800; code++) {
    const name = String.fromCharCode(code);
    if (name !== '/' && name !== '.') comesBack(name);
  }
});

test('miniserve#1294 any name that a file can have comes back from its href', () => {
  const names = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 60 })
    .filter(name => name !== '.' && name !== '..' && !/[/\0]/.test(name));
  fc.assert(
    fc.property(names, name => {
      comesBack(name);
    }),
    { numRuns: 300 },
  );
});

test('CVE-2018-3716 CVE-2025-11966 dufs#669 hostile names add no tag and no attribute to the page', () => {
  const plain = tags(html(['plain'], [file('plain'), folder('plain')]));
  for (const name of oddNames) {
    assert.deepEqual(tags(html([name], [file(name), folder(name)])), plain, name);
  }
});

test('CVE-2018-3716 an href never begins with a scheme or an authority', () => {
  for (const name of ['javascript:alert(1)', 'data:text/html,x', 'https:', '\thttps:', '/host', '\\host']) {
    for (const href of hrefs(html([name], [file(name), folder(name)]))) assert.match(href, /^\.\.?\//);
  }
});

// What a browser does with the href, then what the server does with the target that it sends.
function comesBack(name: string): void {
  for (const member of [file(name), folder(name)]) {
    const [href = ''] = hrefs(html(['in here'], [member])).slice(-1);
    const url = new URL(href, 'http://site.test/in%20here/');
    assert.equal(url.host, 'site.test');
    const target = parseTarget('GET', url.pathname + url.search + url.hash, {
      windows: false,
      secure: false,
    });
    assert.ok(target.kind === 'path', `${JSON.stringify(name)} as ${href}`);
    assert.deepEqual([...target.segments], ['in here', name]);
    assert.equal(target.endsInSlash, member.kind === 'folder');
    assert.equal(target.query, '');
  }
}

function file(name: string, parts: Partial<Member> = {}): Member {
  return { name, kind: 'file', size: 1, modifiedMs, ...parts };
}

function folder(name: string): Member {
  return { name, kind: 'folder', size: 0, modifiedMs };
}

function html(segments: readonly string[], members: readonly Member[]): string {
  return written(segments, members, 'text/html');
}

function json(segments: readonly string[], members: readonly Member[]): JsonListing {
  return JSON.parse(written(segments, members, 'application/json'));
}

function written(
  segments: readonly string[],
  members: readonly Member[],
  mediaType: ListingMediaType,
  state: ListingState = plain,
): string {
  const folder = {
    segments,
    state,
    lang: 'en',
    own: undefined,
    hasArchives: true,
    isUnsorted: false,
  } as const;
  const form = listingForm(mediaType, folder);
  const sorted = [...members].sort(comparison(state.sort));
  const totals = addTotals(noTotals, sorted);
  return form.top(totals) + form.part(sorted, true) + form.bottom(totals, told);
}

const told = { areTotalsTold: true, isUnsorted: false };
const plain: ListingState = { sort: { key: 'name', order: 'asc' }, shape: 'list' };

/** Where the members and the folders above lead. */
function hrefs(document: string): readonly string[] {
  const links = document.matchAll(/<li><a href="([^"]*)"|<a class="go" href="([^"]*)"/g);
  return [...links].map(match => match[1] ?? match[2] ?? '');
}

// Every tag with the names of its attributes, without what stands in quotes.
function tags(document: string): readonly string[] {
  return (document.match(/<[^>]*>/g) ?? []).map(tag => tag.replace(/"[^"]*"/g, '""'));
}
