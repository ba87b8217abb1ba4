// The frame of every page of the documentation site. It holds no script and no style of its own.

/** A document around a page's content. Paths begin with `up`, which leads to the top of the site. */
export function render({ content, file, place, title, isSource, up, sidebar, places }) {
  const isHome = place === '';
  const lang = file.endsWith('.zh-CN.md') ? 'zh-CN' : 'en';
  const order = sidebar.flatMap(part => part.pages);
  return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<title>${isHome ? 'Plinth, a static web server' : `${escapeText(title)} · Plinth`}</title>
<meta name="description" content="${escapeText(describe(content))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${up}icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${up}site.css">
<script type="module" src="${up}search.js"></script>
</head>
<body class="${isHome ? 'home' : isSource ? 'source' : 'page'}">
<a class="skip" href="#content">Skip to the content</a>
<header class="bar" lang="en">
<a class="brand" href="${up}" aria-label="Plinth">${sign}<span>Plinth</span></a>
<button class="open-menu" type="button" popovertarget="menu">Menu</button>
<search class="finder" data-up="${up}" hidden>
<label><span class="unseen">Search the documentation</span>
<input type="search" placeholder="Search" autocomplete="off" spellcheck="false" aria-keyshortcuts="/" aria-controls="found"></label>
<p class="unseen" role="status"></p>
<ul id="found" class="found" hidden></ul>
</search>
</header>
<div class="columns">
<nav id="menu" popover aria-label="Pages" lang="en">
<button class="close-menu" type="button" popovertarget="menu" popovertargetaction="hide">Close</button>
${sidebar.map(part => partOf(part, { file, up, places })).join('\n')}
</nav>
<main id="content" tabindex="-1">
${body(content, isHome)}
${isSource ? '' : turns(order, { file, up, places })}
</main>
${isHome || isSource ? '' : contents(content)}
</div>
<footer lang="en">${sign}<span>Plinth · MIT licence</span></footer>
</body>
</html>
`;
}

const wordMax = 24;

// A slab on a shaft on a step, as a plinth is built.
const sign =
  '<svg viewBox="0 0 18 18" fill="currentColor" aria-hidden="true"><path d="M3 3h12v2.5H3zM5 7h8v5H5zM1 13.5h16V16H1z"/></svg>';

function partOf({ name, pages }, { file, up, places }) {
  const links = pages.map(([page, words]) => {
    const isOver =
      page.endsWith('/README.md') && places[page] !== '' && file.startsWith(page.replace('README.md', ''));
    const current = page === file ? ' aria-current="page"' : isOver ? ' aria-current="true"' : '';
    const lang = page.endsWith('.zh-CN.md') ? ' lang="zh-CN"' : '';
    return `<li><a href="${up}${places[page]}"${current}${lang}>${escapeText(words)}</a></li>`;
  });
  return `<h2>${name}</h2>\n<ul>\n${links.join('\n')}\n</ul>`;
}

/** What is wide scrolls in itself, by keyboard too; the parts of the front page stand side by side. */
function body(content, isHome) {
  let tables = 0;
  const framed = content
    .replaceAll('<table>', () => {
      tables += 1;
      return `<div class="wide" role="region" aria-label="Table ${tables}" tabindex="0"><table>`;
    })
    .replaceAll('</table>', '</table></div>')
    .replaceAll(/<th[^>]*><\/th>/g, '<td></td>')
    .replaceAll(
      /(?<!<pre>)<code>([^<]*)<\/code>/g,
      (_, words) => `<code>${words.split(' ').map(unbroken).join(' ')}</code>`,
    )
    .replaceAll(' style="text-align:right"', ' class="right"')
    .replaceAll('<pre>', '<pre tabindex="0">');
  if (isHome) {
    const [first, ...cards] = framed.split(/(?=<h2)/);
    return `${first}<div class="cards">${cards.map(card => `<section>${card}</section>`).join('')}</div>`;
  }
  return framed.replaceAll(
    /<(h[23]) id="([^"]+)">([\s\S]*?)<\/\1>/g,
    (_, tag, id, words) =>
      `<${tag} id="${id}">${words} <a class="anchor" href="#${id}" aria-label="Link to this part">#</a></${tag}>`,
  );
}

/** A flag is not broken at its hyphens; what would be wider than a phone is. */
function unbroken(word) {
  return word.includes('-') && word.length <= wordMax ? `<span class="word">${word}</span>` : word;
}

/** The parts of the page, beside it where there is room. */
function contents(content) {
  const headings = [...content.matchAll(/<h2 id="([^"]+)">([\s\S]*?)<\/h2>/g)];
  if (headings.length < 2) return '';
  const links = headings.map(
    ([, id, words]) => `<li><a href="#${id}">${words.replace(/<[^>]+>/g, '')}</a></li>`,
  );
  return `<nav class="contents" aria-label="On this page"><h2>On this page</h2>\n<ul>\n${links.join('\n')}\n</ul></nav>`;
}

/** The pages before and after, in the order of the sidebar. */
function turns(order, { file, up, places }) {
  const at = order.findIndex(([page]) => page === file);
  if (at === -1) return '';
  const link = ([page, words], rel, label) =>
    `<a rel="${rel}" href="${up}${places[page]}"><span>${label}</span>${escapeText(words)}</a>`;
  const before = order[at - 1] === undefined ? '<span></span>' : link(order[at - 1], 'prev', 'Before');
  const after = order[at + 1] === undefined ? '' : link(order[at + 1], 'next', 'Next');
  return `<nav class="turns" aria-label="Before and after" lang="en">${before}${after}</nav>`;
}

function describe(content) {
  const words = (
    /<p>([\s\S]*?)<\/p>/.exec(content.replace(/<p><a[^>]*>[^<]*<\/a><\/p>/, ''))?.[1] ?? ''
  ).replace(/<[^>]+>/g, '');
  const text = words
    .replace(/\s+/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<');
  return text.length > 160 ? `${text.slice(0, 157).trimEnd()}…` : text;
}

function escapeText(text) {
  return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`);
}
