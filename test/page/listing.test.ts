import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ListingRow, listingPage, readableSize } from '../../src/page/listing.ts';

const noonMs = Date.UTC(2026, 10, 22, 12, 5, 9, 250);
const root = { label: 'Home', href: './' };

test('sizes are read in binary units of two or three figures', () => {
  const rows: readonly (readonly [octets: number, readable: string])[] = [
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [10 * 1024, '10 KiB'],
    [1023 * 1024 + 600, '1.0 MiB'],
    [5 * 2 ** 30, '5.0 GiB'],
    [7 * 2 ** 40, '7.0 TiB'],
    [2 ** 50, '1.0 PiB'],
    [Number.MAX_SAFE_INTEGER, '8.0 PiB'],
    [Number.MAX_VALUE, `${Math.round(Number.MAX_VALUE / 2 ** 50)} PiB`],
    [-1, '–'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '–'],
  ];
  for (const [octets, readable] of rows) assert.equal(readableSize(octets), readable, String(octets));
});

test('CVE-2020-25691 a time that no calendar of HTML holds never throws and still shows what it can', () => {
  const rows: readonly (readonly [modifiedMs: number, cell: string])[] = [
    [noonMs, '<time datetime="2026-11-22T12:05:09Z" title="2026-11-22T12:05:09Z">2026-11-22 12:05</time>'],
    [0, '<time datetime="1970-01-01T00:00:00Z" title="1970-01-01T00:00:00Z">1970-01-01 00:00</time>'],
    [-1, '<time datetime="1969-12-31T23:59:59Z" title="1969-12-31T23:59:59Z">1969-12-31 23:59</time>'],
    [
      Date.UTC(10000, 0),
      '<time datetime="10000-01-01T00:00:00Z" title="10000-01-01T00:00:00Z">10000-01-01 00:00</time>',
    ],
    [
      8.64e15,
      '<time datetime="275760-09-13T00:00:00Z" title="275760-09-13T00:00:00Z">275760-09-13 00:00</time>',
    ],
    [-62_200_000_000_000, '-000002'],
    [-62_167_219_200_000, '0000-01-01 00:00'],
    [8.64e15 + 1, '–'],
    [2 ** 62, '–'],
    [Number.NaN, '–'],
    [Number.NEGATIVE_INFINITY, '–'],
  ];
  for (const [modifiedMs, cell] of rows) {
    const document = listingPage({ crumbs: [root], rows: [file('a', { modifiedMs })] });
    const shown = document.split('<td role="cell" class="date">')[1]?.split('</td>')[0] ?? '';
    assert.ok(shown.startsWith(cell), `${modifiedMs}: ${shown}`);
  }
});

test('a row links its name, shows its size with the exact one behind it, and tells a folder in words', () => {
  const document = listingPage({
    crumbs: [root],
    rows: [
      { name: 'docs', href: './docs/', kind: 'folder', size: 4096, modifiedMs: noonMs },
      file('a.bin', { size: 1_234_567 }),
    ],
  });
  assert.ok(document.includes('<a class="go" href="./docs/">'));
  assert.ok(document.includes('<bdi class="name">docs</bdi>/<span class="unseen"> (folder)</span>'));
  assert.ok(document.includes('<td role="cell" class="size"></td>'));
  assert.ok(document.includes('<data value="1234567" title="1,234,567 bytes">1.2 MiB</data>'));
  assert.ok(!listingPage({ crumbs: [root], rows: [file('a', { size: Number.NaN })] }).includes('NaN'));
});

test('the line below the title counts what is there', () => {
  const folder = { name: 'd', href: './d/', kind: 'folder', size: 0, modifiedMs: 0 } as const;
  const rows: readonly (readonly [members: readonly ListingRow[], line: string])[] = [
    [[folder], '1 folder'],
    [[folder, folder], '2 folders'],
    [[file('a', { size: 3 })], '1 file, 3 B'],
    [[folder, file('a', { size: 1000 }), file('b', { size: 536 })], '1 folder, 2 files, 1.5 KiB'],
    [Array.from({ length: 1200 }, () => folder), '1,200 folders'],
  ];
  for (const [members, line] of rows) {
    assert.ok(listingPage({ crumbs: [root], rows: members }).includes(`<p class="counts">${line}</p>`), line);
  }
});

test('an empty folder says so, and a folder below the root leads upwards', () => {
  const crumbs = [
    { label: 'Home', href: '../../' },
    { label: 'a', href: '../' },
    { label: 'b', href: './' },
  ];
  const document = listingPage({ crumbs, parentHref: '../', rows: [] });
  assert.ok(document.includes('This folder is empty.'));
  assert.ok(!document.includes('class="counts"'));
  assert.ok(document.includes('<title>Folder /a/b/</title>'));
  assert.ok(document.includes('<h1><bdi class="name">b</bdi></h1>'));
  assert.deepEqual(hrefs(document), ['../../', '../', '../']);
  assert.ok(!document.includes('<table'));
});

test('the root has no way upwards, and a view without crumbs is the root', () => {
  assert.deepEqual(hrefs(listingPage({ crumbs: [root], rows: [] })), []);
  assert.ok(listingPage({ crumbs: [], rows: [] }).includes('<title>Folder /</title>'));
});

const hostileNames = [
  '<img src=x onerror=alert(1)>.txt',
  '"onmouseover="alert(1)',
  "'onfocus='alert(1)' autofocus='",
  '</script><script>alert(1)</script>',
  '</style></title><script>alert(1)</script>',
  'javascript:alert(1)',
  '--><svg onload=alert(1)>',
  'two\nlines',
  '&lt;script&gt;',
];

test('CVE-2018-3716 CVE-2025-11966 dufs#21 no name becomes markup, as a member or as a folder on the way', () => {
  const plain = tags(
    listingPage({
      crumbs: [root, { label: 'a', href: '../' }, { label: 'a', href: './' }],
      rows: [file('a')],
    }),
  );
  for (const name of hostileNames) {
    const crumbs = [root, { label: name, href: '../' }, { label: name, href: './' }];
    const document = listingPage({ crumbs, rows: [file(name)] });
    assert.deepEqual(tags(document), plain, name);
  }
});

test('CVE-2018-3716 an href that was not encoded cannot leave its attribute', () => {
  const document = listingPage({ crumbs: [root], rows: [{ ...file('a'), href: './"><script>' }] });
  assert.ok(document.includes('href="./&#34;&#62;&#60;script&#62;"'));
});

function file(name: string, parts: Partial<ListingRow> = {}): ListingRow {
  return { name, href: './x', kind: 'file', size: 1, modifiedMs: noonMs, ...parts };
}

function hrefs(document: string): readonly (string | undefined)[] {
  return [...document.matchAll(/<a [^>]*href="([^"]*)"/g)].map(match => match[1]);
}

// Everything between < and >, as a parser of tags would see it.
function tags(document: string): readonly string[] {
  return document.match(/<[^>]*>/g) ?? [];
}
