import { formatDate } from '../http/date.ts';

/** The time of day for messages. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The Date field value of a moment, made once a second. RFC 9110 §6.6.1. */
  readonly date: (nowMs: number) => string;
}

/** A clock over the system's time. */
export function systemClock(): Clock {
  let second = Number.NaN;
  let text = '';
  return {
    now: Date.now,
    date: nowMs => {
      const current = Math.floor(nowMs / 1000);
      if (current !== second) {
        second = current;
        text = formatDate(current * 1000);
      }
      return text;
    },
  };
}
