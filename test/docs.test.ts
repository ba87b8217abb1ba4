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

test('every file, folder and room that the map names is there, and every room is on it', () => {
  const map = read('ARCHITECTURE.md');
  const named = [...map.matchAll(/`((?:[a-z0-9-]+\/)+(?:[a-z0-9*.-]+)?)`/g)].map(([, name = '']) => name);
  assert.ok(named.length > 100, `${named.length} names`);
  const absent = named.filter(name => !['', 'src'].some(folder => stands(join(folder, name))));
  assert.deepEqual(absent, []);
  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true }).map(
    entry => `\`${entry.name}${entry.isDirectory() ? '/' : ''}\``,
  );
  const table = map.split('\n').filter(line => line.startsWith('| `'));
  const missing = rooms.filter(room => !table.some(row => row.split(' | ')[0]?.includes(room)));
  assert.deepEqual(missing, []);
});

test('a decision has at most forty lines and its place in the list', () => {
  const list = read(join('decisions', 'README.md'));
  const decisions = readdirSync(join(root, 'decisions')).filter(name => /^\d{3}-/.test(name));
  assert.ok(decisions.length > 30);
  for (const name of decisions) {
    assert.ok(list.includes(`](${name})`), name);
    const lines = read(join('decisions', name)).trimEnd().split('\n').length;
    assert.ok(lines <= 40, `${name}: ${lines}`);
  }
});

test('there are Chinese pages', () => {
  assert.ok(twins.includes(join('docs', 'how-a-request-travels.zh-CN.md')));
});

for (const twin of twins) {
  test(`${twin} has the headings, code and links of its English twin`, () => {
    const [ours, theirs] = [read(twin), read(twin.replace('.zh-CN.md', '.md'))];
    assert.deepEqual(headings(ours).map(levelOf), headings(theirs).map(levelOf));
    assert.deepEqual(fences(ours).map(withoutWords), fences(theirs).map(withoutWords));
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

/** Whether a name of the map leads to something: as it stands, as a module without its ending, or as a pattern. */
function stands(name: string): boolean {
  const [folder, last] = [join(root, dirname(name)), name.split('/').at(-1) ?? ''];
  if (!last.includes('*')) return existsSync(join(root, name)) || existsSync(join(root, `${name}.ts`));
  const pattern = new RegExp(`^${last.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
  return existsSync(folder) && readdirSync(folder).some(member => pattern.test(member));
}

const fence = /^```.*\n[\s\S]*?^```$/gm;

function fences(text: string): readonly string[] {
  return text.match(fence) ?? [];
}

/** A block of code without what is said in it to people: comments, and the talk of packets behind their flags. */
function withoutWords(block: string): string {
  const packet = /^(\d+ +-> \d+(?: +[A-Z]{3}\b)+ *\d*).*$/;
  return block
    .split('\n')
    .map(line =>
      line
        .replace(/(?:^|\s+)# .*$/, '')
        .replace(packet, '$1')
        .trimEnd(),
    )
    .join('\n');
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
