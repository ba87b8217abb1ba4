import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addTotals,
  type ListingRow,
  type ListingView,
  listingBottom,
  listingRows,
  listingTop,
  noTotals,
} from '../../src/page/listing.ts';

const noonMs = Date.UTC(2026, 10, 22, 12, 5, 9, 250);
const root = { label: '', href: './' };
const plainView: ListingView = {
  lang: 'en',
  crumbs: [root],
  shape: 'list',
  shapeHrefs: { list: './', grid: './?view=grid' },
  sort: { key: 'name', order: 'asc' },
  sortHrefs: { name: './?order=desc', size: './?sort=size', date: './?sort=date' },
  hasArchives: true,
};
const told = { areTotalsTold: true, isUnsorted: false };
const folder: ListingRow = {
  name: 'docs',
  href: './docs/',
  kind: 'folder',
  look: 'folder',
  isThumbnail: false,
  size: 4096,
  modifiedMs: noonMs,
};

test('a row links its name, shows its size and date, and tells a folder in words', () => {
  const document = pageOf({}, [folder, file('a.bin', { size: 1_234_567 })]);
  assert.ok(document.includes('<a class="go" href="./docs/">'));
  assert.ok(document.includes('<bdi class="name">docs</bdi>/<span class="unseen"> (folder)</span>'));
  assert.ok(document.includes('<td role="cell" class="size"></td>'));
  assert.ok(document.includes('<data value="1234567" title="1,234,567 bytes">1.2 MiB</data>'));
  assert.ok(document.includes('<time datetime="2026-11-22T12:05:09Z" title="2026-11-22T12:05:09Z">'));
  assert.ok(!pageOf({}, [file('a', { size: Number.NaN })]).includes('NaN'));
});

test('the line below the title counts what is there, in either language', () => {
  const rows: readonly (readonly [members: readonly ListingRow[], english: string, chinese: string])[] = [
    [[folder], '1 folder', '1 个文件夹'],
    [[folder, folder], '2 folders', '2 个文件夹'],
    [[file('a', { size: 3 })], '1 file, 3 B', '1 个文件，3 B'],
    [
      [folder, file('a', { size: 1000 }), file('b', { size: 536 })],
      '1 folder, 2 files, 1.5 KiB',
      '1 个文件夹，2 个文件，1.5 KiB',
    ],
    [Array.from({ length: 1200 }, () => folder), '1,200 folders', '1,200 个文件夹'],
  ];
  for (const [members, english, chinese] of rows) {
    assert.ok(pageOf({}, members).includes(`<p class="counts">${english}</p>`), english);
    assert.ok(pageOf({ lang: 'zh' }, members).includes(`<p class="counts">${chinese}</p>`), chinese);
  }
});

test('totals that are not known at the top are told once, at the bottom', () => {
  const totals = addTotals(noTotals, [folder]);
  const line = '<p class="counts">1 folder</p>';
  assert.ok(!listingTop(plainView, undefined).includes('class="counts"'));
  assert.ok(listingBottom(plainView, totals, { ...told, areTotalsTold: false }).includes(line));
  assert.ok(!listingBottom(plainView, totals, told).includes(line));
});

test('an empty folder says so and has no table, and a folder below the root leads upwards', () => {
  const crumbs = [
    { label: '', href: '../../' },
    { label: 'a', href: '../' },
    { label: 'b', href: './' },
  ];
  const document = pageOf({ crumbs, parentHref: '../' }, []);
  assert.ok(document.includes('This folder is empty.'));
  assert.ok(!document.includes('class="counts"'));
  assert.ok(document.includes('<title>Folder /a/b/</title>'));
  assert.ok(document.includes('<h1><bdi class="name">b</bdi></h1>'));
  assert.deepEqual(hrefs(document), ['../../', '../', './', './?view=grid', '../']);
  assert.ok(!/<table|<\/table|name="download"/.test(document));
});

test('the root has no way upwards, and a view without crumbs is the root', () => {
  assert.deepEqual(hrefs(pageOf({}, [])), ['./', './?view=grid']);
  assert.ok(pageOf({ crumbs: [] }, []).includes('<title>Folder /</title>'));
});

test('the column by which rows are ordered says so, and each leads to its order', () => {
  const rows: readonly (readonly [sort: ListingView['sort'], column: RegExp])[] = [
    [{ key: 'name', order: 'asc' }, /class="names" aria-sort="ascending"><a href="\.\/\?order=desc">/],
    [{ key: 'size', order: 'desc' }, /class="size" aria-sort="descending"><a href="\.\/\?sort=size">/],
    [{ key: 'date', order: 'asc' }, /class="date" aria-sort="ascending"><a href="\.\/\?sort=date">/],
  ];
  for (const [sort, column] of rows) {
    const document = pageOf({ sort }, [folder]);
    assert.match(document, column);
    assert.equal(document.match(/aria-sort/g)?.length, 1);
  }
  const totals = addTotals(noTotals, [folder]);
  assert.ok(listingBottom(plainView, totals, { ...told, isUnsorted: true }).includes('too many entries'));
  assert.ok(!listingBottom(plainView, totals, told).includes('too many entries'));
});

test('the grid shows images themselves where they are not too large, and the list never', () => {
  const image = file('a.png', { look: 'image', isThumbnail: true, href: './a%26.png' });
  const large = file('b.png', { look: 'image' });
  assert.match(
    pageOf({ shape: 'grid' }, [image]),
    /<img class="image" src="\.\/a%26\.png" alt="" loading="lazy"/,
  );
  assert.ok(!pageOf({ shape: 'grid' }, [large]).includes('<img'));
  assert.ok(!pageOf({}, [image]).includes('<img'));
});

test('the sheet and the script are asked for where the view says, and only there', () => {
  const document = pageOf({ files: { style: '../a.css', script: '../b.js' } }, []);
  assert.ok(document.includes('<link rel="stylesheet" href="../a.css">'));
  assert.ok(document.includes('<script type="module" async src="../b.js"></script>'));
  assert.ok(!/<script|<link|<style/.test(pageOf({}, [])));
});

test('members are ticked by their names and had as archives only where there are archives', () => {
  const document = pageOf({}, [file('a&b')]);
  assert.ok(
    document.includes('<input type="checkbox" name="name" value="a&#38;b" aria-label="Select a&#38;b">'),
  );
  assert.ok(document.includes('<button name="download" value="zip">'));
  assert.ok(!/checkbox|<button/.test(pageOf({ hasArchives: false }, [file('a')])));
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
  const tagsFor = (name: string): readonly string[] => {
    const crumbs = [root, { label: name, href: '../' }, { label: name, href: './' }];
    return tags(pageOf({ crumbs }, [file(name)])).map(tag => tag.replace(/"[^"]*"/g, '""'));
  };
  for (const name of hostileNames) assert.deepEqual(tagsFor(name), tagsFor('a'), name);
});

test('CVE-2018-3716 an href that was not encoded cannot leave its attribute', () => {
  const document = pageOf({}, [file('a', { href: './"><script>' })]);
  assert.ok(document.includes('href="./&#34;&#62;&#60;script&#62;"'));
});

function pageOf(view: Partial<ListingView>, rows: readonly ListingRow[]): string {
  const whole = { ...plainView, ...view };
  const totals = addTotals(noTotals, rows);
  return listingTop(whole, totals) + listingRows(whole, rows) + listingBottom(whole, totals, told);
}

function file(name: string, parts: Partial<ListingRow> = {}): ListingRow {
  return {
    name,
    href: './x',
    kind: 'file',
    look: 'file',
    isThumbnail: false,
    size: 1,
    modifiedMs: noonMs,
    ...parts,
  };
}

function hrefs(document: string): readonly (string | undefined)[] {
  return [...document.matchAll(/<a [^>]*href="([^"]*)"/g)].map(match => match[1]);
}

// Everything between < and >, as a parser of tags would see it.
function tags(document: string): readonly string[] {
  return document.match(/<[^>]*>/g) ?? [];
}
