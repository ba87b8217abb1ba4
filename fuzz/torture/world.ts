import type { Place, RawConnection } from '../../test/wire/client.ts';
import type { Random } from '../random.ts';

/** What was done and seen; told at the end. */
export interface Counts {
  calm: number;
  torn: number;
  notModified: number;
  partial: number;
  mutated: number;
  mutatedAnswers: number;
  hostile: number;
  hostileAnswers: number;
  changes: number;
  connections: number;
  connectionsMax: number;
}

/** What everybody who takes part shares. */
export interface World {
  readonly place: Place;
  readonly random: Random;
  readonly counts: Counts;
  /** The versions of changing files that the calm client has been shown. */
  readonly versions: Set<string>;
  /** Whether the time is over or something was found. */
  readonly isOver: () => boolean;
  /** Notes what must not be, and ends the run. */
  readonly fail: (why: string) => void;
  /** Opens a connection and counts it until `close`. */
  readonly connect: () => Promise<Tracked>;
}

/** A connection that is counted. */
export interface Tracked {
  readonly connection: RawConnection;
  /** Leaves, in whatever state the connection is. */
  readonly close: () => void;
}

/** Counts of nothing. */
export function noCounts(): Counts {
  return {
    ...{ calm: 0, torn: 0, notModified: 0, partial: 0, mutated: 0, mutatedAnswers: 0, hostile: 0 },
    ...{ hostileAnswers: 0, changes: 0, connections: 0, connectionsMax: 0 },
  };
}

/** Waits. */
export function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
