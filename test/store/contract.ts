/** What every store owes to a site, whatever it keeps its files in. Each store's test calls this with its own fixtures. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Store } from '../../src/store/store.ts';
import { fileAt, namesIn, openAt, segmentsOf, textOf } from './reading.ts';

/** A store with files in it, and the hands to change them. */
interface Fixture {
  readonly store: Store;
  /** Writes a file in place: whoever holds it open sees the new content. Its time of modification differs from before. */
  write(path: string, content: string): Promise<void>;
  remove(path: string): Promise<void>;
}

/** Makes a fixture of these files, keyed by path; it is gone when the test ends. */
export type MakeFixture = (
  t: TestContext,
  files: Readonly<Record<string, string>>,
  options?: { readonly dotfiles?: boolean; readonly modifiedMs?: number },
) => Promise<Fixture>;

/** Registers the suite for one kind of store. */
export function storeContract(name: string, make: MakeFixture): void {
  describe(`contract of the ${name} store`, () => {
    findRows(make);
    nameRows(make);
    listRows(make);
    openRows(make);
    changeRows(make);
  });
}

const files = {
  'a.txt': '0123456789',
  'empty.txt': '',
  'b/c/d.txt': 'deep',
  '.env': 'secret',
  '.git/config': 'secret',
  'b/.hidden': 'secret',
  'b/.well-known/x': 'secret',
  '.well-known/security.txt': 'Contact: x',
  '.well-known/.hidden': 'secret',
};

function findRows(make: MakeFixture): void {
  const rows: readonly (readonly [path: string, kind: string])[] = [
    ['', 'folder'],
    ['a.txt', 'file'],
    ['empty.txt', 'file'],
    ['b', 'folder'],
    ['b/c/d.txt', 'file'],
    ['missing', 'absent'],
    ['missing/deeper/still', 'absent'],
    ['A.TXT', 'absent'],
    ['a.txt/x', 'absent'],
    ['b/c/d.txt/x/y', 'absent'],
    ['constructor', 'absent'],
    ['__proto__', 'absent'],
    ['b/toString', 'absent'],
    ['n'.repeat(300), 'absent'],
    ['.env', 'denied'],
    ['.git', 'denied'],
    ['.git/config', 'denied'],
    ['b/.hidden', 'denied'],
    ['.not-there', 'denied'],
    ['...', 'denied'],
    ['.well-known', 'folder'],
    ['.well-known/security.txt', 'file'],
    ['.well-known/.hidden', 'denied'],
    ['b/.well-known/x', 'denied'],
  ];
  test('find tells what stands at a path, and CVE-2018-3718 hidden names are denied wherever they are', async t => {
    const fixture = await make(t, files);
    for (const [path, kind] of rows) {
      assert.equal((await fixture.store.find(segmentsOf(path))).kind, kind, JSON.stringify(path));
    }
  });

  test('with dotfiles every name is found and listed', async t => {
    const fixture = await make(t, files, { dotfiles: true });
    for (const path of Object.keys(files)) await fileAt(fixture.store, path);
    assert.deepEqual(await namesIn(fixture.store, 'b'), ['.hidden', '.well-known', 'c']);
  });

  test('segments that are not single names lead nowhere', async t => {
    const fixture = await make(t, { 'a.txt': 'x', 'b/c.txt': 'y' }, { dotfiles: true });
    for (const segments of [
      ['..'],
      ['.', 'a.txt'],
      [''],
      ['b/c.txt'],
      ['a.txt', ''],
      ['a\0.txt'],
      ['..', '..', 'etc'],
    ]) {
      assert.deepEqual(await fixture.store.find(segments), { kind: 'absent' }, JSON.stringify(segments));
      assert.deepEqual(await fixture.store.list(segments), { kind: 'absent' }, JSON.stringify(segments));
    }
  });

  test('a file is told with its size and its time in nanoseconds', async t => {
    for (const modifiedMs of [0, 1, 1_700_000_000_125, -86_400_000]) {
      const fixture = await make(t, { 'a.txt': '0123456789' }, { modifiedMs });
      const file = await fileAt(fixture.store, 'a.txt');
      assert.equal(file.size, 10);
      assert.equal(file.modifiedNs, BigInt(modifiedMs) * 1_000_000n);
      assert.deepEqual(await fileAt(fixture.store, 'a.txt'), file, 'the same version is an equal value');
      const listing = await fixture.store.list([]);
      assert.deepEqual(listing, {
        kind: 'members',
        members: [{ name: 'a.txt', kind: 'file', size: 10, modifiedMs }],
      });
    }
  });
}

function nameRows(make: MakeFixture): void {
  const names = [
    'two words.txt',
    '100%.txt',
    '%2e%2e',
    '%00',
    'a#b',
    'a?b=c',
    'a+b',
    'a\\b',
    'C:',
    'f::$DATA',
    "it's",
    '"quoted"',
    '<img src=x>',
    'line\nbreak',
    'tab\tbell\x07',
    '\x1b[31m',
    'ümlaut',
    'u\u0308',
    '日本語',
    '🦊.png',
    '\u202etxt.exe',
    '\u00a0',
    ' ',
    'dot.',
    'space ',
    '~',
    '*',
    'constructor',
    'prototype',
    '__proto__',
    'hasOwnProperty',
    'toString',
    'NUL',
    'x'.repeat(255),
    '語'.repeat(85),
    '\ufeffbom',
  ];
  test('every name that a file system takes is found, listed, opened and read', async t => {
    // No object literal: `__proto__` as a key would set its prototype.
    const fixture = await make(t, {});
    for (const name of names) {
      await fixture.write(name, `content of ${name}`);
      await fixture.write(`below/${name}/${name}`, 'nested');
    }
    assert.deepEqual(await namesIn(fixture.store, ''), [...names, 'below'].sort());
    for (const name of names) {
      const file = await fileAt(fixture.store, name);
      assert.equal(await textOf(fixture.store, file), `content of ${name}`);
      assert.equal(
        await textOf(fixture.store, await fileAt(fixture.store, `below/${name}/${name}`)),
        'nested',
      );
    }
  });

  test('a path of 500 folders is found and read', async t => {
    const path = `${'d/'.repeat(500)}leaf.txt`;
    const fixture = await make(t, { [path]: 'deep down' });
    assert.equal(await textOf(fixture.store, await fileAt(fixture.store, path)), 'deep down');
  });
}

function listRows(make: MakeFixture): void {
  test('list names what find would show, and CVE-2018-3718 nothing hidden', async t => {
    const fixture = await make(t, files);
    assert.deepEqual(await namesIn(fixture.store, ''), ['.well-known', 'a.txt', 'b', 'empty.txt']);
    assert.deepEqual(await namesIn(fixture.store, 'b'), ['c']);
    assert.deepEqual(await namesIn(fixture.store, '.well-known'), ['security.txt']);
    const listing = await fixture.store.list([]);
    assert.ok(listing.kind === 'members');
    const facts = new Map(listing.members.map(member => [member.name, `${member.kind} ${member.size}`]));
    assert.deepEqual(
      [facts.get('a.txt'), facts.get('b'), facts.get('empty.txt')],
      ['file 10', 'folder 0', 'file 0'],
    );
    assert.ok(listing.members.every(member => Number.isFinite(member.modifiedMs)));
    for (const [path, kind] of [
      ['a.txt', 'absent'],
      ['missing', 'absent'],
      ['.git', 'denied'],
      ['b/.well-known', 'denied'],
    ] as const) {
      assert.equal((await fixture.store.list(segmentsOf(path))).kind, kind, path);
    }
  });
}

function openRows(make: MakeFixture): void {
  const rows: readonly (readonly [length: number, position: number, text: string])[] = [
    [10, 0, '0123456789'],
    [3, 0, '012'],
    [3, 4, '456'],
    [1, 9, '9'],
    [0, 5, ''],
    [20, 0, '0123456789'],
    [20, 8, '89'],
    [5, 10, ''],
    [5, 11, ''],
    [5, 2 ** 40, ''],
  ];
  test('read gives the octets asked for, and fewer only at the end', async t => {
    const fixture = await make(t, files);
    const open = await openAt(fixture.store, 'a.txt');
    for (const [length, position, text] of rows) {
      const buffer = Buffer.alloc(24, '#');
      assert.equal(await open.read(buffer, length, position), text.length, `${length} at ${position}`);
      assert.equal(buffer.toString(), text.padEnd(24, '#'), 'nothing beyond what was read is touched');
    }
    open.close();
    const empty = await openAt(fixture.store, 'empty.txt');
    assert.equal(await empty.read(Buffer.alloc(4), 4, 0), 0);
    empty.close();
  });

  test('closing twice does nothing, and a closed file is neither read nor unchanged', async t => {
    const fixture = await make(t, files);
    const open = await openAt(fixture.store, 'a.txt');
    assert.equal(await open.isUnchanged(), true);
    open.close();
    open.close();
    await assert.rejects(async () => open.read(Buffer.alloc(4), 4, 0), /closed/);
    assert.equal(await open.isUnchanged(), false);
  });

  test('a file can be open many times, and reads at once do not disturb each other', async t => {
    const fixture = await make(t, files);
    const opened = await Promise.all(Array.from({ length: 8 }, () => openAt(fixture.store, 'a.txt')));
    const texts = await Promise.all(
      opened.flatMap(open =>
        [0, 3, 7].map(async position => {
          const buffer = Buffer.alloc(3);
          await open.read(buffer, 3, position);
          return buffer.toString();
        }),
      ),
    );
    assert.deepEqual(
      texts,
      opened.flatMap(() => ['012', '345', '789']),
    );
    for (const open of opened) open.close();
  });
}

function changeRows(make: MakeFixture): void {
  const rewrites: readonly (readonly [title: string, content: string])[] = [
    ['of the same size', '9876543210'],
    ['that is longer', '0123456789+'],
    ['that is shorter', '01234'],
    ['that is empty', ''],
    ['of equal octets', '0123456789'],
  ];
  for (const [title, content] of rewrites) {
    test(`a new version ${title} is another value, and the old one is not opened`, async t => {
      const fixture = await make(t, files);
      const before = await fileAt(fixture.store, 'a.txt');
      const open = await openAt(fixture.store, 'a.txt');
      await fixture.write('a.txt', content);
      assert.equal(await open.isUnchanged(), false);
      open.close();
      assert.equal(await fixture.store.open(before), 'changed');
      const after = await fileAt(fixture.store, 'a.txt');
      assert.notDeepEqual(after, before);
      assert.notEqual(
        `${after.size} ${after.modifiedNs}`,
        `${before.size} ${before.modifiedNs}`,
        'a validator would differ',
      );
      assert.equal(await textOf(fixture.store, after), content);
    });
  }

  test('CVE-2017-7529 a file that shrinks while open gives a short read', async t => {
    const fixture = await make(t, files);
    const open = await openAt(fixture.store, 'a.txt');
    await fixture.write('a.txt', 'abc');
    const buffer = Buffer.alloc(10, '#');
    assert.equal(await open.read(buffer, 10, 0), 3);
    assert.equal(buffer.toString(), 'abc#######');
    assert.equal(await open.read(buffer, 10, 5), 0);
    open.close();
  });

  test('a removed file is absent to find and to open, and an open one is read to its end', async t => {
    const fixture = await make(t, files);
    const file = await fileAt(fixture.store, 'b/c/d.txt');
    const open = await openAt(fixture.store, 'b/c/d.txt');
    await fixture.remove('b/c/d.txt');
    assert.deepEqual(await fixture.store.find(['b', 'c', 'd.txt']), { kind: 'absent' });
    assert.equal(await fixture.store.open(file), 'absent');
    const buffer = Buffer.alloc(4);
    assert.equal(await open.read(buffer, 4, 0), 4);
    assert.equal(buffer.toString(), 'deep');
    open.close();
  });

  test('a file where a folder was, and a folder where a file was, are what they are now', async t => {
    const fixture = await make(t, { 'x/y': 'old' });
    const file = await fileAt(fixture.store, 'x/y');
    await fixture.remove('x/y');
    await fixture.remove('x');
    await fixture.write('x', 'now a file');
    assert.equal((await fixture.store.find(['x', 'y'])).kind, 'absent');
    assert.equal(await fixture.store.open(file), 'absent');
    const other = await fileAt(fixture.store, 'x');
    await fixture.remove('x');
    await fixture.write('x/y', 'file again');
    assert.equal(await fixture.store.open(other), 'changed');
    assert.equal(await fixture.store.open(file), 'changed');
  });
}
