import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/lib/db/client";
import { job, jobEvent, jobWatch } from "@/lib/db/tables/jobs";
import { bumpRev, type NewJob } from "@/lib/jobs/store";

/** Rows per statement: PostgreSQL takes 65,535 parameters, a job has about thirty. */
const ROWS_PER_STATEMENT = 500;

/** The workspace's next change number; see {@link bumpRev}. Call it first. */
export const nextRev = bumpRev;

/** Write many intents down. All or nothing with the caller's transaction; due at once. */
export async function journalJobs(tx: Tx, drafts: readonly NewJob[], rev: number): Promise<void> {
  for (let from = 0; from < drafts.length; from += ROWS_PER_STATEMENT) {
    const part = drafts.slice(from, from + ROWS_PER_STATEMENT);
    await tx.insert(job).values(part.map((draft) => ({ ...draft, status: "SENDING", rev })));
    await tx.insert(jobWatch).values(
      part.map((draft) => ({
        jobId: draft.id,
        workspaceId: draft.workspaceId,
        endpointId: draft.endpointId,
        phase: "send",
        // One after the other, so that they are sent in the order in which they were given.
        nextPollAt: sql`now() + ${draft.batchIndex ?? 0} * interval '1 microsecond'`,
      })),
    );
    await tx
      .insert(jobEvent)
      .values(part.map((draft) => ({ workspaceId: draft.workspaceId, jobId: draft.id, kind: "created" })));
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
  const cancelled = await tx
    .update(job)
    .set({ status: "CANCELLED", error: null, finishedAt: sql`now()`, rev })
    .where(
      and(
        eq(job.workspaceId, workspaceId),
        eq(job.batchId, batchId),
        eq(job.status, "SENDING"),
        isNull(job.sendStartedAt),
      ),
    )
    .returning({ id: job.id });
  for (let from = 0; from < cancelled.length; from += ROWS_PER_STATEMENT) {
    const ids = cancelled.slice(from, from + ROWS_PER_STATEMENT).map((row) => row.id);
    await tx.delete(jobWatch).where(inArray(jobWatch.jobId, ids));
    await tx.insert(jobEvent).values(
      ids.map((jobId) => ({
        workspaceId,
        jobId,
        kind: "status",
        detail: { from: "SENDING", to: "CANCELLED", unsent: true },
      })),
    );
  }
}
