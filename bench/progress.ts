/** How far a pass is and how long it still takes, from estimates that the pass itself corrects. Pure. */

/** Something that is to be done. */
export interface Step {
  readonly name: string;
  /** About how long it takes. */
  readonly seconds: number;
}

/** Where it is at the beginning of a step, `elapsed` seconds after the first one began: `[3 of 17] log, 21 % done, …`. */
export function progressAt(steps: readonly Step[], at: number, elapsed: number): string {
  const sum = (part: readonly Step[]): number => part.reduce((all, { seconds }) => all + seconds, 0);
  const [done, left] = [sum(steps.slice(0, at)), sum(steps.slice(at))];
  // A minute of experience counts for more than the estimates, and less than that tells little.
  const factor = elapsed < experienceSeconds ? 1 : elapsed / done;
  const secondsLeft = left * factor;
  const percent = Math.floor((done / (done + left)) * 100);
  const place = `[${at + 1} of ${steps.length}] ${steps[at]?.name ?? 'done'}`;
  return `${place}, ${percent} % done, about ${inMinutes(secondsLeft)} left`;
}

const experienceSeconds = 60;

function inMinutes(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
