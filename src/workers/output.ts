import { fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { LineSink, openForLines } from '../server/line-sink.ts';

/** How the lines of several processes reach one standard output. */
export interface SharedOutput {
  /** Takes the output of one of them; undefined where they may all write to ours themselves. */
  readonly take: ((output: Readable) => void) | undefined;
  /** Resolves when what was taken has left, or could not. */
  readonly flush: () => Promise<void>;
}

/**
 * Standard output for several processes, without torn lines. What one call writes to a file or a terminal stays
 * together; a pipe or a socket that is nearly full takes a part, and another process may be next. There, one process
 * writes for all.
 */
export function sharedOutput(report: (line: string) => void): SharedOutput {
  if (!maySplitWrites(1)) return { take: undefined, flush: async () => {} };
  const sink = new LineSink(openForLines(1), report);
  return {
    take: output => {
      // The last words of a process that was killed in the middle of them stay here.
      let rest = '';
      output.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) sink.write(line);
      });
    },
    flush: () => sink.flush(),
  };
}

function maySplitWrites(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor);
    return status.isFIFO() || status.isSocket();
  } catch {
    return false;
  }
}
