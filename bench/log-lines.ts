/** How many lines a log has grown by. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';

const pieceBytes = 2 ** 20;
const pollMs = 100;
/** nginx is told to write what it holds back once a second. */
const quietMs = 1500;
const newline = 10;

/** Octets of a log; 0 where there is none yet. */
export function logBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Waits until a log has not grown for a while, and answers how many lines end behind its first `from` octets. */
export async function linesBehind(path: string, from: number, silenceMs = quietMs): Promise<number> {
  let size = logBytes(path);
  for (let quiet = 0; quiet < silenceMs; quiet += pollMs) {
    await new Promise(resolve => setTimeout(resolve, pollMs));
    const now = logBytes(path);
    if (now !== size) quiet = 0;
    size = now;
  }
  return size > from ? countLines(path, from) : 0;
}

function countLines(path: string, from: number): number {
  const piece = Buffer.allocUnsafe(pieceBytes);
  const file = openSync(path, 'r');
  try {
    let lines = 0;
    let at = from;
    for (;;) {
      const length = readSync(file, piece, 0, pieceBytes, at);
      if (length === 0) return lines;
      at += length;
      for (let found = piece.indexOf(newline); found !== -1 && found < length; lines++)
        found = piece.indexOf(newline, found + 1);
    }
  } finally {
    closeSync(file);
  }
}
