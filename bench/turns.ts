/** The order in which servers take their turns, and what becomes of the figures of each turn. */

/** The figures of one round in the order of the table's columns, or why there are none. */
export type Outcome =
  | { readonly kind: 'measured'; readonly values: readonly number[] }
  | { readonly kind: 'failed'; readonly why: string };

/** An outcome without figures. */
export type Failed = Extract<Outcome, { kind: 'failed' }>;

/** All rounds of one server: for each column its values. */
export type Result =
  | { readonly kind: 'measured'; readonly columns: readonly (readonly number[])[] }
  | { readonly kind: 'failed'; readonly why: string };

/** Takes a line for whoever watches. */
export type Tell = (line: string) => void;

/**
 * Every subject once a round, each round beginning with the next one, so that a noisy spell of the machine and a
 * neighbour's warm cache meet all of them alike. One failure takes a subject out.
 */
export async function inTurn<T extends { readonly name: string }>(
  subjects: readonly T[],
  rounds: number,
  measure: (subject: T, round: number) => Promise<Outcome>,
): Promise<Map<string, Result>> {
  const results = new Map<string, Result>();
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const subject = subjects[(turn + round) % subjects.length];
      if (subject === undefined || results.get(subject.name)?.kind === 'failed') continue;
      const outcome = await measure(subject, round);
      results.set(
        subject.name,
        outcome.kind === 'failed' ? outcome : joined(results.get(subject.name), outcome.values),
      );
    }
  }
  return results;
}

/** Some of the columns of a result, in the order given. */
export function pickColumns(result: Result, places: readonly number[]): Result {
  if (result.kind === 'failed') return result;
  return { kind: 'measured', columns: places.map(place => result.columns[place] ?? []) };
}

/** The middle value; the mean of the two middle ones of an even number; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

function joined(earlier: Result | undefined, values: readonly number[]): Result {
  const columns = earlier?.kind === 'measured' ? earlier.columns : values.map(() => []);
  return {
    kind: 'measured',
    columns: columns.map((column, index) => [...column, values[index] ?? Number.NaN]),
  };
}
