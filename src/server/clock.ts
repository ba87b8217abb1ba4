import { formatDate } from '../http/date.ts';

/** The time of day for messages. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The Date field value of now, made once a second; `elapsedMs` is now of `performance.now`. RFC 9110 §6.6.1. */
  readonly date: (elapsedMs: number) => string;
}

/** A clock over the system's time. A system clock that is set is followed within a second. */
export function systemClock(): Clock {
  let endsMs = Number.NEGATIVE_INFINITY;
  let text = '';
  return {
    now: Date.now,
    date: elapsedMs => {
      if (elapsedMs >= endsMs) {
        const nowMs = Date.now();
        const sinceSecondMs = nowMs % 1000;
        endsMs = elapsedMs + 1000 - sinceSecondMs;
        text = formatDate(nowMs - sinceSecondMs);
      }
      return text;
    },
  };
}
