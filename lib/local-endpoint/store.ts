import { type SQL, sql } from "drizzle-orm";
import type { Db } from "@/lib/db/client";
import type { Submission } from "@/lib/local-endpoint/submission";
import { CHANNEL } from "@/lib/local-endpoint/wake";
import type { JobRow } from "@/lib/local-endpoint/wire";
import { RETENTION_MS } from "@/lib/requests/limits";

/** A local endpoint as every statement needs it: whose it is and which one. */
export type EndpointRef = { workspaceId: string; id: string };

/** Milliseconds as an interval. */
export const ms = (value: number | SQL): SQL => sql`(${value} * interval '1 millisecond')`;
export const notify = (payload: SQL): SQL => sql`pg_notify(${CHANNEL}, ${payload})`;

/** A job past its ttl or its retention is gone, whether or not the sweep has been by. */
const present = sql`expires_at > now() and (delete_at is null or delete_at > now())`;
const own = (endpoint: EndpointRef) =>
  sql`workspace_id = ${endpoint.workspaceId} and local_endpoint_id = ${endpoint.id}`;

const jobColumns = sql`id, status, output, error, worker_id as "workerId", retries,
  floor(extract(epoch from started_at - queued_at) * 1000)::int8 as "delayMs",
  floor(extract(epoch from finished_at - started_at) * 1000)::int8 as "executionMs"`;

/** When a job that ends now is thrown away. */
export const retention = sql`now() + case when sync then ${ms(RETENTION_MS.runsync)} else ${ms(RETENTION_MS.run)} end`;

/** What every end of a job sets besides its status. */
export const ended = sql`finished_at = now(), delete_at = ${retention}, heartbeat_at = null`;

/** A running job is ended under its worker, which must be told and seen to let go. */
export const takenBack = sql`stop_pending = true, taken_back = true`;

/** Ends that the request's webhook hears of. A cancelled job has nobody left who waits for it. */
export const webhookDue = sql`webhook_next_at = case when has_webhook then now() end, webhook_attempts = 0`;

/** Put a job into the queue. It is durable when this returns. Once more with the same id changes nothing. */
export async function insertJob(
  db: Db,
  endpoint: EndpointRef,
  job: { id: string; sync: boolean; sealed: string } & Omit<Submission, "body">,
): Promise<void> {
  await db.execute(sql`
    with added as (
      insert into local_job (id, workspace_id, local_endpoint_id, status, sync, low_priority, request_sealed,
        execution_timeout_ms, has_webhook, expires_at)
      values (${job.id}, ${endpoint.workspaceId}, ${endpoint.id}, 'IN_QUEUE', ${job.sync}, ${job.lowPriority},
        ${job.sealed}, ${job.executionTimeoutMs}, ${job.hasWebhook}, now() + ${ms(job.ttlMs)})
      on conflict (id) do nothing
      returning local_endpoint_id)
    select ${notify(sql`'queue:' || local_endpoint_id`)} from added`);
}

export async function findJob(db: Db, endpoint: EndpointRef, jobId: string): Promise<JobRow | undefined> {
  const found = await db.execute<JobRow>(sql`
    select ${jobColumns} from local_job where id = ${jobId} and ${own(endpoint)} and ${present}`);
  return found.rows[0];
}

/** `/status?ttl=`: throw the result of a finished job away `ttlMs` from now. */
export async function resetRetention(
  db: Db,
  endpoint: EndpointRef,
  jobId: string,
  ttlMs: number,
): Promise<void> {
  await db.execute(sql`
    update local_job set delete_at = now() + ${ms(ttlMs)}
    where id = ${jobId} and ${own(endpoint)} and ${present} and finished_at is not null`);
}

/** Hand out and remove what a job has streamed so far, in order. Of two readers at once each chunk goes to one. */
export async function drainChunks(db: Db, endpoint: EndpointRef, jobId: string): Promise<string[]> {
  const drained = await db.execute<{ seq: number; data: string }>(sql`
    delete from local_job_chunk where workspace_id = ${endpoint.workspaceId} and job_id = ${jobId}
    returning seq, data`);
  return drained.rows.sort((a, b) => a.seq - b.seq).map(({ data }) => data);
}

/**
 * End a job that is waiting or running; one that is over stays as it is. A running one is taken from its worker, whose
 * late result no longer counts.
 */
export async function cancelJob(db: Db, endpoint: EndpointRef, jobId: string): Promise<JobRow | undefined> {
  await db.execute(sql`
    with cancelled as (
      update local_job set status = 'CANCELLED', output = null, stop_pending = (status = 'IN_PROGRESS'),
        taken_back = (status = 'IN_PROGRESS'), ${ended}
      where id = ${jobId} and ${own(endpoint)} and ${present} and status in ('IN_QUEUE', 'IN_PROGRESS')
      returning id, local_endpoint_id, worker_id)
    select ${notify(sql`'job:' || id`)}, ${notify(sql`'stop:' || local_endpoint_id || ':' || coalesce(worker_id, '')`)}
    from cancelled`);
  return findJob(db, endpoint, jobId);
}

/**
 * Queue a failed or timed-out job again under its id: its output, error and chunks go, and it waits behind those that
 * wait already. The ttl goes on counting from the submit.
 * @returns whether it was in a state to be retried.
 */
export async function retryJob(db: Db, endpoint: EndpointRef, jobId: string): Promise<boolean> {
  const queued = await db.execute(sql`
    with queued as (
      update local_job set status = 'IN_QUEUE', output = null, error = null, worker_id = null, retries = 0,
        queued_at = clock_timestamp(), started_at = null, finished_at = null, delete_at = null, heartbeat_at = null,
        stop_pending = false, taken_back = false, webhook_attempts = 0, webhook_next_at = null
      where id = ${jobId} and ${own(endpoint)} and ${present} and status in ('FAILED', 'TIMED_OUT')
      returning id, local_endpoint_id),
    cleared as (delete from local_job_chunk where job_id in (select id from queued))
    select ${notify(sql`'job:' || id`)}, ${notify(sql`'queue:' || local_endpoint_id`)} from queued`);
  return queued.rows.length > 0;
}

/** Take every waiting job out of the queue. Running ones go on. @returns how many. */
export async function purgeQueue(db: Db, endpoint: EndpointRef): Promise<number> {
  const purged = await db.execute(sql`
    with waiting as (
      select id from local_job where ${own(endpoint)} and status = 'IN_QUEUE' and ${present} for update skip locked),
    purged as (
      update local_job set status = 'CANCELLED', ${ended} where id in (select id from waiting) returning id)
    select ${notify(sql`'job:' || id`)} from purged`);
  return purged.rows.length;
}

/** Newest first, without outputs. `lastId` continues behind that job. */
export async function listJobs(
  db: Db,
  endpoint: EndpointRef,
  { lastId, limit }: { lastId: string | undefined; limit: number },
): Promise<JobRow[]> {
  const before = lastId
    ? sql`and (created_at, id) < (select created_at, id from local_job where id = ${lastId} and ${own(endpoint)})`
    : sql``;
  const rows = await db.execute<JobRow>(sql`
    select ${jobColumns} from (
      select id, status, null::text as output, null::text as error, worker_id, retries, created_at, queued_at, started_at,
        finished_at
      from local_job where ${own(endpoint)} and ${present} ${before}
      order by created_at desc, id desc limit ${limit}) as page
    order by created_at desc, id desc`);
  return rows.rows;
}

export type Health = {
  completed: number;
  failed: number;
  retried: number;
  inQueue: number;
  inProgress: number;
  initializing: number;
  idle: number;
  running: number;
};

/** How long after its last word a worker counts as being there: longer than a held take. */
const ALIVE_MS = 35_000;

export async function readHealth(db: Db, endpoint: EndpointRef): Promise<Health> {
  const rows = await db.execute<Health>(sql`
    with jobs as (
      select count(*) filter (where status = 'IN_QUEUE') as waiting,
        count(*) filter (where status = 'IN_PROGRESS') as running
      from local_job where ${own(endpoint)} and ${present} and status in ('IN_QUEUE', 'IN_PROGRESS')),
    workers as (
      select first_seen_at is null as initializing, exists (
          select from local_job j where j.local_endpoint_id = w.local_endpoint_id and j.worker_id = w.id
            and j.status = 'IN_PROGRESS') as busy
      from local_worker w
      where ${own(endpoint)} and draining_at is null and last_seen_at > now() - ${ms(ALIVE_MS)})
    select e.completed, e.failed, e.retried, jobs.waiting as "inQueue", jobs.running as "inProgress",
      (select count(*) from workers where initializing) as initializing,
      (select count(*) from workers where not initializing and not busy) as idle,
      (select count(*) from workers where busy) as running
    from local_endpoint e, jobs where e.id = ${endpoint.id} and e.workspace_id = ${endpoint.workspaceId}`);
  return rows.rows[0]!;
}
