import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';

/** Answers a question: has the terminal that this process belongs to now gone since? */
export function watchTerminal(): () => boolean {
  const hadTerminal = hasTerminal();
  return () => hadTerminal && !hasTerminal();
}

/** Ends this process by SIGHUP, as a terminal that goes does. An exit of Node.js 20 would then crash. */
export function endByHangUp(): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}

/** Whether this process belongs to those that its terminal listens to; a shell may have put it behind. */
export function isInForeground(): boolean {
  if (process.platform === 'win32') return true;
  try {
    const [group, inFront] = process.platform === 'linux' ? groupsFromProc() : groupsFromPs();
    return group !== undefined && group === inFront;
  } catch {
    return false;
  }
}

/** The group of this process, and the one in front of its terminal. */
function groupsFromProc(): readonly (string | undefined)[] {
  // The name of the program may hold blanks and brackets; what follows does not.
  const status = readFileSync('/proc/self/stat', 'latin1');
  const [, , group, , , inFront] = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return [group, inFront];
}

function groupsFromPs(): readonly string[] {
  const words = ['-o', 'pgid=,tpgid=', '-p', String(process.pid)];
  return spawnSync('ps', words, { encoding: 'utf8' }).stdout.trim().split(/\s+/);
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDONLY | constants.O_NOCTTY));
    return true;
  } catch {
    return false;
  }
}
