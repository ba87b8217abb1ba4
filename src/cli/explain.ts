import type { HostSite } from '../config/host-sites.ts';
import { loadCommand } from '../config/load.ts';
import { OptionError } from '../config/options.ts';
import { choiceByHost } from '../http/host-names.ts';
import { isToken } from '../http/method.ts';
import { commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { type FoldersJudgement, judgeFolders } from './root.ts';
import { styleFor } from './style.ts';
import { readUrl } from './url.ts';
import { quoted, readWords } from './words.ts';

/** `plinth explain <url | path>`: what happens to one request, step by step. Answers the exit code. */
export async function explainCommand(argv: readonly string[]): Promise<number> {
  const { own, rest } = apart(argv);
  const words = readWords(own, commands.explain.flags);
  if (words.kind === 'help') {
    process.stdout.write(helpText);
    return exitCodes.stopped;
  }
  if (words.kind === 'fault') return fail(words.message);
  const [place, another] = words.places;
  if (place === undefined) return fail('wanted an address or a path: plinth explain <url | path>');
  if (another !== undefined)
    return fail(`unexpected argument ${quoted(another)}; wanted one address, or a path that begins with "/"`);
  const fields = readFields(words.flags.get('header') ?? []);
  if (fields.kind === 'fault') return fail(fields.message);
  const isJson = words.flags.has('json');
  if (place.startsWith('/')) return explainPath(place, rest, fields.lines, isJson);
  const read = readUrl(place);
  return read.kind === 'fault' ? fail(read.message) : explainUrl(read.url, fields.lines, isJson);
}

/**
 * Of `/path [root] [flags of the server]` the words that are ours, and those that a server would be started with. All
 * words are ours where the first place is no path.
 */
function apart(argv: readonly string[]): {
  readonly own: readonly string[];
  readonly rest: readonly string[];
} {
  const own: string[] = [];
  const rest: string[] = [];
  let hasPath = false;
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (word === '--header') {
      own.push(...argv.slice(at, at + 2));
      at += 1;
    } else if (['--json', '-h', '--help'].includes(word) || word.startsWith('--header=')) own.push(word);
    else if (hasPath) rest.push(word);
    else {
      own.push(word);
      hasPath = word.startsWith('/');
    }
  }
  return { own, rest };
}

type Lines = readonly (readonly [name: string, value: string])[];

async function explainUrl(url: string, lines: Lines, isJson: boolean): Promise<number> {
  const [{ journeyLimits, travel }, { journeyText }] = await Promise.all([
    import('../probe/journey.ts'),
    import('./explain-journey.ts'),
  ]);
  const journey = await travel(url, lines, journeyLimits);
  const surroundings = { nowMs: Date.now(), columns: process.stdout.columns ?? columnsUnasked };
  process.stdout.write(
    isJson ? asJson(journey) : journeyText(journey, surroundings, styleFor(process.stdout)),
  );
  return journey.failure === undefined ? exitCodes.stopped : exitCodes.failed;
}

async function explainPath(
  target: string,
  rest: readonly string[],
  lines: Lines,
  isJson: boolean,
): Promise<number> {
  const command = await loadCommand(rest, process.env, false, () => import('../index.ts'));
  if (command.kind === 'fault') return fail(command.message);
  if (command.kind !== 'run') return fail(`unexpected flag ${quoted(`--${command.kind}`)}`);
  const { settings, hosts, file } = command;
  const root = judgeFolders(command);
  if (root.kind === 'fault') return fail(root.message);
  const [{ decide }, { decisionText }] = await Promise.all([
    import('../explain/decision.ts'),
    import('./explain-decision.ts'),
  ]);
  const given = file && { ...file.parts, rules: file.rules, hosts };
  const decision = await decide({ ...settings, config: file?.path }, target, lines, given).catch(faultOf);
  if (decision instanceof OptionError) return fail(decision.message);
  process.stdout.write(
    isJson
      ? asJson({ root: root.path, ...decision })
      : decisionText(decision, folderOf(decision.path, root, siteOf(lines, hosts)), styleFor(process.stdout)),
  );
  return exitCodes.stopped;
}

/** The folder in which a path is looked for, for the host that is asked for. */
function folderOf(
  path: string | undefined,
  { path: root, mounts }: Extract<FoldersJudgement, { kind: 'fit' }>,
  host: string | undefined,
): string {
  const place = `${host ?? ''}${path ?? ''}`;
  const own = mounts.filter(({ at }) => place === at || place.startsWith(`${at}/`));
  const [longest] = own.sort((one, other) => other.at.length - one.at.length);
  return longest === undefined ? root : `${longest.path}, which is ${longest.at}`;
}

/** The first name of the site that a request with these fields gets; undefined where that is the one for all others. */
function siteOf(lines: Lines, hosts: readonly HostSite[]): string | undefined {
  const [, host] = lines.find(([name]) => name.toLowerCase() === 'host') ?? [];
  return choiceByHost(hosts.map(({ names }) => [names, names[0]]))(host);
}

/** What a server would not have started with; everything else is a bug of ours. */
function faultOf(error: unknown): OptionError {
  if (error instanceof OptionError) return error;
  throw error;
}

function asJson(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

type FieldLines =
  | { readonly kind: 'fields'; readonly lines: Lines }
  | { readonly kind: 'fault'; readonly message: string };

function readFields(texts: readonly string[]): FieldLines {
  const lines: [string, string][] = [];
  for (const text of texts) {
    const colon = text.indexOf(':');
    const [name, value] = [text.slice(0, Math.max(0, colon)).trim(), text.slice(colon + 1).trim()];
    // What else stands in a line would be another line, or another request.
    if (!isToken(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      return {
        kind: 'fault',
        message: `found ${quoted(text)}, wanted a header such as 'Accept-Encoding: br'`,
      };
    }
    lines.push([name, value]);
  }
  return { kind: 'fields', lines };
}

function fail(message: string): number {
  process.stderr.write(`plinth explain: ${message}\n`);
  return exitCodes.usage;
}

/** Where there is no terminal to ask. */
const columnsUnasked = 110;

const helpText = `plinth explain: what happens to one request, step by step

Usage: plinth explain <url | port> [flags]
       plinth explain </path> [root] [flags, and those of the server]

An address is asked for once, over sockets of its own: the name, the connection,
TLS and the certificate, the octets of request and answer with what each field
means, the content, and where the time went. Redirects are not followed.

For a path, no server is asked: it tells how one that was started with this root
and these flags would decide. The path as it is understood, where it is looked
for, the form that is chosen, and who set each field of the answer.

      --header <line>  Send this field too, or instead: 'Accept-Encoding: br'
      --json           Tell it as JSON
  -h, --help           Show this text

Exit codes: 0 an answer came, whatever its status, 1 none did, 2 wrong usage
`;
