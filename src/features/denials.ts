import type { Exchange } from '../http/message.ts';
import type { Observer } from './feature.ts';

/** Lines reported at most in a minute: whoever probes for hidden names must not fill the operator's disk. */
const linesMax = 20;
const minuteMs = 60_000;

/**
 * Reports why something that is there was answered 404 or 503, for access logs whose format has no room for it.
 * Beyond twenty a minute they are counted and told in one line when the next minute's first one comes.
 */
export function reportDenials(report: (line: string) => void): Observer {
  let minute = 0;
  let lines = 0;
  return exchange => {
    if (!isDenial(exchange)) return;
    const current = Math.floor(exchange.startedAtMs / minuteMs);
    if (current !== minute) {
      if (lines > linesMax) report(`${lines - linesMax} more requests were denied`);
      minute = current;
      lines = 0;
    }
    lines++;
    if (lines <= linesMax) report(`${exchange.head?.target ?? ''}: ${exchange.note}`);
  };
}

function isDenial({ status, note }: Exchange): boolean {
  return note !== undefined && (status === 404 || status === 503);
}
