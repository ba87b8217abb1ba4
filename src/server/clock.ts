import { formatDate } from '../http/date.ts';

/** The time of day for messages. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The current Date field value, made once a second. RFC 9110 §6.6.1. */
  readonly date: () => string;
}

/** A clock over the system's time. */
export function systemClock(): Clock {
  let second = Number.NaN;
  let text = '';
  return {
    now: Date.now,
    date: () => {
      const current = Math.floor(Date.now() / 1000);
      if (current !== second) {
        second = current;
        text = formatDate(current * 1000);
      }
      return text;
    },
  };
}
