import { and, eq, inArray, sql } from "drizzle-orm";
import type { Tx } from "@/lib/db/client";
import { job, jobWatch } from "@/lib/db/tables/jobs";
import { insertDrafts, type Journaled, slices } from "@/lib/jobs/journal";
import { bumpRev, type NewJob } from "@/lib/jobs/store";
import { AppError } from "@/lib/kernel/errors";

/** The workspace's next change number; see {@link bumpRev}. Call it first. */
export const nextRev = bumpRev;

/**
 * Write many intents down. All or nothing with the caller's transaction; due at once, one after the other in the order in
 * which they were given.
 * @throws AppError `conflict` when another job has one of the client keys.
 */
export async function journalJobs(tx: Tx, drafts: readonly NewJob[], rev: number): Promise<void> {
  for (const slice of slices(drafts)) {
    const made = await tx.execute<Journaled>(insertDrafts(slice, sql`${rev}::bigint`, 0));
    if (made.rows.length < slice.length)
      throw new AppError("conflict", "Another job has the key of one of these requests. Make a new key.");
  }
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
    with unsent as (
      select id from job
      where workspace_id = ${workspaceId} and batch_id = ${batchId} and status = 'SENDING' and send_started_at is null
      order by id for update
    ), cancelled as (
      update job set status = 'CANCELLED', error = null, finished_at = now(), rev = ${rev}
      from unsent where job.id = unsent.id returning job.id
    ), unwatched as (
      delete from job_watch where job_id in (select id from cancelled)
    )
    insert into job_event (workspace_id, job_id, kind, detail)
    select ${workspaceId}::uuid, id, 'status', '{"from": "SENDING", "to": "CANCELLED", "unsent": true}'::jsonb from cancelled`);
}
