/**
 * page/client/: what runs in the browser. Everything that a listing is for works without it; it adds the filter, the
 * keys, the memory of the shape, and previews. It imports nothing of the server; `assets/scripts.ts` bundles it.
 * This file is where it begins, perhaps while the rows are still coming.
 */
import { watchFilter } from './filter.ts';
import { watchKeys } from './keys.ts';
import { watchPicks } from './picks.ts';
import { watchPreviews } from './previews.ts';
import { rememberShape } from './shape.ts';

function begin(): void {
  watchFilter();
  watchKeys();
  watchPicks();
  watchPreviews();
}

if (!rememberShape()) {
  // What the tools are for may not be there yet: then the rest of the page is waited for.
  if (document.querySelector('table, .empty') !== null) begin();
  else document.addEventListener('DOMContentLoaded', begin);
}
