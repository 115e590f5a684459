import { type SQL, sql } from "drizzle-orm";
import type { PollPlan } from "@/lib/collector/plan";
import type { Db } from "@/lib/db/client";
import type { JobState } from "@/lib/jobs/lifecycle";

/** Longer than any poll may take; after it another collector may take the job over. */
export const LEASE_SECONDS = 30;

/** A job that this collector may poll now, with what was known of it at that moment. */
export type Claim = {
  jobId: string;
  phase: "queue" | "run" | "heal";
  fence: number;
  /** Database clock at the claim: the poll asks after it. */
  at: Date;
  upstreamId: string;
  state: JobState;
  missingSince: Date | null;
  /** Polls in a row that told nothing of this job, though the endpoint answered. */
  misses: number;
  lastSeenAt: Date | null;
  ttlMs: number | null;
  startedAgeMs: number;
  /** A reader is draining the stream at this moment: what it took is not stored yet. */
  streamIsLeased: boolean;
};

type Row = {
  job_id: string;
  phase: Claim["phase"];
  fence: string;
  at: string;
  hint: string | null;
  missing_since: string | null;
  misses: number;
  last_seen_at: string | null;
  status: string;
  upstream_id: string | null;
  worker_id: string | null;
  retries: number;
  delay_ms: string | null;
  execution_ms: string | null;
  error: string | null;
  progress: string | null;
  queued_at: string | null;
  started_at: string | null;
  observed_at: string | null;
  ttl_ms: string | null;
  stream_leased: boolean | null;
};

const date = (value: string | null) => (value === null ? null : new Date(value));
const number = (value: string | null) => (value === null ? null : Number(value));

/**
 * Lease the due jobs of one endpoint, class by class as planned; what one class leaves over goes to the next.
 * Survives any number of collectors: rows that another holds are skipped, and every claim raises the fence, so a
 * collector that was paused past its lease cannot write.
 */
export async function claimPolls(
  db: Db,
  owner: string,
  endpointId: string,
  plan: PollPlan,
  headIntervalMs: number,
): Promise<Claim[]> {
  return lease(
    db,
    owner,
    sql`due_run as (
      select job_id from job_watch
      where endpoint_id = ${endpointId} and phase in ('run', 'heal') and next_poll_at <= now() and ${isFree}
      order by next_poll_at limit ${plan.running} for update skip locked
    ), due_head as (
      select job_id from job_watch
      where job_id in (
          select job_id from job_watch where endpoint_id = ${endpointId} and phase = 'queue'
          order by queued_at limit ${plan.headWindow})
        and coalesce(last_polled_at, queued_at) <= now() - ${headIntervalMs} * interval '1 millisecond'
        and ${isFree}
      order by queued_at limit greatest(0, ${plan.budget - plan.trickle} - (select count(*) from due_run)) for update skip locked
    ), due_deep as (
      select job_id from job_watch
      where endpoint_id = ${endpointId} and phase = 'queue' and next_poll_at <= now() and ${isFree}
        and job_id not in (select job_id from due_head)
      order by next_poll_at
      limit least(${plan.trickleMost},
        ${plan.budget} - (select count(*) from due_run) - (select count(*) from due_head)) for update skip locked
    ), due as (
      select job_id from due_run union all select job_id from due_head union all select job_id from due_deep
    )`,
  );
}

/**
 * Lease jobs that a callback spoke of, first come first served. What the plan leaves for polls is small where callbacks
 * work, and a callback is worth its look at once: it is most often the result. Only the provider's limit holds them back.
 */
export const claimCalled = (db: Db, owner: string, endpointId: string, limit: number): Promise<Claim[]> =>
  lease(
    db,
    owner,
    sql`due as (
      select job_id from job_watch
      where endpoint_id = ${endpointId} and ${isFree} and (
        (phase in ('queue', 'run') and next_poll_at = 'epoch') or (phase = 'heal' and next_poll_at <= now()))
      order by queued_at limit ${limit} for update skip locked
    )`,
  );

/** Lease one job, due or not, to see with it whether the endpoint answers again: one that runs rather than a queued one. */
export const claimOne = (db: Db, owner: string, endpointId: string): Promise<Claim[]> =>
  lease(
    db,
    owner,
    sql`due as (
      select job_id from job_watch
      where endpoint_id = ${endpointId} and phase in ('queue', 'run') and ${isFree}
      order by phase desc, next_poll_at limit 1 for update skip locked
    )`,
  );

const isFree = sql`(lease_until is null or lease_until < now())`;

/** @param due common table expressions, the last one named `due` with the rows' `job_id`, locked. */
async function lease(db: Db, owner: string, due: SQL): Promise<Claim[]> {
  const result = await db.execute<Row>(sql`
    with ${due}
    update job_watch w set
      lease_owner = ${owner}, lease_until = now() + ${LEASE_SECONDS} * interval '1 second', fence = w.fence + 1,
      next_poll_at = now() + ${LEASE_SECONDS} * interval '1 second'
    from due join job j on j.id = due.job_id
    where w.job_id = due.job_id
    returning w.job_id, w.phase, w.fence, now()::text as at, w.hint_upstream_id as hint,
      w.missing_since::text, w.misses, w.last_seen_at::text, j.status, j.upstream_id, j.worker_id, j.retries, j.delay_ms,
      j.execution_ms, j.error, j.progress, j.queued_at::text, j.started_at::text, j.observed_at::text, j.ttl_ms,
      w.stream_lease_until > now() as stream_leased`);
  return result.rows.flatMap((row) => {
    const upstreamId = row.phase === "heal" ? row.hint : row.upstream_id;
    return upstreamId === null ? [] : [toClaim(row, upstreamId)];
  });
}

function toClaim(row: Row, upstreamId: string): Claim {
  const at = new Date(row.at);
  const startedAt = date(row.started_at);
  return {
    jobId: row.job_id,
    phase: row.phase,
    fence: Number(row.fence),
    at,
    upstreamId,
    missingSince: date(row.missing_since),
    misses: row.misses,
    lastSeenAt: date(row.last_seen_at),
    ttlMs: number(row.ttl_ms),
    streamIsLeased: row.stream_leased === true,
    startedAgeMs: startedAt ? at.getTime() - startedAt.getTime() : 0,
    state: {
      status: row.status,
      upstreamId: row.upstream_id,
      workerId: row.worker_id,
      retries: row.retries,
      delayMs: number(row.delay_ms),
      executionMs: number(row.execution_ms),
      error: row.error,
      progress: row.progress,
      queuedAt: date(row.queued_at),
      startedAt,
      finishedAt: null,
      observedAt: date(row.observed_at),
    },
  };
}

/**
 * Give jobs back, to be looked at again after a while. A webhook that came during the poll asked for a look at once
 * (`next_poll_at` is 'epoch') and is not overridden. Fenced: jobs that were taken over in the meantime are left alone.
 */
export async function release(
  db: Db,
  items: readonly {
    claim: Pick<Claim, "jobId" | "fence">;
    delayMs: number;
    seen: boolean;
    /** The endpoint answered, but told nothing of this job. */
    missed?: boolean;
    /** It was a callback's, and was not looked at: the next look is as urgent. */
    called?: boolean;
  }[],
): Promise<void> {
  if (items.length === 0) return;
  await db.execute(sql`
    update job_watch w set
      lease_owner = null, lease_until = null, last_polled_at = now(),
      last_seen_at = case when r.seen then now() else w.last_seen_at end,
      misses = case when r.seen then 0 when r.missed then w.misses + 1 else w.misses end,
      missing_since = case when r.seen then null else w.missing_since end,
      next_poll_at = case when w.next_poll_at = 'epoch' or r.called then 'epoch' 
        else now() + r.delay_ms * interval '1 millisecond' end
    from unnest(
      ${sql.param(items.map((item) => item.claim.jobId))}::uuid[],
      ${sql.param(items.map((item) => item.claim.fence))}::bigint[],
      ${sql.param(items.map((item) => Math.round(item.delayMs)))}::int[],
      ${sql.param(items.map((item) => item.seen))}::boolean[],
      ${sql.param(items.map((item) => item.called ?? false))}::boolean[],
      ${sql.param(items.map((item) => item.missed ?? false))}::boolean[]
    ) as r(job_id, fence, delay_ms, seen, called, missed)
    where w.job_id = r.job_id and w.fence = r.fence`);
}

/** On a clean stop: what this collector still holds is free at once. */
export async function releaseAll(db: Db, owner: string): Promise<void> {
  await db.execute(sql`
    update job_watch set lease_owner = null, lease_until = null, next_poll_at = least(next_poll_at, now())
    where lease_owner = ${owner}`);
}
