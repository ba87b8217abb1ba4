// Builds the documentation site: `node scripts/docs.mjs [folder] [path]`, build/docs unless one is named. The pages are
// Markdown as it stands in the repository; what they look like is in docs/site/. They may be put below any path; only the
// page for what is not there has to know it, since it is shown anywhere: `/` unless one is named.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import Eleventy from '@11ty/eleventy';
import { build } from 'esbuild';
import highlighter from 'highlight.js/lib/common';
import MiniSearch from 'minisearch';
import { tsImport } from 'tsx/esm/api';
import { searchOptions } from '../docs/site/search-options.mjs';
import { anchorOf, readPages, resolveLink, sidebar, titleOf } from './docs-pages.mjs';

const root = join(import.meta.dirname, '..');
const out = resolve(process.argv[2] ?? join(root, 'build', 'docs'));
const top = process.argv[3] ?? '/';
const { pages, sources, pictures } = readPages();
const entries = [];
// A slab on a shaft on a step, in a colour for light and dark tabs.
const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 18 18" fill="#b07d1e"><path d="M3 3h12v2.5H3zM5 7h8v5H5zM1 13.5h16V16H1z"/></svg>';
// Everything comes from the site itself. Plinth reads this file, and so do some hosts.
const fields = `/*
  Content-Security-Policy: default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'
  Referrer-Policy: strict-origin-when-cross-origin
`;

const absentText = `# There is no such page

It may have moved, or the link that led here is wrong. The pages that there are stand in the menu, and the search finds words
in all of them. The [first page](docs/README.md) tells what Plinth is.
`;

process.chdir(root);
rmSync(out, { recursive: true, force: true });
const eleventy = new Eleventy('docs/site', relative(root, out), { quietMode: true, config: configure });
await eleventy.write();

const { baseSheet } = await tsImport('../src/page/style.ts', import.meta.url);
write('site.css', `${baseSheet}${readFileSync('docs/site/site.css', 'utf8')}`);
write('_headers', fields);
write('icon.svg', icon);
for (const { file, place } of pictures.values()) write(place.slice(0, -1), readFileSync(file));
await build({
  entryPoints: ['docs/site/search.mjs'],
  bundle: true,
  format: 'esm',
  minify: true,
  target: 'es2022',
  outfile: join(out, 'search.js'),
  logLevel: 'warning',
});
const index = new MiniSearch(searchOptions);
index.addAll(entries);
write('search.json', JSON.stringify(index));
console.log(`docs: ${pages.size} pages and ${sources.size} sources in ${relative(root, out)}`);

/** Tells Eleventy of the pages, which it turns into documents by docs/site/page.11ty.mjs. */
function configure(eleventyConfig) {
  for (const { file, text, place } of pages.values()) {
    addPage(eleventyConfig, { file, place, text, title: titleOf(text), isSource: false });
  }
  for (const { file, text, place, isFolder } of sources.values()) {
    const content = isFolder ? text : fenced(text, extname(file).slice(1));
    addPage(eleventyConfig, { file, place, text: `# ${file}\n\n${content}\n`, title: file, isSource: true });
  }
  const absent = { file: '404.md', text: absentText, place: '404/', title: 'Not found', isSource: false };
  addPage(eleventyConfig, { ...absent, up: top, permalink: '404.html' });
  eleventyConfig.addGlobalData('sidebar', sidebar(pages));
  eleventyConfig.addGlobalData(
    'places',
    Object.fromEntries([...pages.values()].map(page => [page.file, page.place])),
  );
  eleventyConfig.amendLibrary('md', markdown => {
    markdown.set({ html: false, highlight: (code, language) => highlight(code, language) });
    markdown.core.ruler.push('site', state => finish(state));
  });
  eleventyConfig.setIncludesDirectory('.');
  eleventyConfig.setTemplateFormats(['md']);
}

/** A source as a block of Markdown; no source has a row of so many marks. */
function fenced(text, language) {
  const known = highlighter.getLanguage(language) === undefined ? '' : language;
  return `\`\`\`\`\`${known}\n${text}\n\`\`\`\`\``;
}

function addPage(eleventyConfig, page) {
  const name = `${page.place.replaceAll('/', '_') || 'home'}.md`;
  eleventyConfig.addTemplate(name, page.text, {
    up: upFrom(page.place),
    permalink: `${page.place}index.html`,
    ...page,
    layout: 'page.11ty.mjs',
    // Braces in a page are braces.
    templateEngineOverride: 'md',
  });
}

/** Gives headings their anchors, links and images their places in the site, and takes down what can be searched for. */
function finish(state) {
  const { file, place, up, title } = state.env;
  let section = { id: place, title, page: '', text: '' };
  const sections = [section];
  const seen = new Map();
  for (const [at, token] of state.tokens.entries()) {
    const next = state.tokens[at + 1];
    if (token.type === 'heading_open') {
      const plain = anchorOf(textOf(next));
      const before = seen.get(plain) ?? 0;
      seen.set(plain, before + 1);
      // As on GitHub, a second heading of the same words has a number.
      const anchor = before === 0 ? plain : `${plain}-${before}`;
      token.attrSet('id', anchor);
      if (token.tag !== 'h1') {
        section = { id: `${place}#${anchor}`, title: textOf(next), page: title, text: '' };
        sections.push(section);
      }
    } else if (token.type === 'inline') {
      if (state.tokens[at - 1].type !== 'heading_open') section.text += `${textOf(token)} `;
      for (const child of token.children) lead(child, file, up);
    } else if (token.type === 'fence') section.text += `${token.content} `;
  }
  if (pages.has(file)) entries.push(...sections);
}

/** The way to the top of the site, wherever that is. */
function upFrom(place) {
  return '../'.repeat(place.split('/').length - 1) || './';
}

function textOf(token) {
  return token.children.map(child => (child.type === 'softbreak' ? ' ' : child.content)).join('');
}

/** Makes a link or an image of the repository lead to where that is in the site. */
function lead(token, file, up) {
  const name = { link_open: 'href', image: 'src' }[token.type];
  const link = name && token.attrGet(name);
  if (!link || /^(?:#|[a-z][a-z0-9+.-]*:)/i.test(link)) return;
  const target = resolveLink(file, link);
  const known = pages.get(target) ?? sources.get(target) ?? pictures.get(target);
  const found = target === 'README.md' ? '' : known?.place;
  if (found === undefined) throw new Error(`${file}: ${link} leads nowhere in the site`);
  const [, anchor] = link.split('#');
  const path = pictures.has(target) ? found.slice(0, -1) : found;
  token.attrSet(name, `${up}${path}${anchor === undefined ? '' : `#${anchor}`}`);
  if (token.type === 'image') token.attrSet('loading', 'lazy');
}

/** A block of code in colours, where its language is known; an empty text leaves it to markdown-it. */
function highlight(code, language) {
  if (highlighter.getLanguage(language) === undefined) return '';
  return highlighter.highlight(code, { language }).value;
}

function write(name, content) {
  mkdirSync(dirname(join(out, name)), { recursive: true });
  writeFileSync(join(out, name), content);
}
