/**
 * page/: HTML. The only room where markup is made and text is escaped; it knows no HTTP, no store and no clock.
 * Views go in as plain values, documents come out as strings. What runs in the browser is in `client/`, a room of its
 * own; no page holds a script. Read `listing.ts` and `error.ts` next; `site/listing.ts` shows where a view comes from.
 */

/** What the frame of a document needs. */
export interface Frame {
  /** Plain text; it is escaped here. */
  readonly title: string;
  /** BCP 47 tag of the page's own words. */
  readonly lang: string;
  /** Words on the body element, by which the style sheet lays a page out. */
  readonly classes: string;
  /** Markup for the head, already escaped by whoever made it: its sheets and scripts. */
  readonly head: string;
}

/**
 * The beginning of an HTML document, up to its body. Light or dark as the reader's system is; it works from 320 pixels
 * of width upwards, at any zoom, by keyboard and on paper. It names no icon: a browser then asks for the one of the site.
 */
export function pageTop({ title, lang, classes, head }: Frame): string {
  return `<!doctype html>
<html lang="${escapeText(lang)}">
<head>
<meta charset="utf-8">
<title>${escapeText(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${head}
</head>
<body class="${escapeText(classes)}">
`;
}

/** The end of a document that began with `pageTop`. */
export function pageBottom(): string {
  return `
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
