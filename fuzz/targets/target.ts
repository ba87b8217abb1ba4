import assert from 'node:assert/strict';
import { posix } from 'node:path';
import {
  absoluteAuthority,
  formatPath,
  formatSegment,
  type PathTarget,
  parseTarget,
} from '../../src/http/target.ts';
import type { FuzzTarget } from '../target.ts';
import { pathWords } from '../words.ts';

const forPosix = { windows: false, secure: true };
const forWindows = { windows: true, secure: true };

/** Request targets, and the paths that are made of names. */
export const target: FuzzTarget = {
  name: 'target',
  words: pathWords,
  check: input => {
    const raw = input.toString('latin1');
    checkNames(input);
    const told = ['GET', 'OPTIONS', 'CONNECT'].map(method => checkMethod(method, raw));
    return told.join('|');
  },
};

function checkMethod(method: string, raw: string): string {
  const parsed = parseTarget(method, raw, forPosix);
  const onWindows = parseTarget(method, raw, forWindows);
  if (onWindows.kind !== 'violation') assert.deepEqual(onWindows, parsed, 'on Windows it is another target');
  switch (parsed.kind) {
    case 'violation':
      assert.equal(parsed.status, 400);
      return parsed.why;
    case 'path':
      checkPath(parsed, raw);
      return `path ${Math.min(parsed.segments.length, 3)} ${parsed.endsInSlash} ${parsed.hadSlashRun}`;
    default:
      return parsed.kind;
  }
}

function checkPath(parsed: PathTarget, raw: string): void {
  assert.match(raw, /^[\x21-\x7e]+$/);
  assert.ok(parsed.query === '' || parsed.query.startsWith('?'));
  assert.ok(raw.endsWith(parsed.query), 'another query');
  for (const segment of parsed.segments) {
    assert.ok(segment !== '' && segment !== '.' && segment !== '..', `the segment ${segment}`);
    assert.doesNotMatch(segment, /[/\0]/);
    assert.doesNotMatch(segment, /\p{Surrogate}/u, 'half a character');
  }
  checkResolution(parsed, raw);
  checkFormat(parsed.segments, parsed.endsInSlash);
}

/** Node's own reading of the path, decoded once, leads to the same place. */
function checkResolution(parsed: PathTarget, raw: string): void {
  const authority = absoluteAuthority(raw);
  const afterAuthority = authority === undefined ? raw : raw.slice(raw.indexOf('://') + 3 + authority.length);
  const path = decodeURIComponent(afterAuthority.split('?')[0] ?? '');
  const normal = posix.normalize(`/${path}`.replace(/\/+/g, '/')).replace(/(?<=[\s\S])\/$/, '');
  assert.equal(`/${parsed.segments.join('/')}`, normal);
}

/** A path that was made is read as what it was made of, and made again it is the same. */
function checkFormat(segments: readonly string[], endsInSlash: boolean): void {
  const path = formatPath(segments, endsInSlash);
  assert.match(path, /^\/(?!\/)[\x21-\x7e]*$/);
  assert.doesNotMatch(path, /[\\"'<>]/, 'an octet that is not safe in a page');
  const again = parseTarget('GET', path, forPosix);
  assert.ok(again.kind === 'path', `${path} is no path`);
  assert.deepEqual(again.segments, segments, path);
  assert.equal(again.endsInSlash, endsInSlash || segments.length === 0);
  assert.equal(again.hadSlashRun, false);
  assert.equal(again.query, '');
  assert.equal(formatPath(again.segments, again.endsInSlash), path);
}

/** Any name that a disk may hold, as UTF-8 or as UTF-16 with halves of characters. */
function checkNames(input: Buffer): void {
  const names = input
    .toString('utf8')
    .split(/[/\0]/)
    .filter(name => name !== '' && name !== '.' && name !== '..');
  checkFormat(names, input.length % 2 === 1 && names.length > 0);
  const halves = input.subarray(0, input.length & ~1).toString('utf16le');
  assert.match(formatSegment(halves), /^[\x21-\x7e]*$/);
}
