import type { Progress } from '../precompress/precompress.ts';
import type { Style } from './style.ts';

/** Shows how far a run is. */
export interface ProgressDisplay {
  readonly tell: (progress: Progress) => void;
  /** Leaves nothing of it on the screen. */
  readonly clear: () => void;
}

/** On a terminal one line that is drawn over and over; elsewhere a plain line now and then. */
export function showProgress(stream: NodeJS.WriteStream, style: Style): ProgressDisplay {
  const startedAtMs = performance.now();
  const mayRedraw = stream.isTTY && process.env.TERM !== 'dumb';
  const restMs = mayRedraw ? redrawMs : plainLineMs;
  let codingSinceMs: number | undefined;
  let toldAtMs = mayRedraw ? Number.NEGATIVE_INFINITY : startedAtMs;
  return {
    tell: progress => {
      const nowMs = performance.now();
      if (progress.kind === 'coding') codingSinceMs ??= nowMs;
      if (nowMs - toldAtMs < restMs) return;
      toldAtMs = nowMs;
      const parts = progressParts(progress, nowMs - (codingSinceMs ?? startedAtMs));
      if (mayRedraw) stream.write(`\r${terminalLine(progress, parts, stream.columns || 80, style)}\x1b[K`);
      else stream.write(`plinth: ${parts.join(', ')}\n`);
    },
    clear: () => {
      if (mayRedraw) stream.write('\r\x1b[K');
    },
  };
}

/**
 * What is to be said, the most telling first; `elapsedMs` is the time since the first octet was coded.
 * @internal
 */
export function progressParts(progress: Progress, elapsedMs: number): readonly string[] {
  if (progress.kind === 'looking') return [`${progress.files} files looked at`];
  if (progress.kind === 'comparing') return [`${progress.files} of ${progress.filesMax} files compared`];
  const { files, filesMax, bytes, bytesMax, share } = progress;
  const isTelling = elapsedMs > tellingMs && share > 0;
  // All octets are read a while before the last ones are coded.
  const isDone = files === filesMax;
  return [
    `${isDone ? 100 : Math.min(99, Math.floor(share * 100))} %`,
    `${files} of ${filesMax} files`,
    `${bytesInWords(bytes)} of ${bytesInWords(bytesMax)}`,
    ...(isTelling
      ? [
          `${bytesInWords((bytes / elapsedMs) * 1000)}/s`,
          `${timeInWords(isDone ? 0 : Math.max(1, (elapsedMs / share) * (1 - share)))} left`,
        ]
      : []),
  ];
}

/**
 * One line that is no wider than the terminal; parts that have no room are left out whole.
 * @internal
 */
export function terminalLine(
  progress: Progress,
  parts: readonly string[],
  columns: number,
  style: Style,
): string {
  const room = Math.min(barWidthMax, columns - textRoom);
  if (progress.kind !== 'coding' || room < barWidthMin) return fitting(parts, columns - 1);
  const done = Math.floor(progress.share * room);
  return `  ${style.accent('█'.repeat(done))}${style.dim('░'.repeat(room - done))} ${fitting(parts, columns - room - 4)}`;
}

/** As many parts as there is room for: half of a number would be another one. */
function fitting(parts: readonly string[], room: number): string {
  const texts = parts.map((_, at) => ` ${parts.slice(0, parts.length - at).join('  ')}`);
  return texts.find(text => text.length <= room) ?? '';
}

/** `999 B`, `1.5 kB`, `20 MB`: three digits at most, in powers of a thousand. */
export function bytesInWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let rest = bytes;
  let unit = units.shift() ?? '';
  for (const next of units) {
    if (rest < 999.5) break;
    rest /= 1000;
    unit = next;
  }
  return `${unit === 'B' || rest >= 9.95 ? Math.round(rest) : rest.toFixed(1)} ${unit}`;
}

/** `5 s`, `2 min 5 s`, `3 h 20 min`, rounded up: what is left is never nothing. */
export function timeInWords(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const redrawMs = 100;
const plainLineMs = 10_000;
/** A rate of less time than this is none. */
const tellingMs = 1000;
/** Columns that most texts fit in: the bar keeps its width while they change theirs. */
const textRoom = 66;
const barWidthMax = 24;
const barWidthMin = 8;
