/** How the index of the search is made, and read again in the browser: both must say the same. */
export const searchOptions = {
  fields: ['title', 'page', 'text'],
  storeFields: ['title', 'page'],
  // A flag is found with its dashes and without, a word of Chinese by each of its characters.
  tokenize: text => text.toLowerCase().match(/\p{Script=Han}|[\p{L}\p{N}_]+/gu) ?? [],
  searchOptions: {
    boost: { title: 4, page: 1.5 },
    // Who looks for something wants to use it first, and to read of its reasons later.
    boostDocument: id => (/^(?:decisions|changelog|benchmarks)\//.test(id) ? 0.2 : 1),
    prefix: true,
    fuzzy: 0.15,
    combineWith: 'AND',
  },
};
