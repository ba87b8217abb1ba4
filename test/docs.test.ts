// What the documents point at exists, and the Chinese pages keep step with the English ones.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const pages = ['.', 'docs', 'decisions'].flatMap(folder =>
  readdirSync(join(root, folder))
    .filter(name => name.endsWith('.md'))
    .map(name => join(folder, name)),
);
const twins = pages.filter(page => page.endsWith('.zh-CN.md'));

for (const page of pages) {
  test(`every relative link of ${page} leads somewhere`, () => {
    for (const link of relativeLinks(read(page))) {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), decodeURIComponent(path));
      assert.ok(existsSync(join(root, target)), `${link}: there is no ${target}`);
      if (anchor === undefined || !target.endsWith('.md')) continue;
      const anchors = headings(read(target)).map(anchorOf);
      assert.ok(anchors.includes(decodeURIComponent(anchor)), `${link}: there is no heading for #${anchor}`);
    }
  });
}

test('there are Chinese pages', () => {
  assert.ok(twins.includes(join('docs', 'how-a-request-travels.zh-CN.md')));
});

for (const twin of twins) {
  test(`${twin} has the headings, code and links of its English twin`, () => {
    const [ours, theirs] = [read(twin), read(twin.replace('.zh-CN.md', '.md'))];
    assert.deepEqual(headings(ours).map(levelOf), headings(theirs).map(levelOf));
    assert.equal(fences(ours).length, fences(theirs).length);
    assert.deepEqual(uniqueLinks(ours), uniqueLinks(theirs));
  });
}

test('the links of a page are found', () => {
  const text =
    '[a](b.md) ![c](d/e.png "t") <img src="f.svg"> [g](https://h.i) `[j](k)`\n```\n[l](m)\n```\n[n]: o.md\n';
  assert.deepEqual(relativeLinks(text), ['b.md', 'd/e.png', 'f.svg', 'o.md']);
});

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

const fence = /^```.*\n[\s\S]*?^```$/gm;

function fences(text: string): readonly string[] {
  return text.match(fence) ?? [];
}

function prose(text: string): string {
  return text.replace(fence, '');
}

function headings(text: string): readonly string[] {
  return prose(text).match(/^#{1,6} .*$/gm) ?? [];
}

function levelOf(heading: string): number {
  return heading.indexOf(' ');
}

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  const words = heading.slice(levelOf(heading) + 1).toLowerCase();
  return words.replace(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-');
}

/** Targets of links and images in the prose that lead to files of ours, anchors included. */
function relativeLinks(text: string): readonly string[] {
  const found = prose(text)
    .replace(/`[^`\n]*`/g, '')
    .matchAll(/\]\(([^)\s]+)[^)]*\)|(?:src|href)="([^"]+)"|^\[[^\]]+\]: (\S+)/gm);
  const links = [...found].map(([, inline, attribute, reference]) => inline ?? attribute ?? reference ?? '');
  return links.filter(link => !/^[a-z][a-z0-9+.-]*:/i.test(link));
}

/** The files that a page leads to; the link to its own twin and a twin of another page count as one. */
function uniqueLinks(text: string): readonly string[] {
  const links = relativeLinks(text).map(link => link.replace(/#.*$/, '').replace('.zh-CN.md', '.md'));
  return [...new Set(links)].filter(link => link !== '').sort();
}
