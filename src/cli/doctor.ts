import type { Progress, Report } from '../probe/doctor.ts';
import { commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { printable, styleFor } from './style.ts';
import { readUrl } from './url.ts';
import { quoted, readWords } from './words.ts';

/** `plinth doctor <url>`: holds a site against what a good one does. Answers the exit code. */
export async function doctorCommand(argv: readonly string[]): Promise<number> {
  const words = readWords(argv, commands.doctor.flags);
  if (words.kind === 'help') {
    process.stdout.write(helpText);
    return exitCodes.stopped;
  }
  const read = words.kind === 'fault' ? words : urlIn(words.places);
  if (words.kind === 'fault' || read.kind === 'fault') {
    process.stderr.write(`plinth doctor: ${'message' in read ? read.message : ''}\n`);
    return exitCodes.usage;
  }
  const isQuiet = words.flags.has('quiet');
  const [{ examine }, { jsonReport, reportText }] = await Promise.all([
    import('../probe/doctor.ts'),
    import('./doctor-report.ts'),
  ]);
  const startedAtMs = performance.now();
  const progress = progressLine(process.stderr, isQuiet);
  const report = await examine(read.url, progress.tell);
  progress.clear();
  const elapsedMs = performance.now() - startedAtMs;
  if (words.flags.has('json')) process.stdout.write(jsonReport(report));
  else if (report.kind === 'unreached') {
    process.stderr.write(`plinth doctor: ${printable(`${report.url}: ${report.why}`)}\n`);
  } else process.stdout.write(reportText(report, { elapsedMs, isQuiet }, styleFor(process.stdout)));
  return isGood(report) ? exitCodes.stopped : exitCodes.failed;
}

function urlIn([place, another]: readonly string[]): ReturnType<typeof readUrl> {
  if (place === undefined) return { kind: 'fault', message: 'wanted an address: plinth doctor <url>' };
  if (another === undefined) return readUrl(place);
  return { kind: 'fault', message: `unexpected argument ${quoted(another)}; wanted one address` };
}

function isGood(report: Report): boolean {
  return report.kind === 'examined' && report.results.every(({ verdict }) => verdict !== 'failed');
}

/** One line that is drawn over and over, on a terminal only. */
function progressLine(
  stream: NodeJS.WriteStream,
  isQuiet: boolean,
): { readonly tell: (progress: Progress) => void; readonly clear: () => void } {
  if (isQuiet || !stream.isTTY || process.env.TERM === 'dumb') return { tell: () => {}, clear: () => {} };
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  return {
    tell: progress => {
      const nowMs = performance.now();
      if (progress.kind === 'walking' && nowMs - drawnAtMs < redrawMs) return;
      drawnAtMs = nowMs;
      const text =
        progress.kind === 'walking'
          ? `looked at ${progress.asked} of ${progress.known} addresses`
          : `checking: ${progress.title}`;
      stream.write(`\r  ${text.slice(0, (stream.columns || 80) - 3)}\x1b[K`);
    },
    clear: () => {
      stream.write('\r\x1b[K');
    },
  };
}

const redrawMs = 100;

const helpText = `plinth doctor: holds a site against what a good one does

Usage: plinth doctor <url | port> [flags]

Walks through the pages of a site and whatever they refer to, on the same origin
only and four at a time, and checks links, fragments, redirects, the answer for
what is missing, media types, compression, caching, ranges and security fields.
Each finding comes with its reason and what to do about it.

      --json   Report as JSON
  -q, --quiet  Tell of faults only, and show no progress
  -h, --help   Show this text

A fault: visitors get less, wait longer or are less safe. Advice: it could be
better. It stops at 5,000 addresses, 20 links deep or after 5 minutes, and says
so. A certificate that Node.js does not trust is named by NODE_EXTRA_CA_CERTS.

Exit codes: 0 no fault, 1 faults or no such site, 2 wrong usage
`;
