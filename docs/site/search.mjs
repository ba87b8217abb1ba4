// The search: it asks for its index when it is first used, and for nothing of another host.
import MiniSearch from 'minisearch';
import { searchOptions } from './search-options.mjs';

const resultsMax = 8;
const resultsOfPageMax = 2;
const finder = document.querySelector('.finder');
const input = finder.querySelector('input');
const list = finder.querySelector('ul');
const status = finder.querySelector('[role=status]');
const { up } = finder.dataset;
let index;

finder.hidden = false;
input.addEventListener('focus', load, { once: true });
input.addEventListener('input', show);
finder.addEventListener('keydown', walk);
finder.addEventListener('focusout', ({ relatedTarget }) => {
  if (!finder.contains(relatedTarget)) list.hidden = true;
});
input.addEventListener('focus', show);
list.addEventListener('click', () => {
  list.hidden = true;
});
document.addEventListener('keydown', event => {
  const isTyping =
    event.target instanceof Element && event.target.matches('input, textarea, [contenteditable]');
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  input.focus();
});

async function load() {
  index ??= fetch(`${up}search.json`)
    .then(answer => answer.text())
    .then(text => MiniSearch.loadJSON(text, searchOptions));
  await index;
  await show();
}

async function show() {
  const words = input.value.trim();
  list.hidden = words === '';
  if (words === '') status.textContent = '';
  if (words === '' || index === undefined) return;
  const loaded = await index;
  if (words !== input.value.trim()) return;
  const found = varied(loaded.search(words)).slice(0, resultsMax);
  list.replaceChildren(...(found.length > 0 ? found.map(itemOf) : [nothing()]));
  status.textContent = found.length === 0 ? 'Nothing found' : `${found.length} results`;
}

/** No page takes all the places. */
function varied(results) {
  const counts = new Map();
  return results.filter(({ id }) => {
    const [page] = id.split('#');
    counts.set(page, (counts.get(page) ?? 0) + 1);
    return counts.get(page) <= resultsOfPageMax;
  });
}

function itemOf({ id, title, page }) {
  const link = document.createElement('a');
  link.href = up + id;
  link.append(title);
  if (page !== '') {
    const where = document.createElement('span');
    where.append(page);
    link.append(where);
  }
  const item = document.createElement('li');
  item.append(link);
  return item;
}

function nothing() {
  const item = document.createElement('li');
  item.append('Nothing found');
  return item;
}

/** Arrows walk through what was found, Enter opens the first, Escape leaves. */
function walk(event) {
  const links = [...list.querySelectorAll('a')];
  const at = links.indexOf(document.activeElement);
  if (event.key === 'ArrowDown') links[Math.min(at + 1, links.length - 1)]?.focus();
  else if (event.key === 'ArrowUp') (at <= 0 ? input : links[at - 1]).focus();
  else if (event.key === 'Enter' && document.activeElement === input) links[0]?.click();
  else if (event.key === 'Escape') {
    list.hidden = true;
    input.value = '';
    input.focus();
  } else return;
  event.preventDefault();
}
