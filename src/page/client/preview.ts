import { hasPreview, lookOf } from './kinds.ts';
import { linkOf, nameOf, shownRows } from './rows.ts';
import { clientWords } from './words.ts';

/** Octets of a text that are shown. */
const textBytesMax = 512 * 1024;

/** Shows what a row stands for in a dialog, from which its neighbours can be reached. */
export function openPreview(row: Element): void {
  preview ??= makePreview();
  show(row, preview);
  if (!preview.dialog.open) preview.dialog.showModal();
}

interface Preview {
  readonly dialog: HTMLDialogElement;
  readonly title: HTMLElement;
  readonly place: HTMLElement;
  readonly open: HTMLAnchorElement;
  row: Element;
}

let preview: Preview | undefined;

function makePreview(): Preview {
  const dialog = document.createElement('dialog');
  const header = document.createElement('header');
  const title = document.createElement('h2');
  title.id = 'preview-title';
  dialog.setAttribute('aria-labelledby', title.id);
  const place = document.createElement('div');
  place.className = 'shown';
  // What is longer than the window is scrolled by keys.
  place.tabIndex = 0;
  place.setAttribute('role', 'region');
  place.setAttribute('aria-labelledby', title.id);
  const open = document.createElement('a');
  open.className = 'open';
  open.textContent = clientWords.open;
  const made: Preview = { dialog, title, place, open, row: dialog };
  header.append(
    title,
    button(clientWords.previous, '←', () => go(made, -1)),
    button(clientWords.next, '→', () => go(made, 1)),
    open,
    button(clientWords.close, '✕', () => dialog.close()),
  );
  dialog.append(header, place);
  dialog.addEventListener('keydown', event => {
    const from = event.target instanceof Element ? event.target : dialog;
    if (from.matches('audio, video, iframe') || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowLeft') go(made, -1);
    else if (event.key === 'ArrowRight') go(made, 1);
    else return;
    event.preventDefault();
  });
  dialog.addEventListener('click', event => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => {
    // What plays stops.
    place.replaceChildren();
    linkOf(made.row)?.focus();
  });
  document.body.append(dialog);
  return made;
}

function button(name: string, sign: string, act: () => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = sign;
  made.setAttribute('aria-label', name);
  made.title = name;
  made.addEventListener('click', act);
  return made;
}

/** The neighbour that has a preview, round and round. */
function go(made: Preview, step: -1 | 1): void {
  const rows: readonly Element[] = shownRows().filter(hasPreview);
  const at = rows.indexOf(made.row);
  const next = rows[(at + step + rows.length) % rows.length];
  if (next !== undefined) show(next, made);
}

function show(row: Element, made: Preview): void {
  const link = linkOf(row);
  if (link === null) return;
  made.row = row;
  made.title.textContent = nameOf(row);
  made.open.href = link.href;
  const { place } = made;
  place.scrollTo(0, 0);
  const look = lookOf(row);
  const element = elementOf(look, link.href, nameOf(row));
  if (element !== undefined) {
    element.addEventListener('error', () => element.replaceWith(words(clientWords.failed)));
    place.replaceChildren(element);
    return;
  }
  place.replaceChildren(words(clientWords.loading));
  const isStill = (): boolean => made.row === row && made.dialog.open;
  readText(link.href, look, nameOf(row)).then(
    shown => isStill() && place.replaceChildren(...shown),
    () => isStill() && place.replaceChildren(words(clientWords.failed)),
  );
}

/** What the browser shows by itself. */
function elementOf(look: string, href: string, name: string): HTMLElement | undefined {
  switch (look) {
    case 'image':
      return Object.assign(document.createElement('img'), { src: href, alt: name });
    case 'audio':
    case 'video': {
      const media = document.createElement(look);
      media.controls = true;
      media.src = href;
      media.setAttribute('aria-label', name);
      return media;
    }
    case 'pdf':
      return Object.assign(document.createElement('iframe'), { src: href, title: name });
    default:
      return undefined;
  }
}

/** A text, or its beginning. One that holds a NUL is none. */
async function readText(href: string, look: string, name: string): Promise<readonly Node[]> {
  const [answer, { showMarkdown, showSource }] = await Promise.all([
    fetch(href, { headers: { Range: `bytes=0-${textBytesMax - 1}` } }),
    import('./texts.ts'),
  ]);
  // 416: there is not one octet.
  if (!answer.ok && answer.status !== 416) throw new Error(String(answer.status));
  const octets = answer.ok ? (await answer.arrayBuffer()).slice(0, textBytesMax) : new ArrayBuffer(0);
  const text = new TextDecoder().decode(octets);
  if (text.includes('\0')) throw new Error('no text');
  const shown = look === 'markdown' ? showMarkdown(text) : showSource(text, look === 'code' ? name : '');
  return octets.byteLength < textBytesMax ? [shown] : [words(clientWords.cut('512 KiB')), shown];
}

function words(text: string): HTMLElement {
  return Object.assign(document.createElement('p'), { textContent: text });
}
