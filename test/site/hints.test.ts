import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noContent } from '../../src/http/message.ts';
import { withErrorContent } from '../../src/site/errors.ts';
import { findHints } from '../../src/site/hints.ts';
import { path, request, siteOf, textOf } from './fixture.ts';

const files = {
  'about.html': '',
  'Images/Logo.png': '',
  'Images/café.txt': '',
  'assets/app.js': '',
  'dist/index.html': '',
  'dist/assets/main.css': '',
  'a b/?.txt': '',
  '.hidden/secret.txt': '',
  ...Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`many/x.${index}`, ''])),
};

test('what may have been meant is found: by case, extension, base or folder', async () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['/images/logo.png', ['/Images/Logo.png: upper and lower case differ']],
    ['/images', ['/Images/: upper and lower case differ']],
    ['/Images/cafe%CC%81.txt', ['/Images/caf%C3%A9.txt: upper and lower case differ']],
    ['/about.htm', ['/about.html: the extension differs']],
    ['/About', ['/about.html: the extension differs']],
    ['/images/logo.svg', ['/Images/Logo.png: the extension differs']],
    ['/app/assets/app.js', ['/assets/app.js: the site has no base /app/']],
    ['/assets/main.css', ['/dist/assets/main.css: it is in the folder /dist/']],
    ['/', ['/dist/: it is in the folder /dist/']],
    ['/A%20B/%3F.TXT', ['/a%20b/%3F.txt: upper and lower case differ']],
    ['/many/x', ['0', '1', '2', '3', '4'].map(name => `/many/x.${name}: the extension differs`)],
    ['/nothing/like/it', []],
    ['/nothing', []],
    ['/secret.txt', []],
    ['/.Hidden/secret.txt', []],
  ];
  const site = siteOf(files);
  for (const [target, expected] of rows) {
    const hints = await findHints(path(target), site);
    assert.deepEqual(
      hints.map(({ href, why }) => `${href}: ${why}`),
      expected,
      target,
    );
  }
});

test('hints come as lines, as JSON or as links, and nobody gets any from a site that is not worked on', async () => {
  const missing = { status: 404, fields: [], content: noContent };
  const worked = siteOf(files, { hints: { script: '/s.js' } });
  const textFor = async (accept: string, site = worked): Promise<string> =>
    textOf(await withErrorContent(request('/images/logo.png', [['Accept', accept]]), missing, site));
  assert.equal(
    await textFor('*/*'),
    '404 Not Found: There is nothing at this address.\nDid you mean /Images/Logo.png (upper and lower case differ)?\n',
  );
  assert.deepEqual(JSON.parse(await textFor('application/json')).hints, [
    { href: '/Images/Logo.png', why: 'upper and lower case differ' },
  ]);
  const page = await textFor('text/html');
  assert.match(page, /<a href="\/Images\/Logo.png">\/Images\/Logo.png<\/a>\? Upper and lower case differ\./);
  assert.match(page, /<script src="\/s.js"><\/script>/);
  for (const accept of ['*/*', 'application/json', 'text/html'])
    assert.doesNotMatch(await textFor(accept, siteOf(files)), /Logo|script/);
});

test('names cannot become markup in a hint', async () => {
  const site = siteOf({ '"><img src=x>.html': '' }, { hints: { script: '/s.js' } });
  const asked = request('/%22%3E%3Cimg%20src=x%3E', [['Accept', 'text/html']]);
  const page = textOf(await withErrorContent(asked, { status: 404, fields: [], content: noContent }, site));
  assert.match(page, /Did you mean/);
  assert.doesNotMatch(page, /<img/);
});
