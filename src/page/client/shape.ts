/**
 * Remembers whether the reader chose list or grid, and goes there when the URL does not say. True when this page is about
 * to be left for it. A browser that keeps nothing for the page forgets the choice.
 */
export function rememberShape(): boolean {
  const here = new URL(location.href);
  const now = document.body.classList.contains('grid') ? 'grid' : 'list';
  document.addEventListener('click', event => {
    const link = event.target instanceof Element ? event.target.closest('.shapes a') : null;
    if (link instanceof HTMLAnchorElement) keep(link.href.includes('view=grid') ? 'grid' : 'list');
  });
  if (now === 'grid') keep('grid');
  if (here.searchParams.has('view') || kept() !== 'grid' || now === 'grid') return false;
  here.searchParams.set('view', 'grid');
  location.replace(here);
  return true;
}

const key = 'plinth-listing-shape';

function kept(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(shape: string): void {
  try {
    localStorage.setItem(key, shape);
  } catch {
    // It is a convenience.
  }
}
