import { and, eq, gt, sql } from "drizzle-orm";
import type { Context } from "@/lib/auth/context";
import { db } from "@/lib/db/client";
import { databaseNow } from "@/lib/db/clock";
import { jobCounter } from "@/lib/db/tables/jobs";
import { readCircuits } from "@/lib/endpoints/circuit";
import { loadEndpoint } from "@/lib/endpoints/connection";
import type { Pressure } from "@/lib/endpoints/schema";
import { isTerminal } from "@/lib/jobs/lifecycle";
import { AppError } from "@/lib/kernel/errors";
import { readBudgets } from "@/lib/upstream/budget";

const OPERATIONS = ["run", "status", "cancel"] as const;
const iso = (at: Date | null) => at?.toISOString() ?? null;

/**
 * How hard the endpoint is asked and how late we are, read from what all processes share, so it is true for all of them.
 * @throws AppError `not_found`: also for removed ones.
 */
export async function readPressure(ctx: Context, id: string): Promise<Pressure> {
  const row = await loadEndpoint(db(), ctx.workspace.id, id);
  if (row.removedAt) throw new AppError("not_found", "This endpoint was removed.");
  const [now, budgets, circuits, late, counts] = await Promise.all([
    databaseNow(db()),
    readBudgets(db(), row, OPERATIONS),
    readCircuits(db(), [id]),
    readLateness(ctx.workspace.id, id),
    countLive(ctx.workspace.id, id),
  ]);
  return {
    now: now.toISOString(),
    pausedAt: iso(row.pausedAt),
    pausedReason: row.pausedReason,
    circuits: circuits.flatMap(({ operation, openedAt, retryAt, words }) =>
      openedAt ? [{ operation, openedAt: openedAt.toISOString(), retryAt: iso(retryAt), words }] : [],
    ),
    rates: budgets.map(({ fullPerSecond: _, pausedUntil, slowedUntil, ...rest }) => ({
      ...rest,
      operation: rest.operation as (typeof OPERATIONS)[number],
      pausedUntil: iso(pausedUntil),
      slowedUntil: iso(slowedUntil),
    })),
    lag: {
      running: { jobs: counts.running, lateMs: late.get("run") ?? null },
      queued: { jobs: counts.queued, lateMs: late.get("queue") ?? null },
      unsent: { jobs: counts.unsent, lateMs: late.get("send") ?? null },
    },
  };
}

/**
 * Per phase, how long ago the most overdue job should have been looked at (or sent); 0 when none is overdue, absent when
 * there is none. Jobs that somebody has in hand are not waiting, and a callback's wish for a look at once has no time.
 */
async function readLateness(workspaceId: string, endpointId: string): Promise<Map<string, number>> {
  const { rows } = await db().execute<{ phase: string; late_ms: number }>(sql`
    select p.phase, greatest(0, 1000 * extract(epoch from clock_timestamp() - w.next_poll_at))::float8 as late_ms
    from (values ('run'), ('queue'), ('send')) p(phase)
    join lateral (
      select next_poll_at from job_watch
      where endpoint_id = ${endpointId} and workspace_id = ${workspaceId} and phase = p.phase
        and next_poll_at > 'epoch' and not held and (lease_until is null or lease_until < clock_timestamp())
      order by next_poll_at limit 1
    ) w on true`);
  return new Map(rows.map((row) => [row.phase, Math.round(row.late_ms)]));
}

async function countLive(workspaceId: string, endpointId: string) {
  const rows = await db()
    .select({ status: jobCounter.status, count: jobCounter.count })
    .from(jobCounter)
    .where(
      and(
        eq(jobCounter.workspaceId, workspaceId),
        eq(jobCounter.endpointId, endpointId),
        gt(jobCounter.count, 0),
      ),
    );
  const sum = (isOf: (status: string) => boolean) =>
    rows.reduce((total, { status, count }) => total + (isOf(status) ? count : 0), 0);
  return {
    unsent: sum((status) => status === "SENDING"),
    queued: sum((status) => status === "IN_QUEUE"),
    running: sum((status) => !isTerminal(status) && !["SENDING", "IN_QUEUE", "UNCONFIRMED"].includes(status)),
  };
}
