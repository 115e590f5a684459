/**
 * One line per benchmark. Figures on shared machines wander, ratios inside one run do not: so a benchmark alternates
 * product and peer, compares them round by round, and reports the median ratio with its spread.
 */
export type BenchResult = {
  bench: string;
  /** Median over the rounds; above 1 the product is better, unless the bench says otherwise. */
  ratio: number;
  /** The "pass" column of performance.md. */
  target: number;
  pass: boolean;
  detail: Record<string, unknown>;
};

export type Bench = {
  name: string;
  run: (options: { rounds: number }) => Promise<BenchResult[]>;
};

export type Round<T> = { product: T; peer: T };

/** A B A B …: neighbours in time share the machine's mood. */
export async function alternate<T>(
  rounds: number,
  product: (round: number) => Promise<T>,
  peer: (round: number) => Promise<T>,
): Promise<Round<T>[]> {
  const results: Round<T>[] = [];
  for (let round = 0; round < rounds; round++)
    results.push({ product: await product(round), peer: await peer(round) });
  return results;
}

/** Of an even number of values the mean of the middle two. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]!
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Nearest rank: a value that was really seen. NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

export const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

/** The middle and both ends of the rounds, so that a reader sees how much a ratio wandered. */
export const spread = (values: readonly number[]): { median: number; least: number; most: number } => ({
  median: round(median(values), 2),
  least: round(Math.min(...values), 2),
  most: round(Math.max(...values), 2),
});
