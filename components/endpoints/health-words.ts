import type { Health } from "@/lib/endpoints/schema";

export type HealthReading = { tone: "info" | "warning" | "danger"; words: string };

/**
 * Why jobs wait, read off the counters. The order is that of the provider's own diagnosis: crash loops first, since
 * they look like a lack of capacity but are not.
 * @returns null when nothing waits or something runs.
 */
export function readHealth({ jobs, workers }: Health): HealthReading | null {
  const of = (counters: Record<string, number>, name: string) => counters[name] ?? 0;
  const queued = of(jobs, "inQueue");
  if (queued === 0) return null;
  const jobsWait = `${queued.toLocaleString("en")} ${queued === 1 ? "job waits" : "jobs wait"}`;
  if (of(workers, "unhealthy") > 0)
    return {
      tone: "danger",
      words: `${jobsWait} while workers are unhealthy: their container probably crashes at start. Look at the worker logs; more workers will not help.`,
    };
  if (of(workers, "running") + of(workers, "idle") + of(workers, "ready") > 0) return null;
  if (of(workers, "throttled") > 0)
    return {
      tone: "warning",
      words: `${jobsWait} and the workers are throttled: the provider has no free machine of this kind now.`,
    };
  if (of(workers, "initializing") > 0)
    return { tone: "info", words: `${jobsWait} for a worker that is starting.` };
  return {
    tone: "info",
    words: `${jobsWait} and no worker runs: the endpoint is scaling up from zero, or its maximum of workers is 0.`,
  };
}
