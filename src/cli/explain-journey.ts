import type { ReceivedHead } from '../probe/answer-reader.ts';
import type { Journey, Span, StepName } from '../probe/journey.ts';
import { meaningOfField, meaningOfStatus } from '../probe/meanings.ts';
import type { Connection, Name, Security } from '../probe/route.ts';
import { printable, type Style } from './style.ts';

/** What the text depends on beside the journey. */
export interface Surroundings {
  /** The moment, milliseconds since 1970. */
  readonly nowMs: number;
  /** How wide a line may be. */
  readonly columns: number;
}

/** A request and its answer for people, step by step. */
export function journeyText(journey: Journey, { nowMs, columns }: Surroundings, style: Style): string {
  const { url, name, connection, security, request, head, content, failure } = journey;
  const steps: readonly (readonly [StepName, string, readonly string[] | undefined])[] = [
    ['name', 'The name becomes an address', name && nameLines(name)],
    ['connection', 'A connection is made over TCP', connection && connectionLines(connection)],
    [
      'tls',
      'Both sides agree on keys, and the server proves its name',
      security && securityLines(security, nowMs),
    ],
    [
      'request',
      'The request, as it is sent',
      request === undefined ? undefined : rawLines('>', request, style),
    ],
    [
      'waiting',
      'The head of the answer, as it is received',
      head && [...journey.interim, head].flatMap(one => headLines(one, columns, style)),
    ],
    ['content', 'The content', content && head && contentLines(journey, head)],
  ];
  const lines = ['', `  ${style.bold('plinth explain')}  ${style.accent(printable(url))}`, ''];
  let number = 0;
  for (const [step, title, told] of steps) {
    const isHere = failure?.step === step || (failure?.step === 'request' && step === 'waiting');
    if (told === undefined && !isHere) continue;
    number += 1;
    lines.push(`  ${style.bold(`${number}  ${title}`)}`);
    for (const line of told ?? []) lines.push(`     ${line}`);
    if (isHere) lines.push(`     ${style.bad('✗')} ${style.bad(printable(failure?.why ?? ''))}`);
    lines.push('');
  }
  return `${[...lines, ...timeLines(journey.spans, style)].join('\n')}\n`;
}

function nameLines({ host, isAddress, addresses }: Name): readonly string[] {
  if (isAddress) return [`${printable(host)} is an address already; nobody is asked`];
  return [`${printable(host)} stands for ${addresses.map(printable).join(', ')}`];
}

function connectionLines({ address, port, localPort, triedBefore }: Connection): readonly string[] {
  return [
    ...triedBefore.map(({ address: other, why }) => `${other}, port ${port}: ${printable(why)}`),
    `${address}, port ${port}, from port ${localPort} of this machine`,
  ];
}

function securityLines({ version, cipher, certificate }: Security, nowMs: number): readonly string[] {
  const agreed = `${printable(version)} with ${printable(cipher)}`;
  if (certificate === undefined) return [agreed, 'the server shows no certificate'];
  const { subject, issuer, names, validToMs } = certificate;
  const days = Math.floor((validToMs - nowMs) / dayMs);
  const ends = Number.isNaN(validToMs)
    ? 'on a day that cannot be read'
    : new Date(validToMs).toISOString().slice(0, 10);
  const when = days < 0 ? `ended ${-days} days ago` : `${days} days from now`;
  const shown = names.slice(0, namesShownMax);
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  return [
    agreed,
    `certificate of ${printable(subject === '' ? (names[0] ?? 'nobody') : subject)}, signed by ${printable(issuer)}`,
    `for ${shown.map(printable).join(', ') || 'no name'}${more}`,
    `until ${ends} (${when})`,
  ];
}

/** Each line as it came, and what it means: beside it where there is room, else below it. */
function headLines({ text, status, fields }: ReceivedHead, columns: number, style: Style): readonly string[] {
  const lines = text.trimEnd().split(/\r?\n/).map(printable);
  const meanings = [meaningOfStatus(status), ...fields.map(([name, value]) => meaningOfField(name, value))];
  const width = Math.min(widthMax, Math.max(...lines.map(line => line.length)));
  const widest = Math.max(...meanings.map(meaning => meaning?.length ?? 0));
  const isBeside = margin + width + widest <= columns;
  return lines.flatMap((line, at) => {
    const meaning = meanings[at];
    const start = `${style.dim('<')} ${at === 0 ? style.bold(line) : line}`;
    if (meaning === undefined) return [start];
    if (isBeside && line.length <= width) {
      return [`${start}${' '.repeat(width - line.length)}  ${style.dim(`· ${meaning}`)}`];
    }
    return [start, `${' '.repeat(isBeside ? width + 4 : 6)}${style.dim(`· ${meaning}`)}`];
  });
}

function rawLines(mark: string, text: string, style: Style): readonly string[] {
  return text
    .replace(/(?:\r\n){2}$/, '\r\n')
    .replace(/\r\n$/, '')
    .split('\r\n')
    .map(line => `${style.dim(mark)} ${printable(line)}`);
}

function contentLines({ content }: Journey, head: ReceivedHead): readonly string[] {
  if (content === undefined) return [];
  const { framing, bytes, decodedBytes, isWhole } = content;
  const field = (wanted: string) =>
    printable(head.fields.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? '');
  const coding = field('content-encoding');
  const size = `${bytes.toLocaleString('en')} octets`;
  const share =
    decodedBytes === undefined || decodedBytes === 0
      ? ''
      : ` (${Math.round((100 * bytes) / decodedBytes)} %)`;
  const unpacked =
    decodedBytes === undefined
      ? 'not decoded here'
      : `${decodedBytes.toLocaleString('en')} when decoded${share}`;
  return [
    coding === '' ? size : `${size} in ${coding}, ${unpacked}`,
    ...(field('content-type') === '' ? [] : [`of type ${field('content-type')}`]),
    `its end: ${ends[framing]}`,
    ...(isWhole ? [] : ['left before its end']),
  ];
}

const ends = {
  none: 'there is none',
  length: 'where Content-Length says',
  chunked: 'a piece of no length',
  close: 'the end of the connection',
} as const;

/** Each step as a bar where it lies in the whole. */
function timeLines(spans: readonly Span[], style: Style): readonly string[] {
  const totalMs = spans.at(-1)?.endMs ?? 0;
  if (totalMs === 0) return [];
  const rows = spans.map(({ step, startMs, endMs }) => {
    const start = Math.min(barWidth - 1, Math.floor((startMs / totalMs) * barWidth));
    const width = Math.max(
      1,
      Math.min(barWidth - start, Math.round(((endMs - startMs) / totalMs) * barWidth)),
    );
    const bar = `${' '.repeat(start)}${'█'.repeat(width)}`.padEnd(barWidth);
    return `     ${labels[step].padEnd(11)}${style.accent(bar)} ${milliseconds(endMs - startMs)}`;
  });
  return [
    `  ${style.bold('Where the time went')}`,
    ...rows,
    `     ${'together'.padEnd(11 + barWidth)} ${milliseconds(totalMs)}`,
    '',
  ];
}

function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`.padStart(10);
}

const labels: Readonly<Record<StepName, string>> = {
  name: 'name',
  connection: 'connection',
  tls: 'TLS',
  request: 'sending',
  waiting: 'waiting',
  content: 'content',
};

const barWidth = 44;
const widthMax = 48;
/** What stands around a line and its meaning. */
const margin = 11;
const namesShownMax = 4;
const dayMs = 86_400_000;
