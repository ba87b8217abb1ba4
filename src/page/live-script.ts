/**
 * The script by which a page follows its files: it listens for the paths that change, from behind the event `last` on,
 * and swaps a style sheet, replaces an image or loads the page again. Of which file a page was made it cannot know, so
 * that it takes every page for its own; another path that it did not ask for is nothing to it, unless `isRewritten`:
 * what is asked for by one name may then be found by another. A page that is not seen does not listen, since a browser has
 * but six connections for all its pages of one origin.
 */
export function liveScript(last: string, isRewritten: boolean): string {
  return `(${text})(${JSON.stringify(last)}, ${isRewritten});\n`;
}

const text = String.raw`(last, isRewritten) => {
  'use strict';
  const own = document.currentScript;
  if (own === null || window.__plinthLive) return;
  Object.defineProperty(window, '__plinthLive', { value: true });
  const events = new URL('events', own.src);
  let source;
  let version = 0;

  const pathOf = address => {
    try {
      const url = new URL(address, document.baseURI);
      return url.origin === events.origin ? decodeURIComponent(url.pathname) : undefined;
    } catch {
      return undefined;
    }
  };

  /** A folder stands for all that is below it, and an image for those that are sent in its stead. */
  const isMeant = (path, changed) =>
    path !== undefined &&
    (path === changed ||
      path.startsWith(changed.endsWith('/') ? changed : changed + '/') ||
      (images.test(changed) && images.test(path) && path.replace(images, '') === changed.replace(images, '')));

  /** An address, a rule, a language or an error may show any page, and a folder that is another now may hold it. */
  const isPage = changed => /(?:\/|\.s?html?)$/i.test(changed) || isMeant(pathOf(location.href), changed);

  const renewed = address => {
    const url = new URL(address, document.baseURI);
    url.searchParams.set('plinth', String(version));
    return url.href;
  };

  /** The paths of all that a sheet imports; one of another origin does not tell. */
  const importedBy = sheet => {
    try {
      return [...sheet.cssRules].flatMap(({ styleSheet }) =>
        styleSheet ? [pathOf(styleSheet.href), ...importedBy(styleSheet)] : []);
    } catch {
      return [];
    }
  };

  const swapSheets = changed => {
    const sheets = [...document.querySelectorAll('link[rel~="stylesheet" i][href]')]
      .filter(link => [pathOf(link.href), ...importedBy(link.sheet)].some(path => isMeant(path, changed)));
    for (const link of sheets) {
      if (link.dataset.plinthOld !== undefined) continue;
      const next = link.cloneNode();
      next.removeAttribute('integrity');
      next.href = renewed(link.href);
      link.dataset.plinthOld = '';
      // The old one goes when the new one is there, so that nothing is ever seen without style.
      next.onload = () => link.remove();
      next.onerror = () => {
        next.remove();
        delete link.dataset.plinthOld;
      };
      link.after(next);
    }
    return sheets.length > 0;
  };

  const replaceImages = changed => {
    let isFound = false;
    const renew = (element, name, value) => {
      isFound = true;
      element.setAttribute(name, value);
    };
    for (const name of ['src', 'poster', 'href']) {
      for (const element of document.querySelectorAll('img[src], input[type=image][src], video[poster], link[rel~=icon][href], image[href]')) {
        const address = element.getAttribute(name);
        if (address !== null && isMeant(pathOf(address), changed)) renew(element, name, renewed(address));
      }
    }
    for (const element of document.querySelectorAll('img[srcset], source[srcset]')) {
      const set = element.srcset.split(/,\s+/).map(candidate => candidate.trim().split(/\s+/));
      if (!set.some(([address]) => isMeant(pathOf(address), changed))) continue;
      const next = set.map(([address, ...size]) =>
        [isMeant(pathOf(address), changed) ? renewed(address) : address, ...size].join(' '));
      renew(element, 'srcset', next.join(', '));
    }
    return isFound;
  };

  const isUsed = changed =>
    performance.getEntriesByType('resource').some(({ name }) => isMeant(pathOf(name), changed)) ||
    [...document.querySelectorAll('script[src]')].some(script => isMeant(pathOf(script.src), changed));

  const reload = () => {
    close();
    // The browser keeps the place in the page, unless the page has told it not to.
    history.scrollRestoration = 'auto';
    location.reload();
  };

  const change = paths => {
    version = Date.now();
    if (paths.some(isPage)) return reload();
    const isLeft = path => !/\.css$/i.test(path) || !swapSheets(path);
    const left = paths.filter(isLeft).filter(path => !images.test(path) || !replaceImages(path));
    // What editors leave beside a file for a moment has no such name.
    if (left.some(path => isUsed(path) || (isRewritten && /\.\w+$/.test(path)))) reload();
  };

  const open = () => {
    if (source !== undefined || document.visibilityState === 'hidden') return;
    events.searchParams.set('since', last);
    source = new EventSource(events);
    source.addEventListener('change', event => {
      last = event.lastEventId;
      change(JSON.parse(event.data));
    });
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return;
      close();
      setTimeout(open, 2000);
    };
  };

  const close = () => {
    source?.close();
    source = undefined;
  };

  const images = /\.(?:avif|bmp|gif|ico|jfif|jpe?g|jxl|png|svg|webp)$/i;
  performance.setResourceTimingBufferSize(5000);
  document.addEventListener('visibilitychange', () => (document.visibilityState === 'hidden' ? close() : open()));
  addEventListener('pagehide', close);
  addEventListener('pageshow', open);
  open();
}`;
