import { sql } from "drizzle-orm";
import type { Db, Tx } from "@/lib/db/client";
import { type EndpointRef, ms } from "@/lib/local-endpoint/store";

export type LocalEndpointRow = EndpointRef & { name: string };

/** Whose key is it? Keys carry 256 random bits, so the lookup by hash needs no constant-time comparison. */
export async function findByKey(
  db: Db,
  kind: "api" | "worker",
  keyHash: string,
): Promise<LocalEndpointRow | undefined> {
  const column = kind === "api" ? sql`api_key_hash` : sql`worker_key_hash`;
  const found = await db.execute<LocalEndpointRow>(sql`
    select id, workspace_id as "workspaceId", name from local_endpoint where ${column} = ${keyHash}`);
  return found.rows[0];
}

export async function insertEndpoint(
  db: Db | Tx,
  row: EndpointRef & {
    name: string;
    handler: string | null;
    apiKeyHash: string;
    workerKeyHash: string;
    workerKeySealed: string;
    maxWorkers: number;
  },
): Promise<void> {
  await db.execute(sql`
    insert into local_endpoint (id, workspace_id, name, handler, api_key_hash, worker_key_hash, worker_key_sealed,
      max_workers)
    values (${row.id}, ${row.workspaceId}, ${row.name}, ${row.handler}, ${row.apiKeyHash}, ${row.workerKeyHash},
      ${row.workerKeySealed}, ${row.maxWorkers})`);
}

export async function findWorkerKey(
  db: Db | Tx,
  workspaceId: string,
  name: string,
): Promise<{ id: string; name: string; workerKeySealed: string } | undefined> {
  const found = await db.execute<{ id: string; name: string; workerKeySealed: string }>(sql`
    select id, name, worker_key_sealed as "workerKeySealed" from local_endpoint
    where workspace_id = ${workspaceId} and name = ${name}`);
  return found.rows[0];
}

export async function deleteEndpoint(db: Db | Tx, workspaceId: string, name: string): Promise<void> {
  await db.execute(sql`delete from local_endpoint where workspace_id = ${workspaceId} and name = ${name}`);
}

export async function replaceWorkerKey(
  db: Db | Tx,
  endpoint: EndpointRef,
  key: { workerKeyHash: string; workerKeySealed: string },
): Promise<void> {
  await db.execute(sql`
    update local_endpoint set worker_key_hash = ${key.workerKeyHash}, worker_key_sealed = ${key.workerKeySealed}
    where id = ${endpoint.id} and workspace_id = ${endpoint.workspaceId}`);
}

export type PoolEndpoint = LocalEndpointRow & {
  handler: string;
  workerKeySealed: string;
  maxWorkers: number;
  idleTimeoutMs: number;
  /** Jobs that may start a worker. Those of low priority may only after {@link LOW_PRIORITY_PATIENCE_MS}. */
  waiting: number;
  /** Jobs that keep a worker from being idle: waiting or running, of whatever priority. */
  open: number;
  /** The lease is new to this owner: workers that another one spawned are not its own. */
  fresh: boolean;
};

/** Low priority does not start a worker, but an endpoint scaled to zero must not keep such a job for ever either. */
const LOW_PRIORITY_PATIENCE_MS = 60_000;

/**
 * Take or renew the pool lease of every endpoint with a built-in handler that has work or already is `owner`'s.
 * Only the owner of an unexpired lease spawns workers, so several collectors never start twice as many.
 */
export async function leaseEndpoints(db: Db, owner: string, leaseMs: number): Promise<PoolEndpoint[]> {
  const leased = await db.execute<PoolEndpoint>(sql`
    with free as (
      select id, pool_owner is distinct from ${owner}::uuid as fresh from local_endpoint e
      where handler is not null and (pool_owner = ${owner} or (
        (pool_lease_until is null or pool_lease_until <= now()) and exists (
          select from local_job j where j.local_endpoint_id = e.id and j.status in ('IN_QUEUE', 'IN_PROGRESS')
            and j.expires_at > now())))
      for update skip locked),
    mine as (
      update local_endpoint e set pool_owner = ${owner}, pool_lease_until = now() + ${ms(leaseMs)}
      from free where e.id = free.id
      returning e.id, e.workspace_id, e.name, e.handler, e.worker_key_sealed, e.max_workers, e.idle_timeout_ms, fresh)
    select mine.id, mine.workspace_id as "workspaceId", mine.name, mine.handler, mine.fresh,
      mine.worker_key_sealed as "workerKeySealed", mine.max_workers as "maxWorkers",
      mine.idle_timeout_ms as "idleTimeoutMs", load.waiting, load.open
    from mine, lateral (
      select count(*) as open, count(*) filter (where status = 'IN_QUEUE'
          and (not low_priority or queued_at <= now() - ${ms(LOW_PRIORITY_PATIENCE_MS)})) as waiting
      from local_job j where j.local_endpoint_id = mine.id and j.status in ('IN_QUEUE', 'IN_PROGRESS')
        and j.expires_at > now()) as load`);
  return leased.rows;
}

/** Let go of one endpoint that needs no worker, or of all of them. */
export async function dropLeases(db: Db, owner: string, endpointId?: string): Promise<void> {
  await db.execute(sql`
    update local_endpoint set pool_owner = null, pool_lease_until = null
    where pool_owner = ${owner} ${endpointId ? sql`and id = ${endpointId}` : sql``}`);
}

/** Workers of an endpoint that a pool spawned which no longer holds its lease. */
export async function listForeignWorkers(db: Db, endpoint: EndpointRef, owner: string): Promise<string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select id from local_worker
    where local_endpoint_id = ${endpoint.id} and spawned_by is not null and spawned_by <> ${owner}`);
  return rows.rows.map(({ id }) => id);
}

/** A spawned process that has not spoken yet. */
export async function insertSpawnedWorker(
  db: Db,
  endpoint: EndpointRef,
  { workerId, owner }: { workerId: string; owner: string },
): Promise<void> {
  await db.execute(sql`
    insert into local_worker (id, workspace_id, local_endpoint_id, spawned_by)
    values (${workerId}, ${endpoint.workspaceId}, ${endpoint.id}, ${owner})`);
}

/** From now on the worker is given nothing. @returns false when it has a job, so it must not be ended. */
export async function drainWorker(db: Db, endpoint: EndpointRef, workerId: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`
      update local_worker set draining_at = now() where local_endpoint_id = ${endpoint.id} and id = ${workerId}`);
    const busy = await tx.execute(sql`
      select from local_job where local_endpoint_id = ${endpoint.id} and worker_id = ${workerId}
        and status = 'IN_PROGRESS' limit 1`);
    if (busy.rows.length > 0)
      await tx.execute(sql`
        update local_worker set draining_at = null where local_endpoint_id = ${endpoint.id} and id = ${workerId}`);
    return busy.rows.length === 0;
  });
}

export type WorkerLoad = {
  workerId: string;
  running: number;
  /** How long ago the oldest job ended that was taken from it and that it has not let go of; null when there is none. */
  overdueMs: number | null;
};

/** What the owner's workers are doing. */
export async function readWorkerLoads(db: Db, owner: string): Promise<WorkerLoad[]> {
  const loads = await db.execute<WorkerLoad>(sql`
    select w.id as "workerId",
      (select count(*) from local_job j where j.local_endpoint_id = w.local_endpoint_id and j.worker_id = w.id
        and j.status = 'IN_PROGRESS') as running,
      floor(extract(epoch from now() - least(
        (select min(j.finished_at) from local_job j where j.local_endpoint_id = w.local_endpoint_id
          and j.worker_id = w.id and j.taken_back),
        (select min(j.finished_at) from local_job j where j.id = any(string_to_array(w.running_jobs, ','))
          and j.local_endpoint_id = w.local_endpoint_id and j.worker_id = w.id
          and j.status in ('CANCELLED', 'TIMED_OUT')))) * 1000)::int8 as "overdueMs"
    from local_worker w where w.spawned_by = ${owner}`);
  return loads.rows;
}
