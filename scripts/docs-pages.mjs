// What the documentation site is made from: pages of Markdown, the files that they lead to, and where each is put.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, posix } from 'node:path';
import { parts } from '../docs/site/navigation.mjs';

const root = join(import.meta.dirname, '..');
const images = ['.svg', '.png', '.jpg', '.webp'];

/** Every page by its file, every source and every image that a page leads to. Throws for a link that leads nowhere. */
export function readPages() {
  const files = [
    ...markdownBelow('docs'),
    ...markdownBelow('decisions'),
    ...parts.flatMap(({ pages }) => pages.map(([file]) => file)).filter(file => !file.includes('/')),
  ].filter(file => existsSync(join(root, file)));
  const pages = new Map(files.map(file => [file, { file, text: read(file), place: placeOf(file) }]));
  const sources = new Map();
  const pictures = new Map();
  for (const { file, text } of pages.values()) {
    for (const link of linksOf(text)) {
      const target = resolveLink(file, link);
      if (pages.has(target) || target === 'README.md') continue;
      if (!existsSync(join(root, target)))
        throw new Error(`${file} leads to ${link}, and there is no ${target}`);
      const kept = images.includes(extname(target)) ? pictures : sources;
      for (const source of sourcesAt(target)) kept.set(source.file, source);
    }
  }
  return { pages, sources, pictures };
}

/** A file; or a folder, whose page leads to its files, with these. */
function sourcesAt(file) {
  const place = `source/${file}/`;
  if (statSync(join(root, file)).isFile()) return [{ file, text: read(file), place }];
  const members = readdirSync(join(root, file), { withFileTypes: true }).filter(member => member.isFile());
  const names = members.map(({ name }) => name).sort();
  const list = names.map(name => `- [${name}](${posix.basename(file)}/${name})`).join('\n');
  return [
    { file, text: list, place, isFolder: true },
    ...names.flatMap(name => sourcesAt(posix.join(file, name))),
  ];
}

/** The parts of the sidebar with the pages that are there, those that nobody has put in order among them. */
export function sidebar(pages) {
  const ordered = parts.flatMap(part => part.pages.map(([file]) => file));
  const further = [...pages.keys()].filter(
    file => !ordered.includes(file) && dirname(file) === 'docs' && !file.endsWith('.zh-CN.md'),
  );
  return parts.map(part => ({
    name: part.name,
    pages: [
      ...part.pages.filter(([file]) => pages.has(file)),
      ...(part.more ? further.map(file => [file, titleOf(pages.get(file).text)]) : []),
    ],
  }));
}

/** The file that a link of a page leads to. */
export function resolveLink(file, link) {
  return posix.join(dirname(file), decodeURIComponent(link.split('#')[0])).replace(/\/$/, '');
}

/** The first heading of a page. */
export function titleOf(text) {
  return (/^# (.*)$/m.exec(text)?.[1] ?? '').replaceAll('`', '');
}

/** The anchor that GitHub gives a heading. */
export function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** The folder of a page within the site: `docs/rules.md` is at `rules/`. */
function placeOf(file) {
  const path = file.replace(/^docs\//, '').replace(/\.md$/, '');
  if (path === 'README') return '';
  return `${path
    .replace(/\/README$/, '')
    .replace(/\.zh-CN$/, '-zh')
    .toLowerCase()}/`;
}

function markdownBelow(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter(name => name.endsWith('.md'))
    .map(name => posix.join(folder, name.replaceAll('\\', '/')))
    .sort();
}

/** Targets of links and images that lead to files of the repository. */
function linksOf(text) {
  const prose = text.replace(/^```.*\n[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)[^)]*\)/g)]
    .map(([, link]) => link)
    .filter(link => !/^(?:#|[a-z][a-z0-9+.-]*:)/i.test(link));
}

function read(file) {
  return readFileSync(join(root, file), 'utf8');
}
