import { and, eq, inArray, sql } from "drizzle-orm";
import type { Tx } from "@/lib/db/client";
import { job, jobWatch } from "@/lib/db/tables/jobs";
import { bumpRev, type NewJob } from "@/lib/jobs/store";

/** Per statement: as much as is written out and sent without holding the event loop up. */
const SLICE = { rows: 500, bytes: 1024 * 1024 };

/** The workspace's next change number; see {@link bumpRev}. Call it first. */
export const nextRev = bumpRev;

function* slices(drafts: readonly NewJob[]): Generator<NewJob[]> {
  let slice: NewJob[] = [];
  let bytes = 0;
  for (const draft of drafts) {
    slice.push(draft);
    bytes += draft.requestSealed.length;
    if (slice.length < SLICE.rows && bytes < SLICE.bytes) continue;
    yield slice;
    slice = [];
    bytes = 0;
  }
  if (slice.length > 0) yield slice;
}

/** JSON cannot carry half a character (a cut or stray surrogate) into PostgreSQL; as UTF-8 it is U+FFFD. */
const wellFormed = (draft: NewJob): NewJob => ({
  ...draft,
  inputSummary: Buffer.from(draft.inputSummary).toString(),
});

/**
 * Write many intents down. All or nothing with the caller's transaction; due at once, one after the other in the order in
 * which they were given. Each slice travels as one JSON text: thousands of parameters cost more to bind than to insert.
 */
export async function journalJobs(tx: Tx, drafts: readonly NewJob[], rev: number): Promise<void> {
  for (const slice of slices(drafts))
    await tx.execute(sql`
      with given as materialized (
        select * from json_to_recordset(${JSON.stringify(slice.map(wellFormed))}::json) as draft(
          id uuid, "workspaceId" uuid, "endpointId" uuid, "clientKey" uuid, "requestSealed" text, "payloadHash" text,
          "inputSummary" text, "hookTokenHash" text, "executionTimeoutMs" bigint, "ttlMs" bigint, "lowPriority" boolean,
          "relayWebhook" boolean, "createdBy" text, "originJobId" uuid, "batchId" uuid, "batchIndex" integer)
      ), journaled as (
        insert into job (id, workspace_id, endpoint_id, client_key, status, request_sealed, payload_hash, input_summary,
          hook_token_hash, execution_timeout_ms, ttl_ms, low_priority, relay_webhook, created_by, origin_job_id,
          batch_id, batch_index, rev)
        select id, "workspaceId", "endpointId", "clientKey", 'SENDING', "requestSealed", "payloadHash", "inputSummary",
          "hookTokenHash", "executionTimeoutMs", "ttlMs", "lowPriority", "relayWebhook", "createdBy", "originJobId",
          "batchId", "batchIndex", ${rev}::bigint
        from given
      ), watched as (
        insert into job_watch (job_id, workspace_id, endpoint_id, phase, next_poll_at)
        select id, "workspaceId", "endpointId", 'send', now() + coalesce("batchIndex", 0) * interval '1 microsecond'
        from given
      )
      insert into job_event (workspace_id, job_id, kind) select "workspaceId", id, 'created' from given`);
}

const ofBatch = (tx: Tx, workspaceId: string, batchId: string) =>
  tx
    .select({ id: job.id })
    .from(job)
    .where(and(eq(job.workspaceId, workspaceId), eq(job.batchId, batchId), eq(job.status, "SENDING")));

/** Keep unsent jobs of a batch from being sent, or let them go. */
export async function holdBatch(tx: Tx, workspaceId: string, batchId: string, held: boolean): Promise<void> {
  await tx
    .update(jobWatch)
    .set({ held })
    .where(and(eq(jobWatch.phase, "send"), inArray(jobWatch.jobId, ofBatch(tx, workspaceId, batchId))));
}

/** Jobs of a batch that no sender has marked; those that are being sent at this moment go their way. */
export async function cancelUnsentOfBatch(
  tx: Tx,
  workspaceId: string,
  batchId: string,
  rev: number,
): Promise<void> {
  await tx.execute(sql`
    with cancelled as (
      update job set status = 'CANCELLED', error = null, finished_at = now(), rev = ${rev}
      where workspace_id = ${workspaceId} and batch_id = ${batchId} and status = 'SENDING' and send_started_at is null
      returning id
    ), unwatched as (
      delete from job_watch where job_id in (select id from cancelled)
    )
    insert into job_event (workspace_id, job_id, kind, detail)
    select ${workspaceId}::uuid, id, 'status', '{"from": "SENDING", "to": "CANCELLED", "unsent": true}'::jsonb from cancelled`);
}
