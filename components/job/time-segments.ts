import { isTerminal } from "@/lib/jobs/lifecycle";
import type { JobRow } from "@/lib/jobs/schema";

export type Segment = { name: "Sending" | "Queue and cold start" | "Run"; ms: number; running: boolean };

type Times = Pick<
  JobRow,
  "status" | "createdAt" | "queuedAt" | "startedAt" | "finishedAt" | "delayMs" | "executionMs"
>;

const ms = (instant: string): number => new Date(instant).getTime();

/**
 * A job's life in three parts. The provider's own figures win over our clock when the part is over; it reports the wait
 * in the queue and the cold start as one number, so they are one part here.
 * @param now ms, or null when the clock is not known yet (server, first paint): running parts then count as 0.
 */
export function timeSegments(job: Times, now: number | null): Segment[] {
  const over = isTerminal(job.status);
  const until = (instant: string | null, from: string): { ms: number; running: boolean } => {
    const end = instant ?? job.finishedAt;
    if (end) return { ms: Math.max(0, ms(end) - ms(from)), running: false };
    return { ms: now === null ? 0 : Math.max(0, now - ms(from)), running: !over };
  };
  const segments: Segment[] = [{ name: "Sending", ...until(job.queuedAt, job.createdAt) }];
  if (!job.queuedAt) return segments;
  const wait = until(job.startedAt, job.queuedAt);
  segments.push({
    name: "Queue and cold start",
    ms: !wait.running && job.startedAt && job.delayMs !== null ? job.delayMs : wait.ms,
    running: wait.running,
  });
  if (!job.startedAt) return segments;
  const run = until(null, job.startedAt);
  segments.push({
    name: "Run",
    ms: over && job.executionMs !== null ? job.executionMs : run.ms,
    running: run.running,
  });
  return segments;
}
