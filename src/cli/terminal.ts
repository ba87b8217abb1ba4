import { closeSync, constants, openSync } from 'node:fs';

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

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDONLY | constants.O_NOCTTY));
    return true;
  } catch {
    return false;
  }
}
