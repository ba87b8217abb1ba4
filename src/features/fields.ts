import { fieldValue, varyingOn } from '../http/fields.ts';
import { capturedFromHost, type HostNames, holdsHost, hostOf } from '../http/host-names.ts';
import { trimmed } from '../http/list.ts';
import type { FieldLine, Request, Response } from '../http/message.ts';
import { errorPolicy, listingPolicy } from '../page/style.ts';
import type { Captures } from '../rules/pattern.ts';
import { matchPattern } from '../rules/pattern.ts';
import type { FieldChange, FieldRule, RuleUse, TellRule } from '../rules/rules.ts';
import { fillText } from '../rules/template.ts';
import type { Finisher } from './feature.ts';

/**
 * Changes the fields of answers as the rules of the site say, by the path that was asked for. What describes a file
 * (how long it may be kept, its media type) is changed only where a file is sent, so that an error, a listing or an
 * archive is not kept for a year because the files around it may be. `tell` is told of the rules that match.
 */
export function fieldsByRule(rules: readonly FieldRule[], tell?: TellRule): Finisher {
  const isForHosts = rules.some(({ hosts }) => hosts !== undefined);
  const finish = (request: Request | undefined, response: Response): Response => {
    if (request?.target.kind !== 'path') return response;
    let fields = response.fields;
    /** What rules have said so far, in lower case: the server's own value is gone, a further one joins it. */
    const said = new Set<string>();
    const host = isForHosts ? hostOf(request.authority) : '';
    for (const rule of rules) {
      if (rule.hosts !== undefined && !holdsHost(rule.hosts, host)) continue;
      const fromPath = matchPattern(rule.from, request.target);
      if (fromPath === undefined) continue;
      const captures = rule.hosts?.patterns.length ? withHost(fromPath, rule.hosts, host) : fromPath;
      tell?.(useOf(rule, response));
      for (const change of rule.changes)
        if (applies(change, response)) fields = changed(fields, change, captures, said);
    }
    return fields === response.fields ? response : { ...response, fields };
  };
  return Object.assign(finish, { reads: [] });
}

/** What a path was taken for, with what the names in the host stand for. */
function withHost(captures: Captures, hosts: HostNames, host: string): Captures {
  const names = [...capturedFromHost(hosts, host)].map(
    ([name, text]) => [name, { text, isPath: false }] as const,
  );
  return new Map([...captures, ...names]);
}

/** What is true of a file and not of an error, a redirect, a listing or a body of parts, in lower case. */
const ofFiles: ReadonlySet<string> = new Set([
  'cache-control',
  'content-disposition',
  'content-language',
  'content-type',
  'expires',
  'pragma',
]);

const ownPolicies: ReadonlySet<string> = new Set([errorPolicy, listingPolicy]);

function applies({ name }: FieldChange, response: Response): boolean {
  const { status, fields } = response;
  const lower = name.toLowerCase();
  // Pages of ours are as safe as their policies are strict, and would not work under another one.
  if (lower === 'content-security-policy') return !ownPolicies.has(fieldValue(fields, lower) ?? '');
  if (!ofFiles.has(lower)) return true;
  if (lower !== 'content-type') return isOfFile(response);
  // A body of several parts says so itself; an answer without content has no type.
  const isOfParts = fields.some(line => line[0] === 'Content-Type' && line[1].startsWith('multipart/'));
  return status !== 304 && isOfFile(response) && !isOfParts;
}

/** Whether an answer sends a file, or says that a copy of one is still good: what we make ourselves says itself what it is. */
function isOfFile({ status, fields, content }: Response): boolean {
  // Only files have validators.
  if (status === 304) return fields.some(([name]) => name === 'ETag' || name === 'Last-Modified');
  return (status === 200 || status === 206) && (content.kind === 'stored' || content.kind === 'coded');
}

function useOf({ source, changes }: FieldRule, response: Response): RuleUse {
  const applied = changes.filter(change => applies(change, response));
  const did = applied.map(({ kind, name }) => `${verbs[kind]} ${name}`).join(', ');
  return {
    source,
    did: did || 'says something about files only',
    fields: applied.filter(({ kind }) => kind !== 'remove').map(({ name }) => name.toLowerCase()),
  };
}

const verbs: Readonly<Record<FieldChange['kind'], string>> = {
  set: 'sets',
  append: 'adds to',
  join: 'sets',
  remove: 'removes',
};

function changed(
  fields: readonly FieldLine[],
  change: FieldChange,
  captures: Captures,
  said: Set<string>,
): readonly FieldLine[] {
  const name = change.name.toLowerCase();
  const others = fields.filter(line => line[0].toLowerCase() !== name);
  if (change.kind === 'remove') return others;
  const filled = fillText(change.value, captures);
  // What a name stands for may be nothing, and then it leaves its blank.
  const value = trimmed(filled, 0, filled.length);
  // What the answer varies on already stays true.
  if (name === 'vary') return value.split(',').reduce((lines, part) => varyingOn(lines, part.trim()), fields);
  const isFirst = !said.has(name);
  said.add(name);
  if (change.kind === 'set' || (change.kind === 'join' && isFirst)) return [...others, [change.name, value]];
  // Cookies stay lines of their own: RFC 6265 §3.
  if (name === 'set-cookie') return [...fields, [change.name, value]];
  const before = fields.filter(line => line[0].toLowerCase() === name).map(line => line[1]);
  return [...others, [change.name, [...before, value].join(', ')]];
}
