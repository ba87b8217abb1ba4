/**
 * page/: HTML. The only room where markup is made and text is escaped; it knows no HTTP, no store and no clock.
 * Views go in as plain values, whole documents come out as strings, and none holds a script.
 * Read `listing.ts` and `error.ts` next; `site/listing.ts` shows where a view comes from.
 */

/** What the frame of a document needs. */
export interface PageParts {
  /** Plain text; it is escaped here. */
  readonly title: string;
  /** BCP 47 tag of the page's own words. */
  readonly lang: string;
  /** Which page it is; the style sheet lays each out in its own way. */
  readonly kind: 'listing' | 'error';
  /** Markup, already escaped by whoever made it. */
  readonly body: string;
}

/**
 * A whole HTML document: one style sheet inside, nothing outside, no script. Light or dark as the reader's
 * system is, and it works from 320 pixels of width upwards, at any zoom, by keyboard and on paper.
 */
export function page({ title, lang, kind, body }: PageParts): string {
  return `<!doctype html>
<html lang="${escapeText(lang)}">
<head>
<meta charset="utf-8">
<title>${escapeText(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<style>${styleSheet}</style>
</head>
<body class="${kind}">
${body}
<footer>${plinthSign}<span>Plinth</span></footer>
</body>
</html>
`;
}

/**
 * Makes text safe both between tags and inside a quoted attribute. It cannot make a URL safe: whoever passes
 * an `href` has made sure that it begins with `./`, `../` or `/`.
 */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}

/**
 * Replaces what a reader cannot see, or what would rearrange the words around it, by its code in brackets:
 * a line feed becomes `[U+000A]`, a right-to-left override `[U+202E]`. Joiners stay: emoji and several scripts
 * need them. Plain text in, plain text out.
 */
export function revealControls(text: string): string {
  return text.replace(
    invisible,
    character => `[U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
  );
}

// A slab on a shaft on a step, as a plinth is built.
const plinthSign =
  '<svg viewBox="0 0 18 18" fill="currentColor" aria-hidden="true"><path d="M3 3h12v2.5H3zM5 7h8v5H5zM1 13.5h16V16H1z"/></svg>';

// C0, DEL, C1, soft hyphen, zero-width space, marks, separators, embeddings and isolates, word joiner and
// its invisible neighbours, byte order mark, lone surrogates.
const invisible =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}/gu;

/**
 * The sheet of every page, as it stands between the style tags. Stone, verdigris and a little gilt.
 * The policy below allows exactly these bytes: a change needs the new digest, which the failing test prints.
 */
export const styleSheet = `
:root{color-scheme:light dark;--paper:#f3f4f1;--card:#fff;--ink:#17201e;--soft:#54605c;--line:#d8ddd8;--wash:#e9eeea;--accent:#0a6355;--gilt:#8a5f0c}
@media (prefers-color-scheme:dark){:root{--paper:#0f1514;--card:#151d1b;--ink:#e7ece9;--soft:#9caaa4;--line:#2a3532;--wash:#1c2724;--accent:#74d6c1;--gilt:#e2b65f}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100svh;display:flex;flex-direction:column;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC","Microsoft YaHei",sans-serif}
main,header,footer{width:100%;max-width:60rem;margin-inline:auto;padding-inline:max(1rem,env(safe-area-inset-left))}
a{color:var(--accent);text-underline-offset:.2em;text-decoration-thickness:1px}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:3px solid var(--gilt);outline-offset:2px;border-radius:4px}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
footer{margin-top:auto;padding-block:2rem 1.5rem;color:var(--soft);font-size:.8125rem;display:flex;align-items:center;gap:.5rem}
footer svg{width:1.125rem;height:1.125rem;color:var(--gilt)}
.name{unicode-bidi:isolate;white-space:pre-wrap;overflow-wrap:anywhere}
.listing header{padding-block:2.5rem 0}
.crumbs ol{list-style:none;display:flex;flex-wrap:wrap;margin:0;padding:0;font-size:.9375rem;row-gap:.125rem}
.crumbs li{display:flex;align-items:baseline;min-width:0;color:var(--soft)}
.crumbs li+li::before{content:"/";content:"/"/"";padding-inline:.5rem;color:var(--line);color:color-mix(in srgb,var(--soft) 55%,transparent)}
.crumbs a{padding-block:.25rem}
h1{margin:.25rem 0 0;font-size:clamp(1.5rem,1.1rem + 2vw,2.125rem);font-weight:650;line-height:1.2;letter-spacing:-.015em;text-wrap:balance}
.listing main{margin-top:1.5rem}
.counts{margin:.375rem 0 0;color:var(--soft);font-size:.9375rem}
.sheet{background:var(--card);border:1px solid var(--line);border-radius:12px;overflow:clip}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
thead th{padding:.625rem 1rem;text-align:start;font-size:.8125rem;font-weight:600;color:var(--soft);background:var(--wash)}
tbody tr,.above{position:relative}
tbody tr>*{border-top:1px solid var(--line)}
tbody th{font-weight:inherit;text-align:start;padding:0}
tbody td{padding:.625rem 1rem;color:var(--soft);white-space:nowrap;font-size:.9375rem}
.size{text-align:end;width:8rem}
.date{width:12rem}
.go{display:flex;align-items:start;gap:.75rem;min-height:2.75rem;padding:.625rem 1rem;text-decoration:none}
.go::after{content:"";position:absolute;inset:0}
.go:hover .name{text-decoration:underline}
.go:focus-visible{outline:none}
.go:focus-visible::after{outline:3px solid var(--gilt);outline-offset:-3px;border-radius:10px}
.go span{min-width:0}
.go svg{flex:none;width:1.25rem;height:1.25rem;margin-top:.125rem;color:var(--soft)}
.go .folder{color:var(--gilt)}
.above{border-bottom:1px solid var(--line)}
.empty{margin:0;padding:3rem 1rem;text-align:center;color:var(--soft)}
@media (hover:hover){tbody tr:hover,.above:hover{background:var(--wash)}}
@media (max-width:38rem){
.listing header{padding-top:1.25rem}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody{display:block}
tbody tr{display:grid;grid-template-columns:max-content minmax(0,1fr);column-gap:.75rem;padding:.25rem 1rem .75rem 3rem}
tbody tr+tr{border-top:1px solid var(--line)}
tbody tr>*{border:0}
tbody th{grid-column:1/-1;margin-inline:-3rem -1rem;min-width:0}
tbody .go{min-height:2.25rem;padding-block:.5rem .125rem}
tbody td.size,tbody td.date{width:auto;padding:0;text-align:start;font-size:.8125rem}
.size:empty{display:none}
}
.error{justify-content:center}
.error main{display:grid;justify-items:center;text-align:center;padding-block:3rem 2rem;margin-block:auto}
.status{margin:0;font-size:min(9rem,30vw);font-weight:700;line-height:.74;letter-spacing:-.04em;font-variant-numeric:lining-nums}
.stone{width:min(26rem,86vw);height:auto;margin-top:.5rem;color:var(--accent)}
.error h1{margin-top:2rem}
.why{max-width:34rem;margin:.625rem 0 0;color:var(--soft);font-size:1.0625rem;text-wrap:pretty}
.home{margin-top:1.75rem;display:inline-flex;align-items:center;min-height:2.75rem;padding:.5rem 1.375rem;border-radius:999px;background:var(--accent);color:var(--card);font-weight:600;text-decoration:none}
.home:hover{text-decoration:underline}
.error footer{margin-top:0;justify-content:center}
@media (forced-colors:active){.home{border:1px solid}}
@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#333;--line:#999;--wash:#fff;--accent:#000;--gilt:#000}.sheet{border-radius:0}tr{break-inside:avoid}.above,.home,footer{display:none}}
`;

/**
 * The Content-Security-Policy under which these pages are sent: no script, no frame, no form, only the one
 * sheet above; images of the site itself, so that its icon shows. CSP Level 3 §8.3.
 */
export const pagePolicy: string =
  "default-src 'none'; style-src 'sha256-iQ+l5LDhH1NpKtan8eXg5yf4U5Zs7G1c+y0mmbDR5NM='; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
