import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { Fields, fieldValue } from '../../src/http/fields.ts';
import { defaultLimits, type Limits } from '../../src/http/limits.ts';
import type { RequestHead } from '../../src/http/message.ts';
import { Coder, type CodingFailure } from '../../src/server/coding.ts';
import { createHandler } from '../../src/server/handler.ts';
import { prepare } from '../../src/server/prepare.ts';
import { type MemoryStore, memoryStore } from '../../src/store/memory.ts';
import type { OpenFailure, Store } from '../../src/store/store.ts';
import { nowMs, siteOf } from '../site/fixture.ts';

const text = 'what is coded and decoded '.repeat(100);
const client = { address: '127.0.0.1', port: 1 };
const modifiedMs = nowMs - 10_000;

/** Files of that text, coded well and badly. */
const files = {
  'a.js.br': brotliCompressSync(text),
  'b.js.gz': gzipSync(text),
  'cut.js.gz': gzipSync(text).subarray(0, 40),
  'bad.js.br': Buffer.from('not brotli'),
  'bomb.js.br': brotliCompressSync(Buffer.alloc(1_000_000)),
  'large.js.gz': gzipSync(text, { level: 0 }),
};

/** A coder over a store that counts openings, and an asking for one of the files. */
function decoding(limits: Partial<Limits> = {}, now: () => number = () => nowMs) {
  const inner = memoryStore(
    Object.fromEntries(Object.entries(files).map(([name, content]) => [name, { content, modifiedMs }])),
  );
  const opened: string[] = [];
  const store: Store = counting(inner, opened);
  const coder = new Coder({ limits: { ...defaultLimits, decodedBytesMax: 100_000, ...limits }, now });
  const decode = async (name: keyof typeof files): Promise<Buffer | CodingFailure> => {
    const entry = await store.find([name]);
    assert.ok(entry.kind === 'file');
    const from = name.endsWith('.br') ? 'br' : 'gzip';
    return coder.make({ kind: 'coded', file: entry.file, from, to: 'identity' }, store);
  };
  return { inner, store, coder, opened, decode };
}

function counting(inner: MemoryStore, opened: string[]): Store {
  return {
    find: segments => inner.find(segments),
    list: segments => inner.list(segments),
    open: file => {
      opened.push(file.location);
      return inner.open(file);
    },
  };
}

const outcomes: readonly (readonly [name: keyof typeof files, limits: Partial<Limits>, outcome: string])[] = [
  ['a.js.br', {}, text],
  ['b.js.gz', {}, text],
  ['cut.js.gz', {}, 'corrupt'],
  ['bad.js.br', {}, 'corrupt'],
  ['bomb.js.br', {}, 'too large'],
  ['a.js.br', { decodedBytesMax: text.length }, text],
  ['a.js.br', { decodedBytesMax: text.length - 1 }, 'too large'],
  ['large.js.gz', { codedBytesMax: 1000 }, 'too large'],
];

for (const [name, limits, outcome] of outcomes) {
  test(`${name} with ${JSON.stringify(limits)} becomes: ${outcome.slice(0, 20)}`, async () => {
    const made = await decoding(limits).decode(name);
    assert.equal(typeof made === 'string' ? made : made.toString(), outcome);
  });
}

test('requests that ask at once share the work, and later ones what was kept', async () => {
  const { decode, opened } = decoding();
  const together = await Promise.all([decode('a.js.br'), decode('a.js.br'), decode('a.js.br')]);
  assert.ok(together.every(made => made === together[0]));
  assert.equal(await decode('a.js.br'), together[0]);
  assert.deepEqual(opened, ['a.js.br']);
});

test('another version is another content', async () => {
  const { decode, inner } = decoding();
  await decode('a.js.br');
  inner.set('a.js.br', { content: brotliCompressSync('new'), modifiedMs: modifiedMs + 1 });
  assert.equal(String(await decode('a.js.br')), 'new');
});

test('of a file that has just changed nothing is kept, and beyond the bound neither', async () => {
  for (const { decode, opened } of [decoding({}, () => modifiedMs + 500), decoding({ cacheBytesMax: 100 })]) {
    await decode('a.js.br');
    await decode('a.js.br');
    assert.deepEqual(opened, ['a.js.br', 'a.js.br']);
  }
});

test('many files are coded, few at once, and each comes out as itself', async () => {
  const names = Array.from({ length: 40 }, (_, at) => `${at}.js.gz`);
  const store = memoryStore(Object.fromEntries(names.map(name => [name, gzipSync(name)])));
  let running = 0;
  let most = 0;
  const watched: Store = {
    ...store,
    open: async file => {
      const open = await store.open(file);
      if (typeof open === 'string') return open;
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      return open;
    },
  };
  const coder = new Coder({ limits: defaultLimits, now: () => nowMs });
  const made = await Promise.all(
    names.map(async name => {
      const entry = await store.find([name]);
      assert.ok(entry.kind === 'file');
      return coder.make({ kind: 'coded', file: entry.file, from: 'gzip', to: 'identity' }, watched);
    }),
  );
  assert.deepEqual(made.map(String), names);
  assert.equal(most, 2);
});

for (const failure of ['changed', 'absent', 'denied', 'busy'] as const satisfies readonly OpenFailure[]) {
  test(`a store that cannot open because of ${failure} is told, and the next asking tries again`, async () => {
    const { store, coder } = decoding();
    const entry = await store.find(['a.js.br']);
    assert.ok(entry.kind === 'file');
    const content = { kind: 'coded', file: entry.file, from: 'br', to: 'identity' } as const;
    assert.equal(await coder.make(content, { ...store, open: async () => failure }), failure);
    assert.equal(String(await coder.make(content, store)), text);
  });
}

test('a file that shrinks while it is read has changed', async () => {
  const { store, coder } = decoding();
  const entry = await store.find(['a.js.br']);
  assert.ok(entry.kind === 'file');
  const { file } = entry;
  const longer: Store = { ...store, open: () => store.open(file) };
  const content = {
    kind: 'coded',
    file: { ...file, size: file.size + 1 },
    from: 'br',
    to: 'identity',
  } as const;
  assert.equal(await coder.make(content, longer), 'changed');
});

/** Target; status, and what the operator is told. */
const answers: readonly (readonly [target: string, status: number, report: string])[] = [
  ['/a.js', 200, ''],
  ['/bad.js', 500, '/bad.js: the file is not in the content coding that its name says'],
  ['/bomb.js', 406, ''],
];

for (const [target, status, report] of answers) {
  for (const method of ['GET', 'HEAD']) {
    test(`${method} ${target} for a client that accepts no coding is ${status}`, async () => {
      const reports: string[] = [];
      const { store, coder } = decoding();
      const handler = createHandler({
        site: siteOf({}, { store }),
        gates: [],
        rewrites: [],
        finishers: [],
        windows: false,
        now: () => nowMs,
      });
      const head: RequestHead = {
        method,
        target,
        version: '1.1',
        authority: 'h',
        fields: new Fields([]),
      };
      const service = { handler, store, coder, report: (line: string) => void reports.push(line) };
      const { response, body } = await prepare(head, client, service);
      assert.equal(response.status, status);
      assert.ok(response.content.kind === 'bytes' && body.kind === 'bytes');
      assert.equal(fieldValue(response.fields, 'content-encoding'), undefined);
      if (status === 200) assert.equal(Buffer.from(response.content.bytes).toString(), text);
      if (status === 200) assert.equal(body.bytes.length, method === 'HEAD' ? 0 : text.length);
      assert.equal(reports.join(), report);
    });
  }
}
