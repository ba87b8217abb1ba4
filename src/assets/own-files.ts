/**
 * assets/: the sheets and scripts of our own pages, ready to be sent. Loaded when the first page needs them.
 * It knows `page/`, where the sheets are written and the scripts have their sources, and no request.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { listingSheet } from '../page/listing-style.ts';
import type { OwnFile, OwnFiles } from '../page/own-files.ts';
import { pageScripts } from './scripts.ts';

/** All of them; in a coding each is made when it is first asked for. */
export async function loadOwnFiles(): Promise<OwnFiles> {
  const hash = createHash('sha256').update(listingSheet).digest('base64url').slice(0, 10);
  const style = `listing-${hash}.css`;
  const texts = new Map([[style, listingSheet]]);
  for (const { name, text } of await pageScripts()) texts.set(name, text);
  const script = [...texts.keys()].find(name => /^listing-.*\.js$/.test(name)) ?? '';
  const made = new Map<string, Promise<Uint8Array>>();
  return {
    style,
    script,
    find: async (name, coding): Promise<OwnFile | undefined> => {
      const text = texts.get(name);
      if (text === undefined) return undefined;
      const key = `${coding} ${name}`;
      const making = made.get(key) ?? coders[coding](Buffer.from(text));
      made.set(key, making);
      return { mediaType: mediaTypes[name.endsWith('.css') ? 'css' : 'js'], bytes: await making };
    },
  };
}

const mediaTypes = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' } as const;
const brotli = promisify(brotliCompress);
const coders = {
  identity: async (bytes: Uint8Array): Promise<Uint8Array> => bytes,
  br: (bytes: Uint8Array): Promise<Uint8Array> =>
    brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: promisify<Uint8Array, Uint8Array>(gzip),
};
