import type { SendHandle } from 'node:child_process';
import type { Handle } from '../server/adopt.ts';
import type { Passing } from '../server/connections.ts';
import type { BalanceOrder, WorkerWord } from './protocol.ts';

/**
 * The part of a worker in sharing connections evenly: it says when another number of them last, and counts, gives and
 * takes them as it is told by the function that comes back.
 */
export function shareConnections(passing: Passing): (order: BalanceOrder, handle: unknown) => void {
  let lasting = 0;
  // The first word is of one that has none yet, and may be given some.
  let isNew = true;
  setInterval(() => {
    const before = lasting;
    lasting = passing.settle();
    if (lasting !== before || isNew) say('changed');
    isNew = false;
  }, periodMs).unref();

  const give = (): void => {
    const handle = passing.give();
    if (handle === undefined) return;
    lasting -= 1;
    say('given', handle, error => {
      // Once it is on its way it lives on without us.
      if (error === null || !passing.take(handle)) handle.close();
      else lasting += 1;
    });
  };
  const take = (handle: Handle): void => {
    if (passing.take(handle)) {
      lasting += 1;
      say('taken');
    } else handle.close();
  };
  return (order, handle) => {
    if (order === 'give') give();
    if (order === 'take') take(handle as Handle);
    else say({ lasting });
  };
}

/** What stays for longer than this, or twice as long at most, is worth being passed on. */
const periodMs = 100;

/** `done` is called when it is on its way, or cannot be. A supervisor that is gone is seen elsewhere. */
function say(word: WorkerWord, handle?: Handle, done: (error: Error | null) => void = () => {}): void {
  process.send?.(word, handle as SendHandle | undefined, {}, done);
}
