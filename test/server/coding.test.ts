import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib';
import { Fields, fieldValue } from '../../src/http/fields.ts';
import { defaultLimits, type Limits } from '../../src/http/limits.ts';
import type { RequestHead } from '../../src/http/message.ts';
import { Background } from '../../src/server/background.ts';
import { Coder, type CodingFailure, type Made } from '../../src/server/coding.ts';
import { createHandler } from '../../src/server/handler.ts';
import { prepare } from '../../src/server/prepare.ts';
import { type MemoryStore, memoryStore } from '../../src/store/memory.ts';
import type { OpenFailure, Store } from '../../src/store/store.ts';
import { nowMs, siteOf } from '../site/fixture.ts';

const text = 'what is coded and decoded '.repeat(100);
const client = { address: '127.0.0.1', port: 1 };
const modifiedMs = nowMs - 10_000;
const background = new Background(line => assert.fail(line));
after(() => background.stop());

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
  const coder = new Coder({
    limits: { ...defaultLimits, decodedBytesMax: 100_000, ...limits },
    now,
    background,
  });
  const decode = async (name: keyof typeof files): Promise<Buffer | CodingFailure> => {
    const entry = await store.find([name]);
    assert.ok(entry.kind === 'file');
    const from = name.endsWith('.br') ? 'br' : 'gzip';
    const made = await coder.make({ kind: 'coded', file: entry.file, from, to: 'identity' }, store);
    return typeof made === 'string' ? made : made.bytes;
  };
  return { inner, store, coder, opened, decode };
}

function textOf(made: Made | CodingFailure): string {
  return typeof made === 'string' ? made : made.bytes.toString();
}

function counting(inner: MemoryStore, opened: string[]): Store {
  return {
    find: segments => inner.find(segments),
    list: segments => inner.list(segments),
    open: async file => {
      const open = await inner.open(file);
      if (typeof open === 'string') return open;
      // Opened once more at the end, to be judged: what counts is who reads.
      const read: typeof open.read = (...place) => {
        opened.push(file.location);
        return open.read(...place);
      };
      return { read, isUnchanged: () => open.isUnchanged(), close: () => open.close() };
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
  const coder = new Coder({ limits: defaultLimits, now: () => nowMs, background });
  const made = await Promise.all(
    names.map(async name => {
      const entry = await store.find([name]);
      assert.ok(entry.kind === 'file');
      return coder.make({ kind: 'coded', file: entry.file, from: 'gzip', to: 'identity' }, watched);
    }),
  );
  assert.deepEqual(made.map(textOf), names);
  assert.equal(most, 2);
});

for (const failure of ['changed', 'absent', 'denied', 'busy'] as const satisfies readonly OpenFailure[]) {
  test(`a store that cannot open because of ${failure} is told, and the next asking tries again`, async () => {
    const { store, coder } = decoding();
    const entry = await store.find(['a.js.br']);
    assert.ok(entry.kind === 'file');
    const content = { kind: 'coded', file: entry.file, from: 'br', to: 'identity' } as const;
    assert.equal(await coder.make(content, { ...store, open: async () => failure }), failure);
    assert.equal(textOf(await coder.make(content, store)), text);
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

/** A coder over one file that has settled, and an asking for it in br. */
function making(
  content: string,
  { ageMs = 10_000, limits = {} }: { ageMs?: number; limits?: Partial<Limits> } = {},
) {
  const inner = memoryStore({ 'a.js': { content, modifiedMs: nowMs - ageMs } });
  const opened: string[] = [];
  const store = counting(inner, opened);
  const coder = new Coder({ limits: { ...defaultLimits, ...limits }, now: () => nowMs, background });
  const make = async (): Promise<Made> => {
    const entry = await store.find(['a.js']);
    assert.ok(entry.kind === 'file');
    const made = await coder.make({ kind: 'coded', file: entry.file, from: 'identity', to: 'br' }, store);
    assert.ok(typeof made !== 'string');
    return made;
  };
  return { coder, make, opened, inner };
}

/** Looks again and again until something holds; the guard is far beyond what that takes. */
async function until(holds: () => boolean): Promise<void> {
  for (let looks = 0; !holds(); looks++) {
    assert.ok(looks < 1000, 'it does not come to hold');
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

const long = Array.from({ length: 4000 }, (_, at) => `line ${at} of ${at % 13}\n`).join('');

test('a small file is coded once, as well as can be', async () => {
  const small = text.slice(0, 2048);
  const { make, opened } = making(small);
  const made = await make();
  assert.equal(brotliDecompressSync(made.bytes).toString(), small);
  assert.ok(!made.isProvisional);
  assert.equal(await make(), made);
  assert.deepEqual(opened, ['a.js']);
});

test('a large file is coded fast, by whoever asks first, and then better', async () => {
  const { make, opened } = making(long);
  const [fast, same] = await Promise.all([make(), make()]);
  assert.equal(fast, same);
  assert.ok(fast.isProvisional && fast.isFresh());
  assert.equal(brotliDecompressSync(fast.bytes).toString(), long);
  await until(() => !fast.isFresh());
  const best = await make();
  assert.ok(!best.isProvisional && best.isFresh());
  assert.ok(best.bytes.length < fast.bytes.length);
  assert.equal(brotliDecompressSync(best.bytes).toString(), long);
  assert.deepEqual(opened, ['a.js', 'a.js']);
});

test('one octet more is coded in haste', async () => {
  assert.ok((await making(text.slice(0, 2049)).make()).isProvisional);
});

test('what is given up is taken up again when it is asked for', async () => {
  const { make } = making(long);
  const fast = await make();
  background.stop();
  await new Promise(resolve => setTimeout(resolve, 100));
  assert.equal(await make(), fast);
  await until(() => !fast.isFresh());
});

test('of what is not kept nothing better is made', async () => {
  for (const { make, opened } of [
    making(long, { ageMs: 500 }),
    making(long, { limits: { cacheBytesMax: 1000 } }),
  ]) {
    const first = await make();
    assert.notEqual(await make(), first);
    await new Promise(resolve => setTimeout(resolve, 100));
    assert.deepEqual(opened, ['a.js', 'a.js']);
  }
});

test('a file that changes before the better octets are made keeps none of them', async () => {
  const { make, inner } = making(long);
  let release = (): void => {};
  void background.run('soon', () => new Promise<void>(resolve => (release = resolve)));
  const old = await make();
  release();
  inner.set('a.js', { content: `${long}!`, modifiedMs: nowMs - 5000 });
  const made = await make();
  assert.equal(brotliDecompressSync(made.bytes).toString(), `${long}!`);
  await until(() => !made.isFresh());
  assert.ok(old.isFresh());
});

test('to turn a coding into itself is a bug', async () => {
  const { coder, inner } = making(text);
  const entry = await inner.find(['a.js']);
  assert.ok(entry.kind === 'file');
  const content = { kind: 'coded', file: entry.file, from: 'identity', to: 'identity' } as const;
  await assert.rejects(coder.make(content, inner), /nothing to turn/);
});

test('the answer that is made in haste has a weak tag and holds until a better one is there', async () => {
  const store = memoryStore({ 'a.js': { content: long, modifiedMs } });
  const coder = new Coder({ limits: defaultLimits, now: () => nowMs, background });
  const site = siteOf({}, { store });
  const codings = { ...site.codings, madeBytesMax: 1e6 };
  const parts = { gates: [], rewrites: [], finishers: [], windows: false, now: () => nowMs };
  const handler = createHandler({ ...parts, site: { ...site, codings } });
  const fields = new Fields([['Accept-Encoding', 'br']]);
  const head: RequestHead = { method: 'GET', target: '/a.js', version: '1.1', authority: 'h', fields };
  const service = { handler, store, coder, report: (line: string) => assert.fail(line) };
  const first = await prepare(head, client, service);
  const tag = fieldValue(first.response.fields, 'etag') ?? '';
  assert.match(tag, /^W\/"[^"]+-identity-br"$/);
  assert.equal(first.looks?.length, 1);
  await until(() => !first.looks?.every(look => look.isFresh(nowMs)));
  const second = await prepare(head, client, service);
  assert.equal(`W/${fieldValue(second.response.fields, 'etag')}`, tag);
  assert.equal(second.looks?.length, 0);
  const withTag = new Fields([...fields.lines, ['If-None-Match', tag]]);
  const third = await prepare({ ...head, fields: withTag }, client, service);
  assert.equal(third.response.status, 304);
});
