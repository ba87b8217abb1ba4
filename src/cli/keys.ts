import { isInForeground } from './terminal.ts';

/** A letter that does something when it is typed. */
export interface Key {
  readonly letter: string;
  /** `quit`: a word or three. */
  readonly does: string;
  readonly act: () => void;
}

/**
 * Takes what is typed at the terminal, letter by letter, for as long as this process is in front; answers whether it is
 * now. What else a terminal does by itself is done for it: Ctrl-C, Ctrl-Z and Ctrl-\ reach the whole foreground group.
 * Node.js puts the terminal back as it was when the process ends, in whatever way.
 */
export function takeKeys(keys: readonly Key[]): boolean {
  const { stdin } = process;
  const known = new Map(keys.map(({ letter, act }) => [letter, act]));
  const letGo = (): void => {
    stdin.pause();
    stdin.setRawMode(false);
  };
  let looking: NodeJS.Timeout | undefined;
  // In the background a process that reads from its terminal, or changes it, is stopped.
  const take = (): void => {
    clearTimeout(looking);
    if (!isInForeground()) {
      stdin.pause();
      // A shell sends nothing to a job that runs already when it takes it to the front.
      looking = setTimeout(take, lookMs).unref();
      return;
    }
    // What the terminal is like may have changed while this process stood still.
    stdin.setRawMode(false);
    stdin.setRawMode(true);
    stdin.resume();
  };
  const suspend = (): void => {
    letGo();
    process.kill(0, 'SIGTSTP');
    // Where no shell could continue it, nothing has stopped.
    setTimeout(take, suspendMs).unref();
  };
  const controls = new Map<string, () => void>([
    ['\x03', () => signalGroup('SIGINT')],
    ['\x1c', () => signalGroup('SIGQUIT')],
    ['\x1a', process.platform === 'win32' ? () => {} : suspend],
    ['\r', () => process.stdout.write('\n')],
  ]);
  stdin.pause();
  stdin.on('data', (octets: Buffer) => {
    // Arrows and other keys that send a sequence are none of ours.
    const text = octets.toString('latin1').replace(/\x1b(?:\[[^@-~]*.|O?.)?/gs, '');
    for (const letter of text) (controls.get(letter) ?? known.get(letter.toLowerCase()))?.();
  });
  // A terminal that is gone types nothing more.
  stdin.on('error', () => {});
  if (process.platform !== 'win32') process.on('SIGCONT', take);
  take();
  return !stdin.isPaused();
}

/** The keys in a line each. */
export function keysText(keys: readonly Key[]): string {
  return keys.map(({ letter, does }) => `  ${letter}  ${does}\n`).join('');
}

/** How often it is looked whether this process is in front by now; outside of Linux that runs a program. */
const lookMs = process.platform === 'linux' ? 500 : 10_000;

/** How long a stop of the whole group may take to reach this process. */
const suspendMs = 100;

/** What a terminal does with a Ctrl-C: all processes in front get it. */
function signalGroup(signal: 'SIGINT' | 'SIGQUIT'): void {
  if (process.platform === 'win32') process.emit(signal, signal);
  else process.kill(0, signal);
}
