import type { ChosenForm, ChosenVariant, Decision } from '../explain/decision.ts';
import { reasonPhrase } from '../http/status.ts';
import type { Passed, Seen } from '../watch/watch.ts';
import { printable, type Style } from './style.ts';

/** The way of a request to its answer for people, step by step; `root` is the folder that is served. */
export function decisionText(decision: Decision, root: string, style: Style): string {
  const { request, guards, gates, rewrites, rules, looks, form, status, note } = decision;
  const [line = ''] = request.split('\r\n', 1);
  const steps: readonly (readonly [string, readonly string[]])[] = [
    [
      'The request',
      request
        .trimEnd()
        .split('\r\n')
        .map(text => `${style.dim('>')} ${printable(text)}`),
    ],
    ['The path, as it is understood', pathLines(decision)],
    ['Who may see it?', passedLines(guards, 'lets it pass', style)],
    ['May it be answered?', passedLines(gates, 'lets it pass', style)],
    ['Does it lead elsewhere?', passedLines(rewrites, 'leaves the path as it is', style)],
    ['What do the rules of the site say?', passedLines(rules, 'applies', style)],
    ['Where is it?', seenLines(looks, style)],
    ['In which form is it sent?', formLines(decision, form)],
    ['Does the client have it already?', preconditionLines(decision)],
  ];
  const told = steps.filter(([, lines]) => lines.length > 0);
  const shown = told.flatMap(([title, lines], index) => [
    `  ${style.bold(`${index + 1}  ${title}`)}`,
    ...lines.map(text => `     ${text}`),
    '',
  ]);
  const mark = status < 400 ? style.good : style.bad;
  return `${[
    '',
    `  ${style.bold('plinth explain')}  ${style.accent(printable(line.split(' ')[1] ?? ''))}  in ${printable(root)}`,
    '',
    ...shown,
    `  ${style.bold(`${told.length + 1}  The answer`)}`,
    `     ${mark(`${status} ${reasonPhrase(status)}`)}${note === undefined ? '' : `  ${style.dim(`· ${printable(note)}`)}`}`,
    ...fieldLines(decision, style),
    ...decision.reports.map(report => `     ${style.warn('!')} ${printable(report)}`),
    `     content: ${decision.content}`,
    `     ${style.dim('Date, Content-Length and Connection are set as it is sent')}`,
    '',
  ].join('\n')}\n`;
}

function pathLines({ path, query }: Decision): readonly string[] {
  if (path === undefined) return ['it has none that can be read'];
  return [
    printable(path),
    ...(query === '' ? [] : [`with the query ${printable(query)}, which no file depends on`]),
  ];
}

function passedLines(passed: readonly Passed[], otherwise: string, style: Style): readonly string[] {
  return passed.map(
    ({ name, did }) => `${printable(name)} ${did === undefined ? otherwise : style.warn(did)}`,
  );
}

function seenLines(looks: readonly Seen[], style: Style): readonly string[] {
  const width = Math.min(48, Math.max(0, ...looks.map(({ path }) => printable(path).length)));
  return looks.map(({ path, found, why }) => {
    const text = findings[found];
    const shown = found === 'file' || found === 'members' ? style.good(text) : text;
    return `${printable(path).padEnd(width)}  ${why === undefined ? shown : `${style.bad(text)}: ${printable(why)}`}`;
  });
}

const findings: Readonly<Record<Seen['found'], string>> = {
  file: 'a file',
  folder: 'a folder',
  absent: 'nothing there',
  denied: 'not to be seen',
  busy: 'the system cannot look just now',
  members: 'a folder whose members are listed',
};

function formLines({ accepted, looks, variant }: Decision, form: ChosenForm | undefined): readonly string[] {
  if (form === undefined) return [];
  const { path, bytes, from, to, mediaType, etag, tagOf, isNegotiated } = form;
  const made =
    from === to
      ? to === 'identity'
        ? `${printable(path)} as it is, ${bytes} octets`
        : `${printable(path)} as it is, ${bytes} octets in ${to}`
      : `${printable(path)}, ${bytes} octets in ${inWords(from)}, turned into ${inWords(to)}`;
  return [
    ...(variant === undefined ? [] : [variantText(variant)]),
    ...(isNegotiated
      ? [`the client accepts ${accepted.map(inWords).join(', ') || 'nothing that is known here'}`]
      : []),
    made,
    `of type ${mediaType}, by the name${looks.length > 1 ? ' that was found' : ''}`,
    ...(from === to
      ? []
      : ['the first to ask get it coded in haste, with W/ before its tag, until the best is made']),
    etag === undefined
      ? 'without a tag, as its time tells nothing and its hash is not known yet'
      : `with the tag ${etag}, of its ${tagOf}`,
  ];
}

/** Which file it is that is sent, and what in the request decided. */
function variantText({ field, value, chosen, language }: ChosenVariant): string {
  const said =
    value === undefined ? `there is no ${field}` : `${field} says ${printable(JSON.stringify(value))}`;
  if (field === 'Accept')
    return chosen === undefined
      ? `${said}: no newer form that it names stands beside the image, which is sent itself`
      : `${said}: it names image/${chosen}, which is sent in the stead of the image`;
  return chosen === undefined
    ? `${said}: no page in a language that it prefers to ${language} stands beside this one`
    : `${said}: the page in ${language} is what it prefers of those that are there`;
}

function inWords(coding: string): string {
  return coding === 'identity' ? 'no coding' : coding;
}

function preconditionLines({ preconditions }: Decision): readonly string[] {
  switch (preconditions) {
    case undefined:
      return [];
    case 'proceed':
      return ['no: what the client asks for is sent'];
    case 'not-modified':
      return ['yes: its copy is still true'];
    case 'failed':
      return ['a condition of the request does not hold'];
    default:
      return preconditions satisfies never;
  }
}

function fieldLines({ fields }: Decision, style: Style): readonly string[] {
  const shown = fields.map(({ name, value, from }) => [printable(`${name}: ${value}`), from] as const);
  const width = Math.min(60, Math.max(0, ...shown.map(([text]) => text.length)));
  return shown.map(
    ([text, from]) =>
      `${`     ${style.dim('<')} ${text.padEnd(width)}`}  ${style.dim(`· ${printable(from)}`)}`,
  );
}
