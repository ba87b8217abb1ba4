import { isToken } from '../http/method.ts';
import { commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { styleFor } from './style.ts';
import { readUrl } from './url.ts';
import { quoted, readWords } from './words.ts';

/** `plinth explain <url>`: what happens to one request, step by step. Answers the exit code. */
export async function explainCommand(argv: readonly string[]): Promise<number> {
  const words = readWords(argv, commands.explain.flags);
  if (words.kind === 'help') {
    process.stdout.write(helpText);
    return exitCodes.stopped;
  }
  if (words.kind === 'fault') return fail(words.message);
  const [place, another] = words.places;
  if (place === undefined) return fail('wanted an address: plinth explain <url>');
  if (another !== undefined) return fail(`unexpected argument ${quoted(another)}; wanted one address`);
  const fields = readFields(words.flags.get('header') ?? []);
  if (fields.kind === 'fault') return fail(fields.message);
  const read = readUrl(place);
  if (read.kind === 'fault') return fail(read.message);
  const [{ journeyLimits, travel }, { journeyText }] = await Promise.all([
    import('../probe/journey.ts'),
    import('./explain-journey.ts'),
  ]);
  const journey = await travel(read.url, fields.lines, journeyLimits);
  process.stdout.write(
    words.flags.has('json')
      ? `${JSON.stringify(journey, undefined, 2)}\n`
      : journeyText(
          journey,
          { nowMs: Date.now(), columns: process.stdout.columns ?? columnsUnasked },
          styleFor(process.stdout),
        ),
  );
  return journey.failure === undefined ? exitCodes.stopped : exitCodes.failed;
}

type FieldLines =
  | { readonly kind: 'fields'; readonly lines: readonly (readonly [name: string, value: string])[] }
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

Asks for an address once, over sockets of its own, and tells of each step: the
name and its addresses, the TCP connection, TLS and the certificate, the request
as it is sent, the head of the answer as it is received with what each field
means, the content, and where the time went. Redirects are not followed.

      --header <line>  Send this field as well, or instead: 'Accept-Encoding: br'
      --json           Tell it as JSON
  -h, --help           Show this text

Exit codes: 0 an answer came, whatever its status, 1 none did, 2 wrong usage
`;
