import { createHash } from "node:crypto";
import { setImmediate as breathe } from "node:timers/promises";
import { and, desc, eq, inArray, sql } from "drizzle-orm";
import type { Context } from "@/lib/auth/context";
import type { BatchRow, SubmitBatch } from "@/lib/batches/schema";
import { wakeCollectors } from "@/lib/collector/wake";
import { db, type Tx } from "@/lib/db/client";
import { user } from "@/lib/db/tables/auth";
import { endpoint } from "@/lib/db/tables/endpoints";
import { batch, job } from "@/lib/db/tables/jobs";
import { loadSendable } from "@/lib/endpoints/connection";
import { draftJob } from "@/lib/jobs/draft";
import { cancelUnsentOfBatch, holdBatch, journalJobs, nextRev } from "@/lib/jobs/many";
import type { NewJob } from "@/lib/jobs/store";
import { AppError } from "@/lib/kernel/errors";
import { newId } from "@/lib/kernel/ids";

/** Drafting is CPU work (sealing, hashing): the event loop gets a turn this often. */
const BREATHE_EVERY_MS = 5;
const LIST_LIMIT = 100;

const noSuchBatch = () => new AppError("not_found", "There is no such batch in this workspace.");

/** Stable per batch and place, so that a repeated submit of a half-known batch can never make a second job. */
function jobKey(batchKey: string, index: number): string {
  const hex = createHash("sha256").update(`${batchKey}:${index}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * Write many intents down in one transaction; the collectors send them at the governed rate.
 * @throws AppError `conflict` when the key was used for other requests, `too_large` or `invalid` naming the input.
 */
export async function submitBatch(ctx: Context, input: SubmitBatch): Promise<{ id: string; total: number }> {
  const row = await loadSendable(db(), ctx.workspace.id, input.endpointId);
  const id = newId();
  const drafts: NewJob[] = [];
  const hash = createHash("sha256");
  let breathedAt = performance.now();
  for (const [index, inputText] of input.inputs.entries()) {
    const draft = draftJob(ctx, row, {
      clientKey: jobKey(input.clientKey, index),
      spec: { ...input.settings, inputText },
      batch: { id, index },
    });
    hash.update(draft.payloadHash);
    drafts.push(draft);
    if (performance.now() - breathedAt < BREATHE_EVERY_MS) continue;
    await breathe();
    breathedAt = performance.now();
  }
  const payloadHash = hash.digest("hex");
  return db().transaction(async (tx) => {
    const rev = await nextRev(tx, ctx.workspace.id);
    await loadSendable(tx, ctx.workspace.id, row.id);
    const made = await tx
      .insert(batch)
      .values({
        id,
        workspaceId: ctx.workspace.id,
        endpointId: row.id,
        clientKey: input.clientKey,
        payloadHash,
        name: input.name || `${drafts.length} requests`,
        total: drafts.length,
        pauseAfterFailures: input.pauseAfterFailures ?? null,
        createdBy: ctx.person.id,
      })
      .onConflictDoNothing({ target: [batch.workspaceId, batch.clientKey] })
      .returning({ id: batch.id });
    if (made.length === 0) return earlierBatch(tx, ctx, input.clientKey, payloadHash);
    await journalJobs(tx, drafts, rev);
    await wakeCollectors(tx);
    return { id, total: drafts.length };
  });
}

async function earlierBatch(
  tx: Tx,
  ctx: Context,
  clientKey: string,
  payloadHash: string,
): Promise<{ id: string; total: number }> {
  const [known] = await tx
    .select()
    .from(batch)
    .where(and(eq(batch.workspaceId, ctx.workspace.id), eq(batch.clientKey, clientKey)));
  if (known?.payloadHash === payloadHash) return { id: known.id, total: known.total };
  throw new AppError("conflict", "This client key was already used for another batch. Make a new key.");
}

async function setState(
  ctx: Context,
  id: string,
  from: BatchRow["state"][],
  to: BatchRow["state"],
  then: (tx: Tx, rev: number) => Promise<void>,
): Promise<null> {
  await db().transaction(async (tx) => {
    const rev = await nextRev(tx, ctx.workspace.id);
    const [found] = await tx
      .select({ state: batch.state })
      .from(batch)
      .where(and(eq(batch.id, id), eq(batch.workspaceId, ctx.workspace.id)))
      .for("update");
    if (!found) throw noSuchBatch();
    if (!from.includes(found.state as BatchRow["state"]))
      throw new AppError("conflict", `This batch is ${found.state}.`);
    await tx
      .update(batch)
      .set({ state: to })
      .where(and(eq(batch.id, id), eq(batch.workspaceId, ctx.workspace.id)));
    await then(tx, rev);
  });
  return null;
}

/** What was sent goes on; what was not waits. */
export const pauseBatch = (ctx: Context, { id }: { id: string }): Promise<null> =>
  setState(ctx, id, ["running"], "paused", (tx) => holdBatch(tx, ctx.workspace.id, id, true));

export const resumeBatch = (ctx: Context, { id }: { id: string }): Promise<null> =>
  setState(ctx, id, ["paused"], "running", async (tx) => {
    await holdBatch(tx, ctx.workspace.id, id, false);
    await wakeCollectors(tx);
  });

/** What was not sent is cancelled for good; what was sent goes on and can be cancelled job by job. */
export const stopBatch = (ctx: Context, { id }: { id: string }): Promise<null> =>
  setState(ctx, id, ["running", "paused"], "stopped", (tx, rev) =>
    cancelUnsentOfBatch(tx, ctx.workspace.id, id, rev),
  );

/**
 * Pause running batches that have failed as often as their makers allow. For the collector; safe to run anywhere.
 * Rejected and lost jobs count as failed.
 */
export async function pauseFailingBatches(): Promise<void> {
  const failing = await db().execute<{ id: string; workspace_id: string }>(sql`
    select b.id, b.workspace_id from batch b
    where b.state = 'running' and b.pause_after_failures is not null and b.pause_after_failures <= (
      select count(*) from job j where j.batch_id = b.id and j.status in ('FAILED', 'TIMED_OUT', 'REJECTED', 'LOST'))`);
  for (const { id, workspace_id: workspaceId } of failing.rows)
    await db().transaction(async (tx) => {
      await nextRev(tx, workspaceId);
      const paused = await tx
        .update(batch)
        .set({ state: "paused" })
        .where(and(eq(batch.id, id), eq(batch.state, "running")))
        .returning({ id: batch.id });
      if (paused.length > 0) await holdBatch(tx, workspaceId, id, true);
    });
}

async function readRows(ctx: Context, id?: string): Promise<BatchRow[]> {
  const rows = await db()
    .select({ batch, endpointName: endpoint.name, creator: user.name })
    .from(batch)
    .innerJoin(endpoint, eq(endpoint.id, batch.endpointId))
    .leftJoin(user, eq(user.id, batch.createdBy))
    .where(and(eq(batch.workspaceId, ctx.workspace.id), id ? eq(batch.id, id) : undefined))
    .orderBy(desc(batch.createdAt), desc(batch.id))
    .limit(LIST_LIMIT);
  if (rows.length === 0) return [];
  const counted = await db()
    .select({ batchId: job.batchId, status: job.status, count: sql<number>`count(*)::int` })
    .from(job)
    .where(
      and(
        eq(job.workspaceId, ctx.workspace.id),
        inArray(
          job.batchId,
          rows.map((row) => row.batch.id),
        ),
      ),
    )
    .groupBy(job.batchId, job.status);
  return rows.map(({ batch: row, endpointName, creator }) => ({
    id: row.id,
    name: row.name,
    endpoint: { id: row.endpointId, name: endpointName },
    createdBy: creator === null ? null : { name: creator },
    createdAt: row.createdAt.toISOString(),
    total: row.total,
    state: row.state as BatchRow["state"],
    pauseAfterFailures: row.pauseAfterFailures,
    counts: Object.fromEntries(
      counted.filter((one) => one.batchId === row.id).map((one) => [one.status, one.count]),
    ),
  }));
}

/** The newest 100. */
export const listBatches = (ctx: Context): Promise<BatchRow[]> => readRows(ctx);

export async function readBatch(ctx: Context, id: string): Promise<BatchRow> {
  const [row] = await readRows(ctx, id);
  if (!row) throw noSuchBatch();
  return row;
}
