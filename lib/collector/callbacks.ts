import { sql } from "drizzle-orm";
import type { Db } from "@/lib/db/client";
import { once } from "@/lib/kernel/once";

/**
 * A callback may come after the poll that has seen the end: one that is later than this was of no use. Judged sooner, slow
 * callbacks would count as none, the jobs would all be polled, and polls would go on being faster than the callbacks.
 */
const LATE_MS = 5_000;
/** Judged together, at most this often and at most so many; more ends than that say nothing new. */
const JUDGE_EVERY_MS = 1_000;
const MOST_UNJUDGED = 200;
/** About how many of the last verdicts are remembered. */
const MEMORY = 10;
const MOST = 0.5;

/** Whether an endpoint's provider calls us back, so that polling need only be the net under lost callbacks. */
export class Callbacks {
  private share = 0;
  private unjudged: { jobId: string; endedAt: number }[] = [];
  private judgedAt = 0;

  /** Most of the last jobs that ended were announced by a callback. */
  get work(): boolean {
    return this.share > MOST;
  }

  /** @param now of a monotonic clock, in ms */
  ended(jobIds: readonly string[], now: number): void {
    for (const jobId of jobIds) this.unjudged.push({ jobId, endedAt: now });
    this.unjudged = this.unjudged.slice(-MOST_UNJUDGED);
  }

  /** Look whether callbacks came for the jobs that ended a while ago. Costs nothing while there are none. */
  async judge(now: number, announced: (jobIds: string[]) => Promise<ReadonlySet<string>>): Promise<void> {
    if (now - this.judgedAt < JUDGE_EVERY_MS) return;
    const due = this.unjudged.filter(({ endedAt }) => now - endedAt >= LATE_MS);
    if (due.length === 0) return;
    this.judgedAt = now;
    this.unjudged = this.unjudged.slice(due.length);
    const known = await announced(due.map(({ jobId }) => jobId));
    for (const { jobId } of due) this.share += ((known.has(jobId) ? 1 : 0) - this.share) / MEMORY;
  }
}

/** What this process has learned about an endpoint outlives the times at which it has no jobs. */
export function callbacksOf(endpointId: string): Callbacks {
  const known = once("callbacks", () => new Map<string, Callbacks>());
  const callbacks = known.get(endpointId) ?? new Callbacks();
  known.set(endpointId, callbacks);
  return callbacks;
}

/** Those of these jobs that a callback has spoken of. */
export async function announcedJobs(
  db: Db,
  workspaceId: string,
  jobIds: string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await db.execute<{ job_id: string }>(sql`
    select distinct job_id from webhook_receipt
    where workspace_id = ${workspaceId} and job_id = any(${sql.param(jobIds)}::uuid[])`);
  return new Set(rows.map((row) => row.job_id));
}
