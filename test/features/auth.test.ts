import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auth, type Verdict } from '../../src/features/auth.ts';
import { fieldValue } from '../../src/http/fields.ts';
import { type FieldLine, noContent } from '../../src/http/message.ts';
import { path, request } from '../site/fixture.ts';

const placesOf = (...paths: readonly string[]) =>
  paths.map(one => ({
    segments: one.split('/').filter(name => name !== ''),
    users: { check: (): Verdict => 'wrong', revision: () => 0 },
  }));

/** A place, a target, and whether the one guards the other. */
const rows: readonly (readonly [place: string, target: string, isGuarded: boolean])[] = [
  ['/', '/', true],
  ['/', '/a/b?c', true],
  ['/admin', '/admin', true],
  ['/admin', '/admin/', true],
  ['/admin', '/admin/x/y', true],
  ['/admin', '/admins', false],
  ['/admin', '/x/admin', false],
  ['/admin', '/', false],
  ['/admin', '/ADMIN/x', true],
  ['/admin', '/%61dmin/x', true],
  ['/admin', '/x/../admin/x', true],
  ['/admin', '//admin//x', true],
  ['/admin', '/./admin/x', true],
  ['/admin', '/admin%5cx', false],
  // One is sent in place of the other.
  ['/admin', '/admin.html', true],
  ['/admin', '/admin.html.br', true],
  ['/admin', '/admin.zh.html', true],
  ['/admin.html', '/admin', true],
  ['/a/pic.jpg', '/a/pic.avif', true],
  ['/a/pic.jpg', '/a/picture.jpg', false],
  ['/.hidden', '/.hidden.txt', true],
  ['/.hidden', '/.other', false],
  // Names that some file system takes for the same.
  ['/stra\u00dfe', '/STRASSE', true],
  ['/stra\u00dfe', '/STRA%E1%BA%9EE', true],
  ['/caf\u00e9', '/cafe%CC%81', true],
  ['/\u03b1\u03c2', '/%CE%91%CE%A3.html', true],
  ['/\u03b1\u03c2', '/%CE%B1%CF%83', true],
  ['/kelvin', '/%E2%84%AAelvin', true],
  ['/admin', '/ad%E2%80%8Cmin', true],
  ['/admin', '/adm%C4%B1n', true],
];

for (const [place, target, isGuarded] of rows) {
  test(`${place} ${isGuarded ? 'guards' : 'does not guard'} ${target}`, async () => {
    const { guard, reach } = auth(placesOf(place));
    const response = await guard(request(target));
    assert.equal(response?.status, isGuarded ? 401 : undefined);
    // From elsewhere nothing is found there either.
    if (place !== '/') assert.equal(reach(path('/elsewhere'))?.(path(target).segments), !isGuarded);
  });
}

test('of several places that hold a path the longest asks, by its own name', async () => {
  const { guard } = auth(placesOf('/', '/a/b', '/a'));
  for (const [target, realm] of [
    ['/x', '/'],
    ['/a/x', '/a'],
    ['/A/B/x', '/a/b'],
  ] as const) {
    const response = await guard(request(target));
    assert.equal(
      fieldValue(response?.fields ?? [], 'www-authenticate'),
      `Basic realm="${realm}", charset="UTF-8"`,
    );
  }
  const quoted = auth(placesOf('/a "b"\\\u4e2d'));
  const response = await quoted.guard(request('/a%20%22b%22%5c%E4%B8%AD'));
  assert.match(fieldValue(response?.fields ?? [], 'www-authenticate') ?? '', /^Basic realm="[\w/%.~-]+", /);
});

/** What the cache is told of an answer, before and after. */
const directives: readonly (readonly [before: string | undefined, after: string])[] = [
  [undefined, 'private'],
  ['no-cache', 'private, no-cache'],
  ['public, max-age=31536000, immutable', 'private, max-age=31536000, immutable'],
  ['s-maxage=60,max-age=5', 'private, max-age=5'],
  ['PRIVATE', 'private'],
  ['no-store', 'private, no-store'],
];

test('what is answered to somebody who said who they are is for no shared cache', () => {
  const { finisher } = auth(placesOf('/'));
  const known = request('/', [['Authorization', 'Basic eDp5']]);
  for (const [before, after] of directives) {
    const fields: readonly FieldLine[] = before === undefined ? [] : [['cache-control', before]];
    const response = { status: 200, fields, content: noContent };
    assert.deepEqual(finisher(known, response).fields, [['Cache-Control', after]]);
    assert.deepEqual(finisher(request('/'), response), response);
  }
});

test('of a change in a guarded place nothing is told that its guard does not tell by itself', () => {
  const { publicPathOf } = auth(placesOf('/admin', '/a/b', '/admin/deep'));
  const told: readonly (readonly [path: string, shown: string])[] = [
    ['/', '/'],
    ['/a.css', '/a.css'],
    ['/a/', '/a/'],
    ['/a/c.css', '/a/c.css'],
    ['/admin', '/admin'],
    ['/admin/', '/admin'],
    ['/admin/plan.html', '/admin'],
    ['/admin/deep/x', '/admin/deep'],
    ['/a/b/x/y', '/a/b'],
    ['/Admin/x', '/Admin'],
    ['/admin.secret.html', '/'],
    ['/admin.secret/x', '/'],
  ];
  for (const [path, shown] of told) assert.equal(publicPathOf(path), shown, path);
  assert.equal(auth(placesOf('/')).publicPathOf('/a/x'), '/a/x', 'whoever asks has passed its guard');
});
