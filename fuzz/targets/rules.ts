import assert from 'node:assert/strict';
import { fieldsByRule } from '../../src/features/fields.ts';
import { noFields } from '../../src/http/fields.ts';
import { noContent, type Request, type Response } from '../../src/http/message.ts';
import { parseTarget } from '../../src/http/target.ts';
import { readHeaders } from '../../src/rules/read-headers.ts';
import { readRedirects } from '../../src/rules/read-redirects.ts';
import { readServeJson } from '../../src/rules/read-serve-json.ts';
import { routerOf } from '../../src/rules/routing.ts';
import type { ReadRules } from '../../src/rules/rules.ts';
import type { FuzzTarget } from '../target.ts';
import { pathWords } from '../words.ts';

/**
 * Files of rules and a request: the first octet chooses how the file is read, the last line is what is asked for.
 */
export const rules: FuzzTarget = {
  name: 'rules',
  words: [
    ...pathWords,
    ...['\n', '\r\n', ' ', '\t', '/*', '/**', '/:a', '/:b', ':splat', '{a,b}', '301', '302!', '200', '404!'],
    ...[
      'id=:id',
      'id=7',
      '?id=7',
      'Country=se',
      'https://a.example/',
      'https:///',
      '# ',
      '! ',
      'X-A: ',
      'ETag',
    ],
    ...[
      'Content-Length: 1',
      'Set-Cookie: a',
      'Vary: *',
      '"source":',
      '"destination":',
      '"redirects":',
      '[',
      ']',
    ],
    ...['{"rewrites":[{"source":"/**","destination":"/x"}]}', '"headers":', '"public":"..', '@(a|b)', ':a*'],
  ],
  check: input => {
    const text = input.subarray(1).toString();
    const cut = text.lastIndexOf('\n');
    const file = text.slice(0, cut < 0 ? 0 : cut);
    const read = readAs(input[0] ?? 0, file);
    for (const { why } of read.faults) assert.doesNotMatch(why, /\n/);
    const outcome = ask(read, file, `/${text.slice(cut + 1).replace(/^\//, '')}`);
    return `${Math.min(read.faults.length, 2)} ${outcome}`;
  },
};

function readAs(choice: number, text: string): ReadRules {
  const dialect = choice % 2 === 0 ? 'netlify' : 'cloudflare';
  switch (choice % 5) {
    case 0:
    case 1:
      return readRedirects(text, 'f', dialect);
    case 2:
    case 3:
      return readHeaders(text, 'f', dialect);
    default:
      return readServeJson(text, 'f');
  }
}

/** What the rules do with a request; throws where that would split an answer, climb, or lead to a host of the asker's. */
function ask({ rules: { routes, fields } }: ReadRules, file: string, raw: string): string {
  const target = parseTarget('GET', raw, { windows: false, secure: false });
  if (target.kind !== 'path') return 'no path';
  const client = { address: '::1', port: 1 };
  const request: Request = { method: 'GET', target, authority: 'a', secure: false, fields: noFields, client };
  const response: Response = { status: 200, fields: [['ETag', '"1"']], content: noContent };
  for (const [name, value] of fieldsByRule(fields)(request, response).fields) {
    assert.match(name, /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);
    assert.match(value, /^[\t -~\x80-\xff]*$/);
    assert.doesNotMatch(name, /^(?:content-length|transfer-encoding|connection|date)$/i);
  }
  const routed = routerOf(routes, false)?.(request, target);
  if (routed === undefined)
    return `no rule of ${Math.min(routes.length, 2)}, fields ${Math.min(fields.length, 2)}`;
  const { action } = routed;
  if (action.kind === 'rewrite') {
    for (const segment of action.target.segments) assert.doesNotMatch(segment, /^\.{0,2}$|[/\0]/);
  }
  if (action.kind === 'redirect') {
    assert.match(action.location, /^[\x21-\x7e]+$/);
    const origin = /^(?:https?:)?[/\\]{2,}[^/\\?#]*/i.exec(action.location)?.[0];
    if (origin === undefined) assert.match(action.location, /^\//);
    else
      assert.ok(
        writtenIn(file).some(text => text.includes(origin)),
        action.location,
      );
  }
  return `${action.kind} ${'status' in action ? action.status : ''}`;
}

/** A file as it is written and, where it is JSON, its texts without their escapes. */
function writtenIn(file: string): readonly string[] {
  const texts = [file];
  try {
    JSON.parse(file.replace(/^\ufeff/, ''), (_, value) => {
      if (typeof value === 'string') texts.push(value);
      return value;
    });
  } catch {
    // It is none.
  }
  return texts;
}
