import { hasPreview } from './kinds.ts';
import { linkOf } from './rows.ts';

/**
 * Opens a preview where a file would be opened that has one. Whoever holds a modifier, or uses another button, gets the
 * file itself. What shows the preview is loaded with the first one; if that fails, the file opens.
 */
export function watchPreviews(): void {
  document.addEventListener('click', event => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const row = event.target instanceof Element ? event.target.closest('tbody tr') : null;
    const link = linkOf(row);
    if (row === null || link === null || !link.contains(event.target as Node) || !hasPreview(row)) return;
    event.preventDefault();
    import('./preview.ts').then(
      ({ openPreview }) => openPreview(row),
      () => location.assign(link.href),
    );
  });
}
