import type { LogFormat } from '../config/options.ts';
import { accessLog } from '../features/access-log.ts';
import { reportDenials } from '../features/denials.ts';
import type { Observer } from '../features/feature.ts';
import { LineSink, openForLines } from '../server/line-sink.ts';

/** Those who write the access log. */
export interface Log {
  readonly observers: readonly Observer[];
  /** Resolves once all lines are written. */
  readonly flush: () => Promise<void>;
}

/** Opens the access log on standard output. */
export function openLog(format: LogFormat, report: (line: string) => void): Log {
  if (format === 'off') return { observers: [], flush: async () => {} };
  const sink = new LineSink(openForLines(1), report, { encoding: 'latin1' });
  const options = {
    utcOffsetMinutes: (atMs: number) => -new Date(atMs).getTimezoneOffset(),
    isColoured: process.stdout.isTTY && process.stdout.hasColors(),
  };
  const logged = accessLog(format, options, line => sink.write(line));
  // NCSA's format has no place for a reason.
  const observers = format === 'combined' ? [logged, reportDenials(report)] : [logged];
  return { observers, flush: () => sink.flush() };
}
