import type { CodingPlan } from './zlib-codings.ts';

/** What the thread is asked for. The octets are handed over. */
export type ThreadTask =
  | { readonly kind: 'code'; readonly content: Uint8Array<ArrayBuffer>; readonly plan: CodingPlan }
  | {
      readonly kind: 'hash';
      readonly piece: Uint8Array<ArrayBuffer>;
      readonly isFirst: boolean;
      readonly isLast: boolean;
    };

/**
 * What the thread answers to each task, in order: the coded octets; the SHA-256 after the last piece, and after another
 * one that piece again, to be filled anew.
 */
export type ThreadAnswer = Uint8Array<ArrayBuffer>;

/**
 * The program of the background thread, for `new Worker(…, { eval: true })`. It is handed over as text because threads
 * of Node 20 load no TypeScript, not under tsx either, and a bundle of which this becomes a part has no file of ours to
 * name. Whatever goes wrong in it ends the thread.
 */
export function threadProgram(): string {
  // Tools that keep the names of functions call this helper.
  return `const __name = subject => subject; (${program})();`;
}

/** Runs in the thread: nothing outside of this function can be seen from within. */
function program(): void {
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  const { createHash } = process.getBuiltinModule('node:crypto');
  const zlib = process.getBuiltinModule('node:zlib');
  const os = process.getBuiltinModule('node:os');
  const sliceBytes = 64 * 1024;
  /** Brotli puts off the work of whole megabytes to one call, and a thread cannot be ended within a call. */
  const flushEachBytes = 1024 * 1024;

  interface Engine {
    _handle: { close: () => void } | null;
    _processChunk(bytes: Uint8Array, flag: number): Uint8Array;
    removeAllListeners(): void;
    close(): void;
  }

  /** In this thread, where the public streams of zlib would work in the threads that answers wait for. */
  function code(content: Uint8Array, { open, options, flags }: CodingPlan): Uint8Array<ArrayBuffer> {
    const engine = (zlib as unknown as Record<string, (options: object) => Engine>)[open]?.(options);
    const handle = engine?._handle;
    if (!engine || !handle) throw new Error(`no coding ${open}`);
    // Each synchronous step ends with closing the handle, as if it were the only one.
    const close = handle.close;
    handle.close = () => {};
    const made: Uint8Array[] = [];
    // No octets at all still need a last step.
    for (let at = 0; at === 0 || at < content.length; at += sliceBytes) {
      const end = at + sliceBytes;
      const isFlushed = end % flushEachBytes === 0;
      const flag = end >= content.length ? flags.finish : isFlushed ? flags.flush : flags.take;
      engine._handle = handle;
      // What comes out lies in a buffer that the next step writes to.
      made.push(new Uint8Array(engine._processChunk(content.subarray(at, end), flag)));
      engine.removeAllListeners();
    }
    handle.close = close;
    engine._handle = handle;
    engine.close();
    return joined(made);
  }

  function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let filled = 0;
    for (const piece of pieces) {
      whole.set(piece, filled);
      filled += piece.length;
    }
    return whole;
  }

  let hash = createHash('sha256');

  function answer(task: ThreadTask): ThreadAnswer {
    if (task.kind === 'code') return code(task.content, task.plan);
    if (task.isFirst) hash = createHash('sha256');
    hash.update(task.piece);
    return task.isLast ? new Uint8Array(hash.digest()) : task.piece;
  }

  try {
    // On Linux a thread has a priority of its own; elsewhere this would be that of the whole process.
    if (process.platform === 'linux') os.setPriority(0, os.constants.priority.PRIORITY_LOW);
  } catch {
    // Some sandboxes do not let it be changed; the work is the same.
  }
  parentPort?.on('message', (task: ThreadTask) => {
    const answered = answer(task);
    parentPort.postMessage(answered, [answered.buffer]);
  });
}
