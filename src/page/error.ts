import { escapeText, pageBottom, pageTop } from './shell.ts';
import { errorSheet } from './style.ts';

/** What an error page says. It has no room for the request's URL, so that none can be echoed. */
export interface ErrorView {
  /** The status code; shown large. */
  readonly status: number;
  /** The reason phrase of the status: `Not Found`. */
  readonly reason: string;
  /** One plain sentence for a reader who knows nothing of HTTP; empty when there is nothing to add. */
  readonly explanation: string;
  /** What may have been meant, for whoever works on the site; each `href` is percent-encoded and begins with one slash. */
  readonly hints?: readonly { readonly href: string; readonly why: string }[];
  /** The front page, percent-encoded; the very top by default. */
  readonly home?: string | undefined;
  /** A script to run, by its path. */
  readonly script?: string | undefined;
}

/** The page that a browser gets with an error status: what happened, and a way back to the front page. */
export function errorPage(view: ErrorView): string {
  const top = pageTop({
    title: `${view.status} ${view.reason}`,
    lang: 'en',
    classes: 'error',
    head: `<style>${errorSheet}</style>`,
  });
  return `${top}<main>
<p class="status">${view.status}</p>
${pedestal}
<h1>${escapeText(view.reason)}</h1>
${view.explanation === '' ? '' : `<p class="why">${escapeText(view.explanation)}</p>`}${hintLines(view)}
<a class="home" href="${escapeText(view.home ?? '/')}">Go to the front page</a>
</main>${pageBottom()}`;
}

function hintLines({ hints = [], script }: ErrorView): string {
  const lines = hints.map(
    ({ href, why }) =>
      `\n<p class="why">Did you mean <a href="${escapeText(href)}">${escapeText(href)}</a>? ${escapeText(sentence(why))}</p>`,
  );
  if (script !== undefined) lines.push(`\n<script src="${escapeText(script)}"></script>`);
  return lines.join('');
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

// What the number stands on.
const pedestal = `<svg class="stone" viewBox="0 0 384 64" fill="currentColor" aria-hidden="true">
<path d="M48 0h288v10H48z"/><path d="M60 13h264v4H60z" opacity=".55"/><path d="M72 20h240v20H72z" opacity=".9"/><path d="M60 43h264v4H60z" opacity=".55"/><path d="M24 50h336v14H24z"/>
</svg>`;
