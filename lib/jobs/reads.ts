import { and, asc, desc, eq, gt, sql } from "drizzle-orm";
import type { Context } from "@/lib/auth/context";
import { db } from "@/lib/db/client";
import {
  jobEvent,
  jobOutputChunk,
  jobStreamChunk,
  jobWatch,
  webhookDelivery,
  webhookReceipt,
} from "@/lib/db/tables/jobs";
import type { ByteRange } from "@/lib/jobs/byte-range";
import { isTerminal } from "@/lib/jobs/lifecycle";
import { countJobs, currentRev, findRow, listChangedJobs, listJobs } from "@/lib/jobs/list-store";
import { OUTPUT_CHUNK_BYTES } from "@/lib/jobs/output-store";
import { openRequest } from "@/lib/jobs/request-seal";
import type { JobChanges, JobDetail, JobFilter, JobPage, JobStream } from "@/lib/jobs/schema";
import { findJob, type JobRecord } from "@/lib/jobs/store";
import { AppError } from "@/lib/kernel/errors";
import type { RequestFields } from "@/lib/requests/schema";
import { maskRequest, wireBody } from "@/lib/requests/wire";

/** More changed jobs than this and the browser fetches its list anew. */
const CHANGES_LIMIT = 500;
const INLINE_OUTPUT_MAX_BYTES = 1024 * 1024;

const noSuchJob = () => new AppError("not_found", "There is no such job in this workspace.");

/** The rev is read first: what changes meanwhile is delivered again with the next delta, never missed. */
export async function readJobPage(
  ctx: Context,
  filter: JobFilter,
  page: { cursor?: string; limit: number },
): Promise<JobPage> {
  const rev = await currentRev(db(), ctx.workspace.id);
  const [{ jobs, nextCursor }, counts] = await Promise.all([
    listJobs(db(), ctx.workspace.id, filter, page),
    countJobs(db(), ctx.workspace.id, filter.endpoint),
  ]);
  return { jobs, nextCursor, rev, counts };
}

/**
 * What changed since a rev.
 * @param endpointId only narrows the counts; the jobs are those of the whole workspace.
 * An idle answer is one indexed read of one row and a few dozen bytes.
 */
export async function readJobChanges(ctx: Context, since: number, endpointId?: string): Promise<JobChanges> {
  const rev = await currentRev(db(), ctx.workspace.id);
  if (rev <= since) return { rev, jobs: [] };
  const [jobs, counts] = await Promise.all([
    listChangedJobs(db(), ctx.workspace.id, since, CHANGES_LIMIT),
    countJobs(db(), ctx.workspace.id, endpointId),
  ]);
  if (jobs.length > CHANGES_LIMIT) return { rev, jobs: [], counts, reset: true };
  return { rev: Math.max(rev, jobs.at(-1)?.rev ?? 0), jobs, counts };
}

/** @throws AppError `not_found`: also for jobs of other workspaces. */
export async function readJob(ctx: Context, id: string): Promise<JobDetail> {
  const [row, record] = await Promise.all([
    findRow(db(), ctx.workspace.id, id),
    findJob(db(), ctx.workspace.id, id),
  ]);
  if (!row || !record) throw noSuchJob();
  const [events, receipts, [delivery], output] = await Promise.all([
    db().select().from(jobEvent).where(eq(jobEvent.jobId, id)).orderBy(asc(jobEvent.id)).limit(500),
    db()
      .select()
      .from(webhookReceipt)
      .where(eq(webhookReceipt.jobId, id))
      .orderBy(desc(webhookReceipt.id))
      .limit(20),
    db().select().from(webhookDelivery).where(eq(webhookDelivery.jobId, id)),
    inlineOutput(ctx, record),
    isTerminal(record.status) ? undefined : lookSoon(ctx, id),
  ]);
  const { spec } = openRequest(record);
  return {
    ...row,
    error: record.error,
    request: wireBody(maskRequest(spec)),
    progress: record.progress,
    output,
    outputLimitBytes: record.outputLimitBytes,
    workerId: record.workerId,
    retries: record.retries,
    originJobId: record.originJobId,
    executionTimeoutMs: record.executionTimeoutMs,
    ttlMs: record.ttlMs,
    lowPriority: record.lowPriority,
    sendStartedAt: record.sendStartedAt?.toISOString() ?? null,
    sendAttempts: record.sendAttempts,
    events: events.map(({ id: eventId, at, kind, detail }) => ({
      id: eventId,
      at: at.toISOString(),
      kind,
      detail,
    })),
    webhook: {
      url: spec.webhook ?? null,
      viaRelay: record.relayWebhook,
      receipts: receipts.map(({ receivedAt, claimedStatus, bytes }) => ({
        receivedAt: receivedAt.toISOString(),
        claimedStatus,
        bytes,
      })),
      delivery: delivery
        ? {
            attempts: delivery.attempts,
            nextAttemptAt: delivery.nextAttemptAt.toISOString(),
            deliveredAt: delivery.deliveredAt?.toISOString() ?? null,
            gaveUpAt: delivery.gaveUpAt?.toISOString() ?? null,
            lastStatus: delivery.lastStatus,
            lastError: delivery.lastError,
          }
        : null,
    },
  };
}

/** Somebody is looking at a running job: its progress is worth a poll per second, where callbacks made polls rare. */
async function lookSoon(ctx: Context, id: string): Promise<void> {
  await db()
    .update(jobWatch)
    .set({ nextPollAt: sql`now()` })
    .where(
      and(
        eq(jobWatch.jobId, id),
        eq(jobWatch.workspaceId, ctx.workspace.id),
        eq(jobWatch.phase, "run"),
        sql`${jobWatch.nextPollAt} > now() + interval '1 second'`,
        sql`${jobWatch.lastPolledAt} < now() - interval '1 second'`,
      ),
    );
}

async function inlineOutput(ctx: Context, record: JobRecord): Promise<string | null> {
  const output = storedOutput(record);
  if (!output || output.bytes > INLINE_OUTPUT_MAX_BYTES) return null;
  const chunks: Buffer[] = [];
  for await (const chunk of outputChunks(ctx, output)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** `id` is another one when a retried job ended anew. */
type StoredOutput = { id: string; bytes: number };

const storedOutput = (record: JobRecord): StoredOutput | null =>
  record.outputState === "stored" && record.outputId !== null
    ? { id: record.outputId, bytes: record.outputBytes ?? 0 }
    : null;

/**
 * The stored output or a part of it, piece by piece, so that a large one never stands in memory whole.
 * @throws when it goes away meanwhile (the job was retried): an answer that ends early must not look whole.
 */
export async function* outputChunks(
  ctx: Context,
  output: StoredOutput,
  range: ByteRange = { from: 0, to: output.bytes - 1 },
): AsyncGenerator<Buffer> {
  for (let seq = Math.floor(range.from / OUTPUT_CHUNK_BYTES); seq * OUTPUT_CHUNK_BYTES <= range.to; seq++) {
    const start = seq * OUTPUT_CHUNK_BYTES;
    const [row] = await db()
      .select({ data: jobOutputChunk.data })
      .from(jobOutputChunk)
      .where(
        and(
          eq(jobOutputChunk.workspaceId, ctx.workspace.id),
          eq(jobOutputChunk.outputId, output.id),
          eq(jobOutputChunk.seq, seq),
        ),
      );
    if (!row) throw new AppError("conflict", "The output was dropped while it was read.");
    yield row.data.subarray(Math.max(0, range.from - start), range.to + 1 - start);
  }
}

/** @throws AppError `not_found` when there is no such job, or it has no stored output. */
export async function findOutput(ctx: Context, id: string): Promise<StoredOutput> {
  const record = await findJob(db(), ctx.workspace.id, id);
  if (!record) throw noSuchJob();
  const output = storedOutput(record);
  if (output) return output;
  throw new AppError(
    "not_found",
    record.outputState === "too_large"
      ? "The output was larger than this server keeps."
      : "This job has no output.",
  );
}

/** Pieces of a streamed output after `after` (-1 for all), at most 1,000. */
export async function readJobStream(ctx: Context, id: string, after: number): Promise<JobStream> {
  const record = await findJob(db(), ctx.workspace.id, id);
  if (!record) throw noSuchJob();
  const chunks = await db()
    .select({ seq: jobStreamChunk.seq, data: jobStreamChunk.data })
    .from(jobStreamChunk)
    .where(
      and(
        eq(jobStreamChunk.workspaceId, ctx.workspace.id),
        eq(jobStreamChunk.jobId, id),
        gt(jobStreamChunk.seq, after),
      ),
    )
    .orderBy(asc(jobStreamChunk.seq))
    .limit(1000);
  return { chunks, done: isTerminal(record.status) && chunks.length < 1000 };
}

/** What the composer starts from when a job is edited and run again: everything but the S3 secret. */
export async function readComposeSource(
  ctx: Context,
  id: string,
): Promise<{ endpointId: string; request: RequestFields }> {
  const record = await findJob(db(), ctx.workspace.id, id);
  if (!record) throw noSuchJob();
  const { spec } = openRequest(record);
  const s3 = spec.s3 ? { ...spec.s3, accessSecret: "" } : undefined;
  return { endpointId: record.endpointId, request: { ...spec, s3 } };
}
