const FIRST_MS = 100;
const LONGEST_MS = 10_000;
/** Whoever ran this long was healthy: its next death is a new story. */
const HEALTHY_MS = 30_000;

/**
 * How long to wait before a process is started again: 100 ms, doubling to 10 s.
 * @param previousMs the wait before the run that just ended; undefined for the first run
 * @param ranMs how long that run lasted
 */
export function nextDelay(previousMs: number | undefined, ranMs: number): number {
  if (previousMs === undefined || ranMs >= HEALTHY_MS) return FIRST_MS;
  return Math.min(previousMs * 2, LONGEST_MS);
}
