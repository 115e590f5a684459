import { sql } from "drizzle-orm";
import type { Db } from "@/lib/db/client";
import { ended, ms, notify, takenBack, webhookDue } from "@/lib/local-endpoint/store";

/**
 * How long a job may go without a sign of its worker (a ping that names it, progress, a chunk) before it is given to
 * another one. The platform was seen to take about 40 s; a worker pings every 10 s.
 */
const SILENCE_MS = 40_000;
/** How often a job is handed out again after its worker fell silent. */
const MAX_RETRIES = 1;
/** Workers without a word for this long are forgotten. */
const FORGET_WORKER_MS = 5 * 60_000;
/** How long a job that is gone stays as a note to its worker that it must stop. */
const STOP_NOTE_MS = 60_000;

/** All of these run over every workspace, skip what another collector has locked, and change nothing when repeated. */

/** Running longer than `executionTimeout` → TIMED_OUT; the worker is told to stop. */
export async function sweepExecutionTimeouts(db: Db): Promise<number> {
  const swept = await db.execute(sql`
    with late as (
      select id from local_job
      where status = 'IN_PROGRESS' and started_at + ${ms(sql`execution_timeout_ms`)} <= now()
      limit 500 for update skip locked),
    swept as (
      update local_job set status = 'TIMED_OUT', output = null, ${takenBack}, ${webhookDue}, error = 'job timed out: it ran longer than its executionTimeout of '
          || execution_timeout_ms || ' ms', ${ended}
      where id in (select id from late)
      returning id, local_endpoint_id, worker_id),
    counted as (
      update local_endpoint e set failed = failed + n
      from (select local_endpoint_id, count(*) as n from swept group by 1) as s where e.id = s.local_endpoint_id)
    select ${notify(sql`'job:' || id`)}, ${notify(sql`'stop:' || local_endpoint_id || ':' || worker_id`)} from swept`);
  return swept.rows.length;
}

/** Jobs whose worker fell silent are queued again once, at their old place, then FAILED in the platform's words. */
export async function sweepSilentWorkers(db: Db): Promise<number> {
  const swept = await db.execute(sql`
    with silent as (
      select id, retries >= ${MAX_RETRIES} as spent from local_job
      where status = 'IN_PROGRESS' and heartbeat_at <= now() - ${ms(SILENCE_MS)}
      limit 500 for update skip locked),
    again as (
      update local_job set status = 'IN_QUEUE', retries = retries + 1, worker_id = null, output = null,
        started_at = null, heartbeat_at = null
      where id in (select id from silent where not spent)
      returning id, local_endpoint_id),
    cleared as (delete from local_job_chunk where job_id in (select id from again)),
    given_up as (
      update local_job set status = 'FAILED', output = null, ${takenBack}, ${webhookDue}, error = 'job timed out after ' || retries || ' retries', ${ended}
      where id in (select id from silent where spent)
      returning id, local_endpoint_id),
    counted as (
      update local_endpoint e set retried = retried + s.again, failed = failed + s.given_up
      from (select local_endpoint_id, sum(again) as again, sum(given_up) as given_up
        from (select local_endpoint_id, 1 as again, 0 as given_up from again
          union all select local_endpoint_id, 0, 1 from given_up) as each group by 1) as s
      where e.id = s.local_endpoint_id)
    select ${notify(sql`'job:' || id`)}, ${notify(sql`'queue:' || local_endpoint_id`)}
    from (select * from again union all select * from given_up) as swept`);
  return swept.rows.length;
}

/**
 * Throw away what is past its ttl or retention. A running job past its ttl first becomes a note that its worker must
 * stop; nobody else sees it any more.
 */
export async function sweepExpired(db: Db): Promise<void> {
  await db.execute(sql`
    with gone as (
      select id from local_job where status = 'IN_PROGRESS' and expires_at <= now() limit 500 for update skip locked),
    noted as (
      update local_job set status = 'CANCELLED', output = null, ${takenBack}, ${ended}
      where id in (select id from gone) returning local_endpoint_id, worker_id)
    select ${notify(sql`'stop:' || local_endpoint_id || ':' || worker_id`)} from noted`);
  await db.execute(sql`
    delete from local_job where id in (
      select id from local_job
      where status <> 'IN_PROGRESS' and (expires_at <= now() or delete_at <= now())
        and (not taken_back or finished_at <= now() - ${ms(STOP_NOTE_MS)})
      limit 500 for update skip locked)`);
  await db.execute(sql`
    delete from local_worker where last_seen_at <= now() - ${ms(FORGET_WORKER_MS)}`);
}
