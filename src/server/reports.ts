import { LineSink, openForLines } from './line-sink.ts';

/** Where lines for the operator go. */
export interface Reports {
  readonly report: (line: string) => void;
  /** Resolves once all lines are written. */
  readonly flush: () => Promise<void>;
}

/** Reports to `onReport`, and to standard error where there is none or where it throws. */
export function openReports(onReport: ((line: string) => void) | undefined): Reports {
  const { report, flush } = standardError();
  return { report: onReport === undefined ? report : unfailing(onReport, report), flush };
}

/** A reporter of the caller's that throws must not be the end of the process. */
function unfailing(
  report: (line: string) => void,
  otherwise: (line: string) => void,
): (line: string) => void {
  return line => {
    try {
      report(line);
    } catch (error) {
      otherwise(line);
      otherwise(`bug: onReport: ${String(error)}`);
    }
  };
}

/** Standard error, opened at the first report; a reader of it that stalls must not stall the server. */
function standardError(): Reports {
  let sink: LineSink | undefined;
  return {
    report: line => {
      sink ??= new LineSink(openForLines(2), () => {}, { name: 'standard error' });
      sink.write(`plinth: ${line}`);
    },
    flush: async () => sink?.flush(),
  };
}
