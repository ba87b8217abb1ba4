import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAttachment } from '../../src/http/disposition.ts';

const rows: readonly (readonly [name: string, field: string])[] = [
  ['files.zip', 'attachment; filename="files.zip"'],
  ['my files (1).tar', 'attachment; filename="my files (1).tar"'],
  ['ümlaut.zip', `attachment; filename="u_mlaut.zip"; filename*=UTF-8''%C3%BCmlaut.zip`],
  ['读我.zip', `attachment; filename="_.zip"; filename*=UTF-8''%E8%AF%BB%E6%88%91.zip`],
  [`a"b\\c'd.zip`, `attachment; filename="a_b_c_d.zip"; filename*=UTF-8''a%22b%5Cc%27d.zip`],
  ['50%25*.zip', `attachment; filename="50_25_.zip"; filename*=UTF-8''50%2525%2A.zip`],
  ['a/../b', `attachment; filename="a_.._b"; filename*=UTF-8''a%2F..%2Fb`],
  ['x\r\nSet-Cookie: y', `attachment; filename="x_Set-Cookie_ y"; filename*=UTF-8''x%0D%0ASet-Cookie%3A%20y`],
  ['\ud800', `attachment; filename="_"; filename*=UTF-8''%EF%BF%BD`],
];

test('python#142533 any name stays one value of visible ASCII, and whoever can read it gets it back', () => {
  for (const [name, field] of rows) {
    assert.equal(formatAttachment(name), field);
    assert.match(field, /^[\x20-\x7e]+$/);
    const exact = /filename\*=UTF-8''(.*)$/.exec(field)?.[1];
    if (exact !== undefined && name !== '\ud800') assert.equal(decodeURIComponent(exact), name);
  }
});
