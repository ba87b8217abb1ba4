import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client, RequestHead, Response } from '../http/message.ts';
import type { RuleUse } from '../rules/rules.ts';
import { createHandler, type HandlerParts } from '../server/handler.ts';
import type { Look } from '../store/store.ts';
import { type Span, Watch } from './watch.ts';

/** Whose request a rule applies to: rules know of no requests. */
const current = new AsyncLocalStorage<Watch>();

/** Takes note of a rule that applies to the request under way. */
export function ruled(use: RuleUse): void {
  current.getStore()?.ruled(use);
}

/** The answer that `createHandler` gives, with its way to it in a Server-Timing field (Server Timing, W3C, §2). */
export async function tracedAnswer(
  parts: HandlerParts,
  head: RequestHead,
  client: Client,
  looks?: Look[],
): Promise<Response> {
  const startedMs = performance.now();
  const watch = new Watch(() => performance.now());
  const handler = createHandler(watch.over(parts));
  const response = await current.run(watch, () => handler.respond(head, client, looks));
  // Whom a guard does not let pass is told nothing.
  if (watch.guards.some(({ did }) => did !== undefined)) return response;
  const timing = serverTiming(watch, performance.now() - startedMs);
  return { ...response, fields: [...response.fields, ['Server-Timing', timing]] };
}

/** What was seen of a request that took so long, in the form of a Server-Timing field. */
export function serverTiming(watch: Watch, totalMs: number): string {
  const told = (spans: readonly Span[]): readonly string[] =>
    spans.flatMap(({ kind, name, did, tookMs }) =>
      did === undefined ? [] : [metric(kind, `${name}: ${did}`, tookMs)],
    );
  const [before, behind] = [
    told(watch.spans.filter(({ kind }) => kind !== 'fields')),
    told(watch.spans.filter(({ kind }) => kind === 'fields')),
  ];
  const rules = watch.rules.map(({ name, did }) => metric('rule', `${baseOf(name)} ${did}`));
  const metrics = [...before, ...formOf(watch), ...rules, ...behind];
  const left = metrics.length - metricsMax;
  if (left > 0) metrics.splice(metricsMax, left, metric('more', `and ${left} more steps`));
  return [metric('total', undefined, totalMs), ...metrics].join(', ');
}

/** A browser shows that many well enough, and no proxy minds a field of this length. */
const metricsMax = 30;
const descriptionLengthMax = 100;

/** Which form of a file was chosen, and by which name: nobody learns where it lies on this machine. */
function formOf(watch: Watch): readonly string[] {
  const { selected, representation } = watch;
  if (selected?.kind !== 'form') return [];
  const { file, from, to } = selected.form;
  const path = watch.pathOf(file);
  const name = path === file.location ? baseOf(path) : path;
  const coding = from === to ? to : `${from} turned into ${to}`;
  const { mediaType = '' } = representation ?? {};
  return [metric('form', `${name}, ${coding}${mediaType === '' ? '' : `, ${mediaType}`}`)];
}

function baseOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

function metric(name: string, description: string | undefined, tookMs?: number): string {
  const parts = [
    ...(description === undefined ? [] : [`desc="${quotable(description)}"`]),
    ...(tookMs === undefined ? [] : [`dur=${tookMs.toFixed(2)}`]),
  ];
  return [name, ...parts].join(';');
}

/** What may stand between quotes, RFC 9110 §5.6.4: other characters as in an address, where they have such a form. */
function quotable(text: string): string {
  const plain = text.replace(/[\ud800-\udfff]/gu, '?').replace(/[^\x20-\x7e]/gu, encodeURIComponent);
  // An escape stays whole.
  const short =
    plain.length > descriptionLengthMax
      ? `${plain.slice(0, descriptionLengthMax).replace(/%.?$/, '')}...`
      : plain;
  return short.replace(/["\\]/g, '\\$&');
}
