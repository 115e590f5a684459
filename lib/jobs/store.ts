import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Db, Tx } from "@/lib/db/client";
import { job, jobEvent, jobStreamChunk, jobWatch, webhookDelivery } from "@/lib/db/tables/jobs";
import { workspace } from "@/lib/db/tables/workspaces";
import { isTerminal, type JobState, type JobStatus } from "@/lib/jobs/lifecycle";

export type JobRecord = typeof job.$inferSelect;
export type NewJob = Pick<
  typeof job.$inferInsert,
  | "id"
  | "workspaceId"
  | "endpointId"
  | "clientKey"
  | "requestSealed"
  | "payloadHash"
  | "inputSummary"
  | "hookTokenHash"
  | "executionTimeoutMs"
  | "ttlMs"
  | "lowPriority"
  | "relayWebhook"
  | "createdBy"
  | "originJobId"
  | "batchId"
  | "batchIndex"
>;

/**
 * The workspace's next change number. Takes the workspace row's lock until commit: call it first in every transaction
 * that changes jobs, for one workspace at a time or in the order of their ids, and writers neither deadlock nor commit
 * out of order.
 */
export async function bumpRev(tx: Tx, workspaceId: string): Promise<number> {
  const [row] = await tx
    .update(workspace)
    .set({ rev: sql`${workspace.rev} + 1` })
    .where(eq(workspace.id, workspaceId))
    .returning({ rev: workspace.rev });
  if (!row) throw new Error(`workspace ${workspaceId} is gone`);
  return row.rev;
}

export type EventKind =
  | "created"
  | "accepted"
  | "rejected"
  | "postponed"
  | "unconfirmed"
  | "healed"
  | "resent"
  | "marked_not_sent"
  | "status"
  | "unreadable"
  | "cancel_requested"
  | "retried";

export async function addEvent(
  tx: Tx,
  place: { workspaceId: string; id: string },
  kind: EventKind,
  detail: Record<string, unknown> = {},
): Promise<void> {
  await tx.insert(jobEvent).values({ workspaceId: place.workspaceId, jobId: place.id, kind, detail });
}

export async function findByClientKey(
  db: Db | Tx,
  workspaceId: string,
  clientKey: string,
): Promise<JobRecord | null> {
  const [row] = await db
    .select()
    .from(job)
    .where(and(eq(job.workspaceId, workspaceId), eq(job.clientKey, clientKey)));
  return row ?? null;
}

export async function findJob(db: Db | Tx, workspaceId: string, id: string): Promise<JobRecord | null> {
  const [row] = await db
    .select()
    .from(job)
    .where(and(eq(job.workspaceId, workspaceId), eq(job.id, id)));
  return row ?? null;
}

/**
 * Nothing left this machine, or the provider said "later": back in line.
 * @param nonce of the send that says so; the mark of another sender stays.
 */
export async function postponeSend(
  tx: Tx,
  place: { workspaceId: string; id: string },
  nonce: string,
  delayMs: number,
  reason: string,
): Promise<void> {
  const rev = await bumpRev(tx, place.workspaceId);
  const rows = await tx
    .update(job)
    .set({ sendStartedAt: null, sendNonce: null, error: reason, rev })
    .where(
      and(
        eq(job.id, place.id),
        eq(job.workspaceId, place.workspaceId),
        eq(job.status, "SENDING"),
        eq(job.sendNonce, nonce),
      ),
    )
    .returning({ attempts: job.sendAttempts });
  if (rows.length === 0) return;
  await tx
    .update(jobWatch)
    .set({
      nextPollAt: sql`now() + ${delayMs} * interval '1 millisecond'`,
      leaseOwner: null,
      leaseUntil: null,
    })
    .where(eq(jobWatch.jobId, place.id));
  // One line per storm, not one per attempt.
  if (rows[0]!.attempts === 1) await addEvent(tx, place, "postponed", { reason });
}

/** Lock jobs of one workspace for a change. Call after {@link bumpRev}. */
export const lockJobs = (tx: Tx, workspaceId: string, ids: string[]): Promise<JobRecord[]> =>
  tx
    .select()
    .from(job)
    .where(and(eq(job.workspaceId, workspaceId), inArray(job.id, ids)))
    .orderBy(job.id)
    .for("update");

export const stateOf = (row: JobRecord): JobState => ({
  status: row.status,
  upstreamId: row.upstreamId,
  workerId: row.workerId,
  retries: row.retries,
  delayMs: row.delayMs,
  executionMs: row.executionMs,
  error: row.error,
  progress: row.progress,
  queuedAt: row.queuedAt,
  startedAt: row.startedAt,
  finishedAt: row.finishedAt,
  observedAt: row.observedAt,
});

type Place = { workspaceId: string; id: string; endpointId: string };

const phaseOf = (status: JobStatus) => (status === "IN_QUEUE" ? "queue" : "run");

/**
 * Write a job's new state and what follows from it: the watch row moves to its phase or goes, the person's webhook is
 * scheduled, the change becomes an event.
 */
export async function writeState(
  tx: Tx,
  row: JobRecord,
  next: JobState,
  rev: number,
  more: {
    event?: EventKind;
    detail?: Record<string, unknown>;
    pollInMs?: number;
    /** Upstream has just answered with the job. */
    seen?: boolean;
  } = {},
): Promise<void> {
  await tx
    .update(job)
    .set({ ...next, rev })
    .where(and(eq(job.id, row.id), eq(job.workspaceId, row.workspaceId)));
  if (isTerminal(next.status)) {
    await tx.delete(jobWatch).where(eq(jobWatch.jobId, row.id));
    if (row.relayWebhook)
      await tx
        .insert(webhookDelivery)
        .values({ jobId: row.id, workspaceId: row.workspaceId })
        .onConflictDoNothing();
  } else if (next.status === "UNCONFIRMED") await awaitHealing(tx, row.id);
  else await watch(tx, row, phaseOf(next.status), more.pollInMs ?? 0, more.seen ?? false);
  if (next.status !== row.status || more.event)
    await addEvent(tx, row, more.event ?? "status", {
      ...(next.status !== row.status && { from: row.status, to: next.status }),
      ...more.detail,
    });
}

/** Only a webhook can heal it: watched when one has already named an upstream id, else left alone until one does. */
async function awaitHealing(tx: Tx, jobId: string): Promise<void> {
  await tx.delete(jobWatch).where(and(eq(jobWatch.jobId, jobId), isNull(jobWatch.hintUpstreamId)));
  await tx
    .update(jobWatch)
    .set({ phase: "heal", nextPollAt: sql`now()`, leaseOwner: null, leaseUntil: null })
    .where(eq(jobWatch.jobId, jobId));
}

/** Keep or start watching. The FIFO position is set when the job enters the provider's queue. */
async function watch(
  tx: Tx,
  place: Place,
  phase: "queue" | "run",
  pollInMs: number,
  seen: boolean,
): Promise<void> {
  const at = sql`now() + ${pollInMs} * interval '1 millisecond'`;
  await tx
    .insert(jobWatch)
    .values({
      jobId: place.id,
      workspaceId: place.workspaceId,
      endpointId: place.endpointId,
      phase,
      nextPollAt: at,
    })
    .onConflictDoUpdate({
      target: jobWatch.jobId,
      set: {
        phase,
        queuedAt: sql`case when ${jobWatch.phase} = 'send' then now() else ${jobWatch.queuedAt} end`,
        // A webhook that came before the acknowledgement, or during the poll that saw this, asked for a look at once.
        nextPollAt: sql`case when ${jobWatch.nextPollAt} = 'epoch' then ${jobWatch.nextPollAt}
          when ${jobWatch.hintUpstreamId} is not null then 'epoch' else ${at} end`,
        hintUpstreamId: null,
        leaseOwner: null,
        leaseUntil: null,
        misses: 0,
        missingSince: null,
        ...(seen && { lastPolledAt: sql`now()`, lastSeenAt: sql`now()` }),
      },
    });
}

/** Append pieces of a stream after those that are there. The caller holds the job's stream lease or row lock. */
export async function appendStream(
  tx: Tx,
  place: { workspaceId: string; id: string },
  chunks: readonly string[],
): Promise<void> {
  if (chunks.length === 0) return;
  const [row] = await tx
    .select({ last: sql<number>`coalesce(max(${jobStreamChunk.seq}), -1)` })
    .from(jobStreamChunk)
    .where(eq(jobStreamChunk.jobId, place.id));
  const first = (row?.last ?? -1) + 1;
  await tx
    .insert(jobStreamChunk)
    .values(
      chunks.map((data, i) => ({ workspaceId: place.workspaceId, jobId: place.id, seq: first + i, data })),
    );
}
