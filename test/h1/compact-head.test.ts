import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeadForms } from '../../src/h1/compact-head.ts';
import { ResponseHead } from '../../src/h1/serialize.ts';
import type { FieldLine, Response } from '../../src/http/message.ts';

const framing = { date: 'Sun, 06 Nov 1994 08:49:37 GMT', connection: undefined };
const modified: FieldLine = ['Last-Modified', 'Sat, 05 Nov 1994 08:49:37 GMT'];
const tag: FieldLine = ['ETag', '"a-1"'];
const type: FieldLine = ['Content-Type', 'image/png'];
const cache: FieldLine = ['Cache-Control', 'no-cache'];

const responses: readonly (readonly [name: string, fields: readonly FieldLine[], status?: number])[] = [
  ['the fields of a file', [type, modified, tag, cache]],
  ['no field at all', []],
  ['no validator', [type, cache]],
  ['nothing but validators', [modified, tag]],
  ['validators apart from each other', [modified, type, tag, cache]],
  ['the validators last', [type, cache, tag]],
  ['a tag with a value like a line', [['ETag', '"Content-Length: 7"'], type]],
  ['a field whose value is like a validator', [['X-Note', 'ETag: "b"'], tag]],
  ['octets beyond ASCII', [['X-Note', 'caf\xe9'], modified]],
  ['another status', [modified], 404],
  ['a status that has no length', [modified, tag], 304],
];

for (const [name, fields, status = 200] of responses) {
  test(`a compact head is the same octets: ${name}`, () => {
    const content = { kind: 'bytes', bytes: Buffer.alloc(1234) } as const;
    const response: Response = { status, fields, content };
    const head = new ResponseHead(response);
    const forms = new HeadForms();
    for (let n = 0; n < 2; n++) {
      const compact = forms.compact(status, head.lines);
      for (const connection of [undefined, 'close', 'keep-alive'] as const) {
        const buffer = Buffer.alloc(1000, '.');
        const start = compact.writeBefore(buffer, 900, { ...framing, connection });
        const octets = head.bytes({ ...framing, connection }).toString('latin1');
        assert.equal(buffer.toString('latin1', start), `${octets}${'.'.repeat(100)}`);
        assert.equal(buffer[start - 1], 0x2e, 'what stands before it is left as it is');
      }
      assert.equal(compact.status, status);
      assert.deepEqual(compact.fields, fields);
    }
  });
}

test('what heads have in common is held once', () => {
  const forms = new HeadForms();
  const heldBy = (fields: readonly FieldLine[], length: number): number => {
    const content = { kind: 'bytes', bytes: Buffer.alloc(length) } as const;
    return forms.compact(200, new ResponseHead({ status: 200, fields, content }).lines).bytesHeld;
  };
  const policy: FieldLine = ['Content-Security-Policy', 'x'.repeat(1000)];
  assert.ok(heldBy([type, modified, tag, policy], 1) > 1000);
  assert.ok(heldBy([type, modified, ['ETag', '"b-2"'], policy], 20) < 100);
  // Others come in such number that the first is forgotten: it is held once more.
  for (let n = 0; n < 2000; n++) heldBy([['X-Number', String(n)], modified], 1);
  assert.ok(heldBy([type, modified, tag, policy], 1) > 1000);
});
