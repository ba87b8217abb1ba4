import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveOwnFiles } from '../../src/features/own-files.ts';
import { Fields } from '../../src/http/fields.ts';
import type { Response } from '../../src/http/message.ts';
import type { OwnFiles } from '../../src/page/own-files.ts';
import { path } from '../site/fixture.ts';

let loads = 0;
const gate = serveOwnFiles(async () => {
  loads += 1;
  return ownFiles;
});
const ownFiles: OwnFiles = {
  style: 'a.css',
  script: 'b.js',
  find: async (name, coding) =>
    name === 'a.css' ? { mediaType: 'text/css', bytes: Buffer.from(coding) } : undefined,
};

function ask(target: string, acceptEncoding?: string): Promise<Response | undefined> | Response | undefined {
  const fields = new Fields(acceptEncoding === undefined ? [] : [['Accept-Encoding', acceptEncoding]]);
  const client = { address: '127.0.0.1', port: 1 };
  return gate({ method: 'GET', target: path(target), authority: 'h', secure: false, fields, client });
}

test('what is not asked for below the own folder is left to the site, and nothing is loaded for it', async () => {
  for (const target of [
    '/',
    '/a.css',
    '/.plinth',
    '/.plinth/',
    '/.plinth/a.css/',
    '/.plinth/x/a.css',
    '/x.plinth/a.css',
  ])
    assert.equal(await ask(target), undefined, target);
  assert.equal(loads, 0);
});

test('a sheet is answered below any folder, to be kept for ever, in the coding that the client likes best', async () => {
  const rows: readonly (readonly [accepted: string | undefined, coding: string])[] = [
    [undefined, 'identity'],
    ['gzip', 'gzip'],
    ['gzip, br', 'br'],
    ['zstd, gzip;q=0.5', 'gzip'],
    ['zstd', 'identity'],
    ['identity;q=0', 'identity'],
  ];
  for (const target of ['/.plinth/a.css', '/files/deep/.plinth/a.css?x']) {
    for (const [accepted, coding] of rows) {
      const response = await ask(target, accepted);
      assert.equal(response?.status, 200);
      assert.ok(response.content.kind === 'bytes');
      assert.equal(Buffer.from(response.content.bytes).toString(), coding, accepted);
      const fields = new Map(response.fields);
      assert.equal(fields.get('Content-Encoding'), coding === 'identity' ? undefined : coding);
      assert.equal(fields.get('Cache-Control'), 'public, max-age=31536000, immutable');
      assert.equal(fields.get('Vary'), 'Accept-Encoding');
    }
  }
});

test('a name that is none of ours is left to the site', async () => {
  assert.equal(await ask('/.plinth/other.css'), undefined);
});
