import { and, eq, sql } from "drizzle-orm";
import type { Context } from "@/lib/auth/context";
import { db, type Tx } from "@/lib/db/client";
import { databaseNow } from "@/lib/db/clock";
import { job, jobOutputChunk, jobStreamChunk, jobWatch, webhookDelivery } from "@/lib/db/tables/jobs";
import { maySendNow } from "@/lib/endpoints/circuit";
import { connect, type EndpointRecord, loadEndpoint, loadSendable } from "@/lib/endpoints/connection";
import { draftJob } from "@/lib/jobs/draft";
import { journalOne, type Sendable } from "@/lib/jobs/journal";
import { isTerminal, observe } from "@/lib/jobs/lifecycle";
import { openRequest } from "@/lib/jobs/request-seal";
import type { SubmitInput, Submitted } from "@/lib/jobs/schema";
import { runBudget, sendJob } from "@/lib/jobs/send";
import { takeTurn } from "@/lib/jobs/send-groups";
import {
  addEvent,
  bumpRev,
  findByClientKey,
  findJob,
  type JobRecord,
  lockJobs,
  type NewJob,
  stateOf,
  writeState,
} from "@/lib/jobs/store";
import { AppError } from "@/lib/kernel/errors";
import { failpoint } from "@/lib/kernel/failpoint";
import { log } from "@/lib/kernel/log";
import type { RequestSpec } from "@/lib/requests/schema";
import { pauseAfterThrottle, slowDown, takeTokens } from "@/lib/upstream/budget";
import type { ActOutcome, RunOutcome } from "@/lib/upstream/client";

const noSuchJob = () => new AppError("not_found", "There is no such job in this workspace.");

/**
 * Write the intent down, then send it. The same client key again answers with the first call's job.
 * @throws AppError `conflict` when the key was used for another request, `too_large` over 10 MB.
 */
export async function submitJob(ctx: Context, input: SubmitInput): Promise<Submitted> {
  const endpoint = await loadSendable(db(), ctx.workspace.id, input.endpointId);
  const spec = await withOriginSecret(ctx, input);
  const draft = draftJob(ctx, endpoint, { ...input, spec });
  const [row, mayTry] = await Promise.all([journal(draft, endpoint), mayTryNow(endpoint)]);
  // Answer as soon as the intent is durable and the provider had its chance; a slow provider does not hold the person.
  const outcome = row.status === "SENDING" && mayTry ? await trySend(row, endpoint) : null;
  if (outcome?.kind === "accepted") return { id: row.id, status: "IN_QUEUE" };
  const now = await findJob(db(), ctx.workspace.id, row.id);
  return { id: row.id, status: now?.status ?? row.status };
}

/**
 * Whether the first try may be made at once and within the rate; takes the token for it. Whatever keeps it from happening
 * (a paused endpoint or one that has not been answering, an empty budget, an error) leaves the job in line for the
 * collector.
 */
async function mayTryNow(endpoint: EndpointRecord): Promise<boolean> {
  if (endpoint.pausedAt) return false;
  try {
    return (await maySendNow(db(), endpoint.id)) && (await takeTurn(runBudget(endpoint)));
  } catch (error) {
    log.error({ err: error, endpoint: endpoint.id }, "a send could not be tried at once; it stays in line");
    return false;
  }
}

/** The first try, when it may be made now. An error leaves the job in line, too. */
async function trySend(row: Sendable, endpoint: EndpointRecord): Promise<RunOutcome | null> {
  try {
    return await sendJob(row, endpoint);
  } catch (error) {
    log.error({ err: error, job: row.id }, "a job could not be sent at once; it stays in line");
    return null;
  }
}

async function journal(draft: NewJob, endpoint: EndpointRecord): Promise<Sendable & { status: string }> {
  const { workspaceId, clientKey } = draft;
  failpoint("before-journal");
  const journaled = await journalOne(draft);
  failpoint("after-commit");
  if (journaled) return { ...journaled, status: "SENDING" };
  const row = await findByClientKey(db(), workspaceId, clientKey);
  // Without one, the endpoint was removed at this moment.
  if (!row) await loadSendable(db(), workspaceId, endpoint.id);
  if (!row) throw new AppError("unavailable", "The request could not be saved. Nothing was sent; try again.");
  if (row.payloadHash !== draft.payloadHash)
    throw new AppError("conflict", "This client key was already used for another request. Make a new key.");
  return row;
}

/** A request edited from an earlier job may leave the S3 secret out: it is taken from there, for the same address only. */
async function withOriginSecret(ctx: Context, input: SubmitInput): Promise<RequestSpec> {
  const { s3 } = input.request;
  if (s3?.accessSecret !== "") return input.request;
  const origin = input.originJobId ? await findJob(db(), ctx.workspace.id, input.originJobId) : null;
  const known = origin ? openRequest(origin).spec.s3 : undefined;
  if (known && known.accessId === s3.accessId && known.endpointUrl === s3.endpointUrl)
    return { ...input.request, s3: { ...s3, accessSecret: known.accessSecret } };
  const message = "Enter the S3 secret access key.";
  throw new AppError("invalid", message, { fields: { "request.s3.accessSecret": message } });
}

/** The same request as a new job, secrets included: they never leave the server. */
export async function runAgain(ctx: Context, input: { id: string; clientKey: string }): Promise<Submitted> {
  const row = await findJob(db(), ctx.workspace.id, input.id);
  if (!row) throw noSuchJob();
  const { spec } = openRequest(row);
  return submitJob(ctx, {
    clientKey: input.clientKey,
    endpointId: row.endpointId,
    request: spec,
    originJobId: row.id,
  });
}

/** Turn an answer about a job that is no verdict into words for the person who clicked. */
function refuse(outcome: Exclude<ActOutcome, { kind: "done" }>, what: string): AppError {
  switch (outcome.kind) {
    case "missing":
      return new AppError("conflict", `The provider no longer knows this job, so it cannot be ${what}.`);
    case "rejected":
      return new AppError("conflict", `The provider refused: ${outcome.words}`);
    case "throttled":
      return new AppError(
        "too_many",
        "The provider asked us to slow down (429). Try again in a few seconds.",
        {
          retryAfterMs: outcome.retryAfterMs ?? 5000,
        },
      );
    case "unauthorized":
      return new AppError("upstream", `The provider refused the API key of this endpoint. ${outcome.words}`);
    default:
      return new AppError(
        "upstream",
        `The endpoint did not answer. ${outcome.words} The job is unchanged; try again.`,
      );
  }
}

/**
 * Cancel a job. Unsent ones never leave; sent ones are cancelled at the provider, whose answer decides.
 * @throws AppError `conflict` when it is over already or in doubt.
 */
export async function cancelJob(ctx: Context, { id }: { id: string }): Promise<Submitted> {
  const row = await findJob(db(), ctx.workspace.id, id);
  if (!row) throw noSuchJob();
  if (isTerminal(row.status)) throw new AppError("conflict", `This job is already over (${row.status}).`);
  if (row.status === "SENDING") return cancelUnsent(ctx, id);
  if (row.status === "UNCONFIRMED" || !row.upstreamId)
    throw new AppError(
      "conflict",
      "It is not known whether the provider has this job, so it cannot be cancelled there. Mark it as not sent, or wait for its webhook.",
    );
  const endpoint = await loadEndpoint(db(), ctx.workspace.id, row.endpointId);
  const askedAt = await databaseNow(db());
  const outcome = await cancelWithinRate(endpoint, row.upstreamId);
  if (outcome.kind !== "done") throw refuse(outcome, "cancelled");
  return db().transaction(async (tx) => {
    const rev = await bumpRev(tx, ctx.workspace.id);
    const [now] = await lockJobs(tx, ctx.workspace.id, [id]);
    if (!now) throw noSuchJob();
    const upstreamId = now.upstreamId ?? "";
    const status = outcome.fields?.status ?? "CANCELLED";
    const at = now.observedAt && now.observedAt > askedAt ? now.observedAt : askedAt;
    // A job that ended before the cancel came has a result, which this answer lacks: the collector fetches both.
    const isTooLate = isTerminal(status) && status !== "CANCELLED";
    const next = isTooLate ? stateOf(now) : observe(stateOf(now), { at, upstreamId, status });
    await tx.update(job).set({ cancelRequestedAt: sql`now()`, rev }).where(eq(job.id, id));
    if (next.status !== now.status) await writeState(tx, now, next, rev, { detail: { by: ctx.person.name } });
    else {
      await addEvent(tx, now, "cancel_requested", { by: ctx.person.name });
      await tx.update(jobWatch).set({ nextPollAt: sql`'epoch'` }).where(eq(jobWatch.jobId, id));
    }
    return { id, status: next.status };
  });
}

/** @throws AppError `too_many` when the shared budget for cancels is empty. */
async function cancelWithinRate(endpoint: EndpointRecord, upstreamId: string): Promise<ActOutcome> {
  const { credentialFingerprint, upstreamId: endpointId } = endpoint;
  const budget = { credentialFingerprint, upstreamId: endpointId, operation: "cancel" as const };
  const { granted } = await takeTokens(db(), budget, 1);
  if (granted === 0)
    throw new AppError(
      "too_many",
      "The provider takes only some ten cancels per second. Try again in a few seconds.",
      { retryAfterMs: 2000 },
    );
  const outcome = await connect(endpoint).cancel(upstreamId);
  if (outcome.kind === "throttled") await slowDown(db(), budget, pauseAfterThrottle(outcome.retryAfterMs));
  return outcome;
}

/** Only while no sender has marked it: after the mark, bytes may be on their way. */
async function cancelUnsent(ctx: Context, id: string): Promise<Submitted> {
  return db().transaction(async (tx) => {
    const rev = await bumpRev(tx, ctx.workspace.id);
    const [now] = await lockJobs(tx, ctx.workspace.id, [id]);
    if (now?.status !== "SENDING" || now.sendStartedAt)
      throw new AppError("conflict", "This job is being sent at this moment. Try again in a few seconds.");
    const finishedAt = await databaseNow(tx);
    const next = { ...stateOf(now), status: "CANCELLED", error: null, finishedAt };
    await writeState(tx, now, next, rev, { detail: { by: ctx.person.name, unsent: true } });
    return { id, status: next.status };
  });
}

/** The provider's own retry: same id and input, a new attempt. For FAILED and TIMED_OUT only. */
export async function retryJob(ctx: Context, { id }: { id: string }): Promise<Submitted> {
  const row = await findJob(db(), ctx.workspace.id, id);
  if (!row) throw noSuchJob();
  if ((row.status !== "FAILED" && row.status !== "TIMED_OUT") || !row.upstreamId)
    throw new AppError(
      "conflict",
      "Only failed and timed-out jobs can be retried. Use “Run again” for a new job.",
    );
  const endpoint = await loadEndpoint(db(), ctx.workspace.id, row.endpointId);
  const outcome = await connect(endpoint).retry(row.upstreamId);
  if (outcome.kind !== "done") throw refuse(outcome, "retried");
  return db().transaction(async (tx) => {
    const rev = await bumpRev(tx, ctx.workspace.id);
    const [now] = await lockJobs(tx, ctx.workspace.id, [id]);
    if (!now) throw noSuchJob();
    await forgetAttempt(tx, now);
    const at = await databaseNow(tx);
    const next = {
      ...stateOf(now),
      status: "IN_QUEUE",
      error: null,
      workerId: null,
      progress: null,
      delayMs: null,
      executionMs: null,
      queuedAt: at,
      startedAt: null,
      finishedAt: null,
      // Answers to questions asked before this moment are about the earlier attempt.
      observedAt: at,
    };
    await writeState(tx, now, next, rev, { event: "retried", detail: { by: ctx.person.name } });
    return { id, status: next.status };
  });
}

/**
 * The provider drops the old output on a retry; so do we, or it would stand beside the new one. The person's webhook is
 * due again for the new verdict.
 */
async function forgetAttempt(tx: Tx, row: JobRecord): Promise<void> {
  await tx.delete(jobOutputChunk).where(eq(jobOutputChunk.jobId, row.id));
  await tx.delete(jobStreamChunk).where(eq(jobStreamChunk.jobId, row.id));
  await tx.delete(webhookDelivery).where(eq(webhookDelivery.jobId, row.id));
  await tx
    .update(job)
    .set({
      outputState: "none",
      outputBytes: null,
      outputId: null,
      outputLimitBytes: null,
      cancelRequestedAt: null,
    })
    .where(eq(job.id, row.id));
}

/** The person decides that an UNCONFIRMED job shall be sent once more, knowing that it may then run twice. */
export async function resendJob(ctx: Context, { id }: { id: string }): Promise<Submitted> {
  const known = await findJob(db(), ctx.workspace.id, id);
  if (!known) throw noSuchJob();
  const endpoint = await loadEndpoint(db(), ctx.workspace.id, known.endpointId);
  if (endpoint.removedAt)
    throw new AppError("conflict", "The endpoint of this job was removed, so it cannot be sent again.");
  const row = await db().transaction(async (tx) => {
    const rev = await bumpRev(tx, ctx.workspace.id);
    const [now] = await lockJobs(tx, ctx.workspace.id, [id]);
    if (!now) throw noSuchJob();
    if (now.status !== "UNCONFIRMED")
      throw new AppError(
        "conflict",
        `This job is ${now.status}; only unconfirmed jobs can be sent again here.`,
      );
    await tx
      .update(job)
      .set({ status: "SENDING", error: null, sendStartedAt: null, sendNonce: null, rev })
      .where(and(eq(job.id, id), eq(job.workspaceId, ctx.workspace.id)));
    await tx
      .insert(jobWatch)
      .values({ jobId: id, workspaceId: ctx.workspace.id, endpointId: now.endpointId, phase: "send" })
      .onConflictDoUpdate({
        target: jobWatch.jobId,
        set: { phase: "send", nextPollAt: sql`now() + interval '4 seconds'`, hintUpstreamId: null },
      });
    await addEvent(tx, now, "resent", { by: ctx.person.name });
    return now;
  });
  if (await mayTryNow(endpoint)) await trySend(row, endpoint);
  const now = await findJob(db(), ctx.workspace.id, id);
  return { id, status: now?.status ?? "SENDING" };
}

/** The person knows that the provider never got it. Final, as every terminal state is. */
export async function markNotSent(ctx: Context, { id }: { id: string }): Promise<Submitted> {
  return db().transaction(async (tx) => {
    const rev = await bumpRev(tx, ctx.workspace.id);
    const [now] = await lockJobs(tx, ctx.workspace.id, [id]);
    if (!now) throw noSuchJob();
    if (now.status !== "UNCONFIRMED")
      throw new AppError("conflict", `This job is ${now.status}, not unconfirmed.`);
    const error = `${ctx.person.name} marked this job as not sent.`;
    const finishedAt = await databaseNow(tx);
    const next = { ...stateOf(now), status: "REJECTED", error, finishedAt };
    await writeState(tx, now, next, rev, { event: "marked_not_sent", detail: { by: ctx.person.name } });
    return { id, status: next.status };
  });
}
