import { sql } from "drizzle-orm";
import type { Context } from "@/lib/auth/context";
import { db } from "@/lib/db/client";

/** How long an endpoint's jobs took lately, from sending to the result. */
export type UsualTime = { jobs: number; medianMs: number; slowMs: number };

/** Looked at per endpoint: its newest jobs, along the index, however many there are. */
const NEWEST = 100;
/** Fewer say nothing about what is usual. */
const ENOUGH = 3;

/**
 * Queue and run time of each endpoint's newest completed jobs: the median, and what nine of ten stay below (nearest rank).
 * Endpoints with fewer than 3 such jobs are absent.
 */
export async function readUsualTimes(ctx: Context): Promise<Record<string, UsualTime>> {
  const { rows } = await db().execute<{ id: string; jobs: number; median: number; slow: number }>(sql`
    select e.id, count(*)::int as jobs,
      percentile_disc(0.5) within group (order by t.took)::float8 as median,
      percentile_disc(0.9) within group (order by t.took)::float8 as slow
    from endpoint e
    cross join lateral (
      select j.status, j.delay_ms + j.execution_ms as took from job j
      where j.workspace_id = e.workspace_id and j.endpoint_id = e.id
      order by j.created_at desc, j.id desc limit ${NEWEST}) t
    where e.workspace_id = ${ctx.workspace.id} and e.removed_at is null
      and t.status = 'COMPLETED' and t.took is not null
    group by e.id having count(*) >= ${ENOUGH}`);
  return Object.fromEntries(
    rows.map(({ id, jobs, median, slow }) => [id, { jobs, medianMs: median, slowMs: slow }]),
  );
}
