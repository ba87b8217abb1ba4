import DOMPurify from 'dompurify';
import highlighter from 'highlight.js/lib/common';
import { Marked } from 'marked';

/**
 * A Markdown text, set as prose. The file may be anybody's: what it brings of HTML passes DOMPurify, without forms, styles
 * and names that would meet those of the page, and the page's policy stands behind that. Relative links are right as they
 * are, since the file lies in the folder that is shown.
 */
export function showMarkdown(text: string): HTMLElement {
  const made = document.createElement('div');
  made.className = 'prose';
  made.append(
    DOMPurify.sanitize(markdown.parse(text, { async: false }), {
      RETURN_DOM_FRAGMENT: true,
      USE_PROFILES: { html: true },
      FORBID_TAGS: ['style', 'form', 'input', 'button', 'select', 'textarea', 'dialog', 'audio', 'video'],
      FORBID_ATTR: ['style', 'id', 'name', 'for', 'srcset'],
    }),
  );
  for (const code of made.querySelectorAll('pre > code')) {
    const language = /language-(\S+)/.exec(code.className)?.[1] ?? '';
    code.replaceChildren(highlighted(code.textContent ?? '', language));
  }
  for (const link of made.querySelectorAll('a')) link.rel = 'noopener noreferrer';
  return made;
}

/** A source text with its words in colours, where its language is known by the name of the file. */
export function showSource(text: string, name: string): HTMLElement {
  const made = document.createElement('pre');
  const extension = /[^.]*$/.exec(name.toLowerCase())?.[0] ?? '';
  made.append(highlighted(text, extension));
  return made;
}

const markdown = new Marked({
  renderer: { checkbox: ({ checked }) => (checked ? '☑ ' : '☐ ') },
});

/** Longer texts are shown as they are: colours are not worth a wait. */
const colouredLengthMax = 200_000;

function highlighted(text: string, language: string): Node {
  if (text.length > colouredLengthMax || highlighter.getLanguage(language) === undefined)
    return document.createTextNode(text);
  const { value } = highlighter.highlight(text, { language, ignoreIllegals: true });
  return DOMPurify.sanitize(value, {
    RETURN_DOM_FRAGMENT: true,
    ALLOWED_TAGS: ['span'],
    ALLOWED_ATTR: ['class'],
  });
}
