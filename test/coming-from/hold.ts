// Holds a part of docs/coming-from.md against what both servers do.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { plinth } from '../cli/command.ts';
import { skipWithout } from '../faults/process.ts';
import { until } from '../faults/until.ts';
import { type Asked, part, type Written } from './page.ts';
import { type Answer, ask, isThere, layOut, type Peer, type Side, startHere, startThere } from './sides.ts';

/** What is wanted of an answer; a field that is undefined must be absent. */
interface Wanted {
  readonly status?: number;
  readonly text?: string | RegExp;
  readonly fields?: Readonly<Record<string, string | RegExp | undefined>>;
}

/** One request and its answer; `there` where the other server answers otherwise. */
export interface Look extends Wanted {
  readonly ask: string;
  readonly method?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly there?: Wanted;
}

/** How a row is looked at. */
export interface Probe {
  /** Files beside those that every row has. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** What the text of the row has in place of something, on both sides: a time of a second for one of a minute. */
  readonly instead?: readonly [written: string, used: string];
  readonly looks?: readonly Look[];
  /** What both will have written to their logs. */
  readonly says?: RegExp;
  /** Looks further at each of the two. */
  readonly also?: (side: Side) => Promise<void>;
  /** Where the effect is no server that runs: help, say. */
  readonly ends?: RegExp;
  /** Why the other server is not run. */
  readonly onlyHere?: string;
}

/**
 * Makes a test of every row below a heading: the page has no row without a probe, and there is no probe without its row.
 * `elsewhere` are flags of the other server that the part does not tell of.
 */
export function hold(
  heading: string,
  peer: Peer,
  probes: Readonly<Record<string, Probe>>,
  elsewhere: readonly string[] = [],
): void {
  const { pairs, asked, told } = part(heading);

  describe(heading, { concurrency: atOnce }, () => {
    test('every row is looked at', () => {
      assert.ok(pairs.length > 0);
      assert.deepEqual(pairs.map(({ there }) => there).sort(), Object.keys(probes).sort());
    });

    const { file, packageName, help } = peer;
    const skip = packageName !== undefined && skipWithout(file, packageName);
    if (packageName !== undefined) {
      // Its half of each row below is left out without it.
      test('the other server is here to be compared', { skip }, () => assert.ok(isThere(file)));
    }
    if (help !== undefined) {
      test('every flag is told of', { skip }, () => {
        const flags = flagsIn(help());
        const words = new Set(told.split(/[\s=]+/));
        assert.ok(flags.length > 3, help());
        const untold = flags.filter(flag => !words.has(flag) && !elsewhere.includes(flag));
        assert.deepEqual(untold, []);
      });
    }

    for (const { there, here } of pairs) {
      const probe = probes[there] ?? {};
      if (here.kind === 'written') test(there, () => holdPair(there, here, peer, probe));
      else test(there, () => holdAbsence(there));
    }
    if (asked.length > 0) test('what both answer to the same request', () => holdAsked(asked, peer));
  });
}

/** Rows that run beside each other: they wait for processes more than they compute. */
const atOnce = 4;

async function holdAsked(asked: readonly Asked[], peer: Peer): Promise<void> {
  const folder = layOut({});
  const here = await startHere('plinth dist', folder);
  const there = await startThere(peer, peer.bare, folder);
  try {
    for (const { method, target, fields, ...status } of asked) {
      const said = `${method} ${target} ${JSON.stringify(fields)}`;
      assert.equal((await ask(here, target, { method, fields })).status, status.here, said);
      if (there === undefined) continue;
      assert.equal((await ask(there, target, { method, fields })).status, status.there, `there: ${said}`);
    }
  } finally {
    await here.stop();
    await there?.stop();
  }
}

/** The probe for a row that sends what is stored in a coding. */
export function stored(coding: 'gzip' | 'br'): Probe {
  const octets = coding === 'gzip' ? gzipSync('stored') : brotliCompressSync('stored');
  const fields = { 'content-encoding': coding, 'content-length': String(octets.length) };
  return {
    files: { [`dist/app.js.${coding === 'gzip' ? 'gz' : 'br'}`]: octets },
    looks: [{ ask: '/app.js', with: { 'Accept-Encoding': coding }, status: 200, fields }],
  };
}

async function holdPair(written: string, here: Written, peer: Peer, probe: Probe): Promise<void> {
  assert.ok(Object.keys(probe).some(key => ['looks', 'also', 'says', 'ends'].includes(key)));
  if (probe.ends !== undefined) {
    const { code, stdout } = await plinth(here.command.split(' ').slice(1)).ended;
    assert.equal(code, 0);
    assert.match(stdout, probe.ends);
    return;
  }
  const [from, to] = probe.instead ?? ['', ''];
  const inDist = (name: string): string => (name.startsWith('plinth.config') ? name : `dist/${name}`);
  const own = Object.fromEntries(Object.entries(here.files).map(([name, text]) => [inDist(name), text]));
  const folders = [layOut({ ...probe.files, ...own }), layOut(probe.files ?? {})] as const;
  const ours = await startHere(here.command.replace(from, to), folders[0]);
  const isRun = probe.onlyHere === undefined;
  const theirs = isRun ? await startThere(peer, written.replace(from, to), folders[1]) : undefined;
  try {
    for (const look of probe.looks ?? []) {
      await see(ours, look, look);
      if (theirs !== undefined) await see(theirs, look, look.there ?? look);
    }
    for (const side of theirs === undefined ? [ours] : [ours, theirs]) {
      await probe.also?.(side);
      const { says } = probe;
      if (says !== undefined) await until(() => (says.test(side.said()) ? 'said' : side.said()), 'said');
    }
  } finally {
    await ours.stop();
    await theirs?.stop();
  }
}

/** A flag that is not here is refused, so that nobody takes it to work. */
async function holdAbsence(there: string): Promise<void> {
  const { code, stderr } = await plinth([flagOf(there)]).ended;
  assert.equal(code, 2, there);
  assert.match(stderr, /unknown flag/);
}

/** The flag that a row tells of; of a directive, which has none there, the one by which somebody might ask for it here. */
function flagOf(there: string): string {
  const words = there.split(' ');
  const flag = words.find(word => /^-[\w-]/.test(word) && word !== '-m' && word !== '--root');
  return flag ?? `--${words[0]?.replace(/;$/, '').replaceAll('_', '-')}`;
}

async function see(side: Side, { ask: target, method, with: fields }: Look, wanted: Wanted): Promise<void> {
  const answer = await ask(side, target, { method: method ?? 'GET', fields: fields ?? {} });
  const said = `${side.name}: ${target} ${JSON.stringify(fields ?? {})}\n${JSON.stringify(answer).slice(0, 600)}`;
  if (wanted.status !== undefined) assert.equal(answer.status, wanted.status, said);
  if (typeof wanted.text === 'string') assert.equal(answer.text.trim(), wanted.text, said);
  if (wanted.text instanceof RegExp) assert.match(answer.text, wanted.text, said);
  for (const [name, value] of Object.entries(wanted.fields ?? {})) holdField(answer, name, value, said);
}

function holdField(answer: Answer, name: string, value: string | RegExp | undefined, said: string): void {
  const found = answer.fields[name]?.toString();
  if (value instanceof RegExp) assert.match(found ?? '', value, said);
  else assert.equal(found, value, said);
}

/** The flags that stand at the beginning of the lines of a help text. */
function flagsIn(help: string): readonly string[] {
  const flag = /(?<![\w-])--?[A-Za-z][\w-]*/g;
  const lines = help.split('\n').filter(line => /^\s+-/.test(line));
  const found = lines.flatMap(line => line.split(/\s{2,}(?=[A-Z])/)[0]?.match(flag) ?? []);
  return [...new Set(found)];
}
