import { and, eq, ne, sql } from "drizzle-orm";
import type { Db, Tx } from "@/lib/db/client";
import { job, jobOutputChunk, jobOutputDraft } from "@/lib/db/tables/jobs";
import { newId } from "@/lib/kernel/ids";

/** Every stored piece has this many bytes, but for the last: so the piece of any byte is known. */
export const OUTPUT_CHUNK_BYTES = 256 * 1024;

/** What became of an output that a job ended with. */
export type KeptOutput = { bytes: number } & (
  | { chunks: Buffer[] }
  /** Its chunks are stored already, as this draft. */
  | { outputId: string }
  /** It was over this limit, and is not kept. */
  | { limitBytes: number }
);

type Place = { workspaceId: string; id: string };

/**
 * Give a job its output as spelled, in the transaction that makes it terminal: complete or absent, never half. Chunks of
 * drafts that did not become the output go.
 */
export async function writeOutput(tx: Tx, place: Place, output: KeptOutput): Promise<void> {
  const where = and(eq(job.id, place.id), eq(job.workspaceId, place.workspaceId));
  const { bytes } = output;
  if ("limitBytes" in output) {
    const limit = { outputState: "too_large", outputLimitBytes: output.limitBytes };
    await tx
      .update(job)
      .set({ ...limit, outputBytes: bytes, outputId: null })
      .where(where);
    return;
  }
  const outputId = "outputId" in output ? output.outputId : newId();
  if ("outputId" in output) {
    const adopted = await tx
      .delete(jobOutputDraft)
      .where(and(eq(jobOutputDraft.outputId, outputId), eq(jobOutputDraft.jobId, place.id)))
      .returning({ outputId: jobOutputDraft.outputId });
    if (adopted.length === 0) throw new Error(`the draft ${outputId} of an output was dropped meanwhile`);
  }
  await tx
    .delete(jobOutputChunk)
    .where(and(eq(jobOutputChunk.jobId, place.id), ne(jobOutputChunk.outputId, outputId)));
  if ("chunks" in output) {
    let seq = 0;
    for (const data of regroup(output.chunks, OUTPUT_CHUNK_BYTES))
      await tx
        .insert(jobOutputChunk)
        .values({ workspaceId: place.workspaceId, jobId: place.id, outputId, seq: seq++, data });
  }
  await tx
    .update(job)
    .set({ outputState: "stored", outputBytes: bytes, outputId, outputLimitBytes: null })
    .where(where);
}

/** Pieces as the network cut them → pieces of `size` bytes. */
function* regroup(chunks: readonly Buffer[], size: number): Generator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  for (const chunk of chunks) {
    for (let from = 0; from < chunk.length; ) {
      const part = chunk.subarray(from, from + size - bytes);
      held.push(part);
      bytes += part.length;
      from += part.length;
      if (bytes === size) {
        yield Buffer.concat(held);
        held = [];
        bytes = 0;
      }
    }
  }
  if (bytes > 0) yield Buffer.concat(held);
}

/** Begin to store an output that is still arriving. What earlier attempts at this job left behind goes. */
export async function openDraft(db: Db, place: Place): Promise<string> {
  const outputId = newId();
  await db.transaction(async (tx) => {
    const left = await tx
      .delete(jobOutputDraft)
      .where(eq(jobOutputDraft.jobId, place.id))
      .returning({ outputId: jobOutputDraft.outputId });
    for (const one of left) await dropChunks(tx, one.outputId);
    await tx.insert(jobOutputDraft).values({ outputId, workspaceId: place.workspaceId, jobId: place.id });
  });
  return outputId;
}

/**
 * Store one more chunk of a draft and keep the claim on its job for another while, in one statement.
 * @returns false when the job was taken over or the draft dropped: nothing was stored. The draft's row is locked, so that
 *   whoever drops it at the same moment sees this chunk.
 */
export async function addToDraft(
  db: Db,
  draft: { workspaceId: string; jobId: string; outputId: string; fence: number; leaseSeconds: number },
  seq: number,
  data: Buffer,
): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    with mine as (
      update job_watch set lease_until = now() + ${draft.leaseSeconds} * interval '1 second',
        next_poll_at = case when next_poll_at = 'epoch' then next_poll_at
          else now() + ${draft.leaseSeconds} * interval '1 second' end
      where job_id = ${draft.jobId} and fence = ${draft.fence}
      returning job_id
    ), draft as (
      select d.job_id from job_output_draft d join mine on mine.job_id = d.job_id
      where d.output_id = ${draft.outputId} for share of d
    )
    insert into job_output_chunk (workspace_id, job_id, output_id, seq, data)
    select ${draft.workspaceId}::uuid, job_id, ${draft.outputId}::uuid, ${seq}::int, ${data}::bytea from draft`);
  return rowCount === 1;
}

/** Drop a draft with all its chunks; does nothing to an output that a job has taken. */
export async function dropDraft(db: Db, outputId: string): Promise<void> {
  await db.transaction(async (tx) => {
    const dropped = await tx
      .delete(jobOutputDraft)
      .where(eq(jobOutputDraft.outputId, outputId))
      .returning({ outputId: jobOutputDraft.outputId });
    if (dropped.length > 0) await dropChunks(tx, outputId);
  });
}

const dropChunks = (tx: Tx, outputId: string) =>
  tx.delete(jobOutputChunk).where(eq(jobOutputChunk.outputId, outputId));

/** Drafts whose collector died, and whose job nobody fetches again (it ended otherwise). */
export async function sweepDrafts(db: Db): Promise<void> {
  const left = await db
    .select({ outputId: jobOutputDraft.outputId })
    .from(jobOutputDraft)
    .where(sql`${jobOutputDraft.startedAt} < now() - interval '1 hour'`)
    .limit(20);
  for (const { outputId } of left) await dropDraft(db, outputId);
}
