import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { authorityName, openAuthority, readAuthority, usableAuthority } from '../authority/local.ts';
import { authorityPath } from '../authority/place.ts';
import { type Anchor, type TrustStep, trustSteps } from '../authority/trust.ts';
import { commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { printable } from './style.ts';
import { readWords } from './words.ts';

/**
 * `plinth trust`: has this machine trust the authority of `--tls`, or forget it. Each command is shown before it runs; what
 * only an administrator may do is shown and left to one. Answers the exit code.
 */
export async function trustCommand(argv: readonly string[]): Promise<number> {
  const words = readWords(argv, commands.trust.flags);
  if (words.kind === 'help') {
    process.stdout.write(helpText);
    return exitCodes.stopped;
  }
  if (words.kind === 'fault') return fail(words.message, exitCodes.usage);
  const [place] = words.places;
  if (place !== undefined) return fail(`unexpected argument ${place}; wanted none`, exitCodes.usage);
  const isUninstall = words.flags.has('uninstall');
  const isDry = words.flags.has('dry-run');
  const anchor = await anchorFor(isUninstall, isDry);
  if (typeof anchor === 'string') return fail(anchor, exitCodes.failed);
  if (anchor === undefined) {
    process.stdout.write('plinth trust: there is no authority, and so nothing to forget\n');
    return exitCodes.stopped;
  }
  say(isUninstall ? 'To be forgotten:' : 'To be trusted:', anchor.name);
  say(
    'Its certificate:',
    `${anchor.file}${anchor.serial === unknownSerial ? ', which is still to be made' : ''}`,
  );
  const machine = { platform: process.platform, home: homedir(), has: isFound };
  const steps = trustSteps(machine, anchor, isUninstall);
  let isWhole = steps.length > 0;
  for (const step of steps) isWhole = perform(step, isDry, isUninstall) && isWhole;
  if (process.platform !== 'win32' && !isFound('certutil'))
    say(
      'Not asked:',
      'browsers with a list of their own; that takes certutil (Debian: apt install libnss3-tools)',
    );
  if (!isUninstall) say('Node.js programs:', `NODE_EXTRA_CA_CERTS=${anchor.file}`);
  return isWhole ? exitCodes.stopped : exitCodes.failed;
}

/**
 * The authority as others need it; undefined when there is none to be forgotten. One that is still to be made is only
 * foreseen when nothing is to be written. Why it cannot be had.
 */
async function anchorFor(isUninstall: boolean, isDry: boolean): Promise<Anchor | string | undefined> {
  try {
    const path = authorityPath();
    const file = join(dirname(path), 'authority.crt');
    const found = isUninstall
      ? readAuthority(path)
      : isDry
        ? usableAuthority(Date.now())
        : await openAuthority(hostname(), Date.now());
    if (found === undefined)
      return isUninstall ? undefined : { file, name: authorityName(hostname()), serial: unknownSerial };
    if ('kind' in found) return found.why;
    const { serialNumber, subject } = new X509Certificate(found.cert);
    if (!isDry) writeFileSync(file, found.cert, { mode: 0o644 });
    return { file, name: subject.replace(/^CN=/, ''), serial: serialNumber };
  } catch (error) {
    return (error as Error).message;
  }
}

/** Stands in a command for the number of a certificate that is still to be made. */
const unknownSerial = '<serial>';

/** False when it is still to be done by somebody. */
function perform({ who, commands, needsRoot }: TrustStep, isDry: boolean, isUninstall: boolean): boolean {
  const isOurs = !needsRoot || process.getuid?.() === 0;
  let isDone = isDry || isOurs;
  say(`${who}:`, isDone ? '' : 'only an administrator may do this; run:');
  for (const command of commands) {
    const [program = '', ...args] = command;
    process.stdout.write(`    ${isOurs ? '' : 'sudo '}${command.map(quotedForShell).join(' ')}\n`);
    if (isDry || !isOurs) continue;
    const { status, error, stderr } = spawnSync(program, args, { stdio: ['inherit', 'ignore', 'pipe'] });
    if (status === 0) continue;
    const why = error?.message ?? String(stderr).trim().split('\n', 1)[0] ?? '';
    // What is not there need not be forgotten; and one step of forgetting does not need the one before.
    const isGone = isUninstall && /could not (be )?f(ou|i)nd/.test(why);
    process.stdout.write(`    ${isGone ? 'it was not there' : `that failed: ${printable(why)}`}\n`);
    isDone &&= isGone;
    if (!isUninstall) break;
  }
  return isDone;
}

function isFound(program: string): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(folder => folder !== '');
  return [...folders, '/usr/sbin', '/sbin'].some(folder => existsSync(join(folder, program)));
}

function quotedForShell(word: string): string {
  const text = printable(word);
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function say(label: string, text: string): void {
  process.stdout.write(`${label}${text === '' ? '' : ` ${printable(text)}`}\n`);
}

function fail(message: string, exitCode: number): number {
  process.stderr.write(`plinth trust: ${printable(message)}\n`);
  return exitCode;
}

const helpText = `plinth trust: has this machine trust the certificates of --tls

Usage: plinth trust [flags]

plinth --tls makes its certificates with an authority of your own, which lives
in your data folder and may vouch for localhost, private addresses and names of
local networks only. Nobody trusts it until this command has made it known: to
the system, and to browsers that have lists of their own. Every command is
shown. What takes an administrator is shown and not run, unless you are one.

      --uninstall  Have it forgotten again
      --dry-run    Show the commands, and run none of them
  -h, --help       Show this text

Exit codes: 0 all is done, 1 something is left to do, 2 wrong usage
A folder that is called trust is served by: plinth ./trust
`;
