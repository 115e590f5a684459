import { sql } from "drizzle-orm";
import type { Db } from "@/lib/db/client";
import { type EndpointRef, ended, ms, notify, webhookDue } from "@/lib/local-endpoint/store";

export type TakenRow = { id: string; requestSealed: string };

/** Note that a worker spoke. The first word of an unknown worker makes it known: any process may attach. */
export async function seeWorker(db: Db, endpoint: EndpointRef, workerId: string): Promise<void> {
  await db.execute(sql`
    insert into local_worker (id, workspace_id, local_endpoint_id, first_seen_at)
    values (${workerId}, ${endpoint.workspaceId}, ${endpoint.id}, now())
    on conflict (local_endpoint_id, id) do update
      set last_seen_at = now(), first_seen_at = coalesce(local_worker.first_seen_at, now())`);
}

/**
 * Give the oldest waiting jobs to a worker, those of low priority last. Of any number of takes at once each job goes to
 * one, because a row that another take has locked is passed over. A worker that is about to be ended gets nothing: its
 * row is locked here, so a drain and a take of one worker happen one after the other.
 */
export async function takeJobs(
  db: Db,
  endpoint: EndpointRef,
  { workerId, limit }: { workerId: string; limit: number },
): Promise<TakenRow[]> {
  const taken = await db.execute<TakenRow>(sql`
    with me as (
      select id from local_worker where local_endpoint_id = ${endpoint.id} and id = ${workerId}
        and draining_at is null for update),
    next as (
      select id from local_job
      where local_endpoint_id = ${endpoint.id} and workspace_id = ${endpoint.workspaceId}
        and status = 'IN_QUEUE' and expires_at > now() and exists (select from me)
      order by low_priority, queued_at, id limit ${limit} for update skip locked),
    taken as (
      update local_job j set status = 'IN_PROGRESS', worker_id = ${workerId}, started_at = now(), heartbeat_at = now(),
        stop_pending = false, taken_back = false
      from next where j.id = next.id
      returning j.id, j.low_priority, j.queued_at, j.request_sealed),
    told as (select ${notify(sql`'job:' || id`)} from taken)
    select id, request_sealed as "requestSealed" from taken, (select count(*) from told) as told
    order by low_priority, queued_at, id`);
  return taken.rows;
}

/** The answer of a take did not reach its worker: the jobs go back to their old places. */
export async function giveBackJobs(
  db: Db,
  endpoint: EndpointRef,
  { workerId, ids }: { workerId: string; ids: string[] },
): Promise<void> {
  await db.execute(sql`
    with back as (
      update local_job set status = 'IN_QUEUE', worker_id = null, started_at = null, heartbeat_at = null
      where local_endpoint_id = ${endpoint.id} and workspace_id = ${endpoint.workspaceId}
        and id = any(${sql.param(ids)}::text[]) and worker_id = ${workerId} and status = 'IN_PROGRESS'
      returning local_endpoint_id)
    select ${notify(sql`'queue:' || ${endpoint.id}::text`)} from (select distinct local_endpoint_id from back) as told`);
}

/** The job is this worker's to report on; anything else is late or a mistake and changes nothing. */
const held = (endpoint: EndpointRef, workerId: string, jobId: string) => sql`
  id = ${jobId} and local_endpoint_id = ${endpoint.id} and workspace_id = ${endpoint.workspaceId}
  and worker_id = ${workerId} and status = 'IN_PROGRESS' and expires_at > now()`;

type Report = { workerId: string; jobId: string };

/**
 * Store a final result and count it; the webhook becomes due at once.
 * @returns false when the job is not (or no longer) this worker's: a late result never reopens or overwrites anything.
 */
export async function finishJob(
  db: Db,
  endpoint: EndpointRef,
  { workerId, jobId, ...result }: Report & ({ output: string | null } | { error: string }),
): Promise<boolean> {
  const failed = "error" in result;
  const done = await db.execute(sql`
    with done as (
      update local_job set status = ${failed ? "FAILED" : "COMPLETED"}, output = ${failed ? null : result.output},
        error = ${failed ? result.error : null}, ${webhookDue}, ${ended}
      where ${held(endpoint, workerId, jobId)}
      returning id, local_endpoint_id),
    counted as (
      update local_endpoint e set completed = completed + ${failed ? 0 : 1}, failed = failed + ${failed ? 1 : 0}
      from done where e.id = done.local_endpoint_id)
    select ${notify(sql`'job:' || id`)}, ${notify(sql`'webhook'`)} from done`);
  // Whatever became of it, the worker does not have it any more.
  await db.execute(sql`
    update local_job set stop_pending = false, taken_back = false
    where id = ${jobId} and local_endpoint_id = ${endpoint.id} and worker_id = ${workerId} and taken_back`);
  return done.rows.length > 0;
}

/** The latest intermediate value. Ignored once the job is over (progress may overtake the result on its way here). */
export async function reportProgress(
  db: Db,
  endpoint: EndpointRef,
  report: Report & { output: string },
): Promise<void> {
  await db.execute(sql`
    with moved as (
      update local_job set output = ${report.output}, heartbeat_at = now()
      where ${held(endpoint, report.workerId, report.jobId)} returning id)
    select ${notify(sql`'job:' || id`)} from moved`);
}

/** Append one streamed value. The row lock of the job keeps the order of concurrent posts gap-free. */
export async function appendChunk(
  db: Db,
  endpoint: EndpointRef,
  report: Report & { data: string },
): Promise<void> {
  await db.execute(sql`
    with job as (
      update local_job set heartbeat_at = now(), chunk_seq = chunk_seq + 1
      where ${held(endpoint, report.workerId, report.jobId)} returning id, workspace_id, chunk_seq),
    added as (
      insert into local_job_chunk (workspace_id, job_id, seq, data)
      select workspace_id, id, chunk_seq, ${report.data} from job)
    select ${notify(sql`'job:' || id`)} from job`);
}

/** A ping: the worker is there and has these jobs. */
export async function recordPing(
  db: Db,
  endpoint: EndpointRef,
  { workerId, jobIds }: { workerId: string; jobIds: string[] },
): Promise<void> {
  await seeWorker(db, endpoint, workerId);
  await db.execute(sql`
    update local_worker set running_jobs = ${jobIds.join(",")}
    where local_endpoint_id = ${endpoint.id} and id = ${workerId} and running_jobs <> ${jobIds.join(",")}`);
  if (jobIds.length > 0)
    await db.execute(sql`
      update local_job set heartbeat_at = now()
      where local_endpoint_id = ${endpoint.id} and workspace_id = ${endpoint.workspaceId}
        and worker_id = ${workerId} and status = 'IN_PROGRESS' and id = any(${sql.param(jobIds)}::text[])`);
  await db.execute(sql`
    update local_job set taken_back = false
    where local_endpoint_id = ${endpoint.id} and workspace_id = ${endpoint.workspaceId}
      and worker_id = ${workerId} and taken_back and id <> all(${sql.param(jobIds)}::text[])`);
}

/** Ids that this worker must give up; each is told once (see {@link stopAgain}). */
export async function takeStops(db: Db, endpoint: EndpointRef, workerId: string): Promise<string[]> {
  const told = await db.execute<{ id: string }>(sql`
    update local_job set stop_pending = false
    where local_endpoint_id = ${endpoint.id} and workspace_id = ${endpoint.workspaceId} and worker_id = ${workerId}
      and stop_pending
    returning id`);
  return told.rows.map(({ id }) => id);
}

/** The answer of a stop poll did not reach its worker. */
export async function stopAgain(db: Db, endpoint: EndpointRef, ids: string[]): Promise<void> {
  await db.execute(sql`
    update local_job set stop_pending = true
    where local_endpoint_id = ${endpoint.id} and id = any(${sql.param(ids)}::text[]) and status <> 'IN_PROGRESS'`);
}

/**
 * A worker process has ended: what it held is queued again at its old place.
 * @param blame whether the attempt counts. It does not when the worker was ended because of another job.
 */
export async function releaseWorker(
  db: Db,
  endpoint: EndpointRef,
  { workerId, blame }: { workerId: string; blame: boolean },
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`
      update local_job set stop_pending = false, taken_back = false
      where local_endpoint_id = ${endpoint.id} and worker_id = ${workerId} and taken_back`);
    const heldJobs = sql`local_endpoint_id = ${endpoint.id} and worker_id = ${workerId} and status = 'IN_PROGRESS'`;
    if (blame)
      await tx.execute(
        sql`update local_job set heartbeat_at = now() - ${ms(24 * 3600 * 1000)} where ${heldJobs}`,
      );
    else
      await tx.execute(sql`
        with back as (
          update local_job set status = 'IN_QUEUE', worker_id = null, started_at = null, heartbeat_at = null, output = null
          where ${heldJobs} returning id),
        cleared as (delete from local_job_chunk where job_id in (select id from back))
        select ${notify(sql`'queue:' || ${endpoint.id}::text`)} from (select count(*) from back) as told`);
    await tx.execute(
      sql`delete from local_worker where local_endpoint_id = ${endpoint.id} and id = ${workerId}`,
    );
  });
}
