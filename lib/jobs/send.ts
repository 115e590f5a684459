import { randomUUID } from "node:crypto";
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import { type Db, db } from "@/lib/db/client";
import { databaseNow } from "@/lib/db/clock";
import { whileDatabaseIsDown } from "@/lib/db/retry";
import { job, jobWatch } from "@/lib/db/tables/jobs";
import { noteSend } from "@/lib/endpoints/circuit";
import { connect, type EndpointRecord, hookOrigin, pauseEndpoint } from "@/lib/endpoints/connection";
import type { Sendable } from "@/lib/jobs/journal";
import { observe } from "@/lib/jobs/lifecycle";
import { openRequest } from "@/lib/jobs/request-seal";
import { markSend, recordAcceptance } from "@/lib/jobs/send-groups";
import { bumpRev, type JobRecord, lockJobs, postponeSend, stateOf, writeState } from "@/lib/jobs/store";
import { failpoint } from "@/lib/kernel/failpoint";
import { wireBody } from "@/lib/requests/wire";
import { type BudgetKey, pauseAfterThrottle, slowDown } from "@/lib/upstream/budget";
import type { EndpointClient, RunOutcome } from "@/lib/upstream/client";

/** A send that got no verdict by then is UNCONFIRMED: above the client's own time-out, below the promised 30 s. */
const SEND_VERDICT_MS = 25_000;
const RETRY_MS = { first: 1_000, most: 30_000 };
/**
 * A job that could not be delivered for so long and so often never will be by waiting. While an endpoint's circuit is
 * open its jobs are not tried, so an outage of the whole endpoint fails none of them.
 */
const UNREACHABLE_GIVE_UP = { afterMs: 10 * 60_000, attempts: 10 };

/** Exponential with full jitter, so that a thousand postponed jobs do not come back together. */
const retryDelayMs = (attempts: number, random: () => number = Math.random): number =>
  Math.round(
    RETRY_MS.first / 2 + random() * Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** Math.min(attempts, 10)),
  );

/** The body for the wire: with our receiver as the webhook where the provider can reach us. And what in it is secret. */
function bodyForWire(row: Sendable, kind: string): { body: string; secrets: string[] } {
  const { spec, hookToken } = openRequest(row);
  const origin = hookOrigin(kind);
  const body = wireBody(spec, origin ? `${origin}/hooks/${hookToken}` : spec.webhook);
  return { body, secrets: [hookToken, ...(spec.s3 ? [spec.s3.accessSecret] : [])] };
}

/**
 * Send a journaled job, at most once over all processes and restarts. Safe to call for any job at any time: whoever
 * marks it first sends it, everybody else returns. The caller has taken a token of the {@link runBudget}.
 * @returns null when somebody else sends it.
 */
export async function sendJob(
  row: Sendable,
  endpoint: EndpointRecord,
  client: Pick<EndpointClient, "run"> = connect(endpoint),
): Promise<RunOutcome | null> {
  const nonce = randomUUID();
  const { id, workspaceId } = row;
  if (!(await whileDatabaseIsDown(() => markSend({ id, workspaceId, nonce })))) return null;
  failpoint("before-send");
  const { body, secrets } = bodyForWire(row, endpoint.kind);
  const outcome = await client.run(body, secrets);
  failpoint("after-send");
  if (outcome.kind === "throttled")
    await whileDatabaseIsDown(() =>
      slowDown(db(), runBudget(endpoint), pauseAfterThrottle(outcome.retryAfterMs)),
    );
  await whileDatabaseIsDown(() => recordOutcome(row, endpoint, outcome, nonce));
  failpoint("after-id-commit");
  await noteSend(db(), endpoint, outcome);
  return outcome;
}

/** Tokens for `/run` at this endpoint. */
export const runBudget = (endpoint: EndpointRecord): BudgetKey => ({
  credentialFingerprint: endpoint.credentialFingerprint,
  upstreamId: endpoint.upstreamId,
  operation: "run",
});

async function recordOutcome(
  row: Sendable,
  endpoint: EndpointRecord,
  outcome: RunOutcome,
  nonce: string,
): Promise<void> {
  if (outcome.kind === "accepted") {
    const { upstreamId } = outcome;
    // An id that another job has already is refused for all of its group, and then for itself alone.
    if (await recordAcceptance(row.workspaceId, { id: row.id, nonce, upstreamId })) return;
  }
  await recordRun(row, endpoint, outcome, nonce);
}

/**
 * Fold the answer to `/run` into the job. An answer that comes after a person had the job sent again may still name its
 * id, but must not take back the mark of the sender that is at work now.
 */
async function recordRun(
  row: Sendable,
  endpoint: EndpointRecord,
  outcome: RunOutcome,
  nonce: string,
): Promise<void> {
  await db().transaction(async (tx) => {
    if (outcome.kind === "throttled" || outcome.kind === "unreachable") {
      const waiting = (await databaseNow(tx)).getTime() - row.createdAt.getTime();
      const givesUp =
        outcome.kind === "unreachable" &&
        (outcome.refusedAddress ||
          (waiting > UNREACHABLE_GIVE_UP.afterMs && row.sendAttempts >= UNREACHABLE_GIVE_UP.attempts));
      if (!givesUp) {
        const delayMs =
          outcome.kind === "throttled" && outcome.retryAfterMs !== null
            ? outcome.retryAfterMs + retryDelayMs(0)
            : retryDelayMs(row.sendAttempts);
        const reason =
          outcome.kind === "throttled"
            ? "The provider asked us to slow down (429). The job is back in line and will be sent by itself."
            : `The endpoint cannot be reached. ${outcome.words} Nothing was sent; we keep trying for 10 minutes.`;
        return postponeSend(tx, row, nonce, delayMs, reason);
      }
    }
    const rev = await bumpRev(tx, row.workspaceId);
    const [now] = await lockJobs(tx, row.workspaceId, [row.id]);
    if (!now || (now.status !== "SENDING" && now.status !== "UNCONFIRMED")) return;
    if (outcome.kind !== "accepted" && now.sendNonce !== nonce) return;
    const state = stateOf(now);
    switch (outcome.kind) {
      case "accepted": {
        const at = now.sendStartedAt ?? (await databaseNow(tx));
        const next = observe(state, { at, upstreamId: outcome.upstreamId, status: "IN_QUEUE" });
        await writeState(tx, now, { ...next, error: null }, rev, { event: "accepted" });
        return failpoint("before-id-commit");
      }
      case "unclear":
        if (now.status === "UNCONFIRMED") return;
        return writeUnconfirmed(tx, now, rev, outcome.words);
      default: {
        const words = outcome.words || "The provider gave no reason.";
        if (outcome.kind === "unauthorized")
          await pauseEndpoint(
            tx,
            endpoint,
            `The provider refused the API key (HTTP ${outcome.httpStatus}). ${words}`,
          );
        const detail = "httpStatus" in outcome ? { httpStatus: outcome.httpStatus } : {};
        return writeState(
          tx,
          now,
          { ...state, status: "REJECTED", error: words, finishedAt: await databaseNow(tx) },
          rev,
          { event: "rejected", detail: { ...detail, words } },
        );
      }
    }
  });
}

/** Bytes may have left and no id came back. A hint from a webhook that was faster keeps it under watch. */
async function writeUnconfirmed(
  tx: Parameters<Parameters<Db["transaction"]>[0]>[0],
  row: JobRecord,
  rev: number,
  words: string,
): Promise<void> {
  await writeState(tx, row, { ...stateOf(row), status: "UNCONFIRMED", error: words }, rev, {
    event: "unconfirmed",
    detail: { words },
  });
}

/**
 * Jobs whose sender died after marking them: the bytes may be out there. Safe to run anywhere, any number of times.
 * @returns how many became UNCONFIRMED.
 */
export async function sweepStaleSends(): Promise<number> {
  const stale = await db()
    .select({ id: job.id, workspaceId: job.workspaceId })
    .from(jobWatch)
    .innerJoin(job, eq(job.id, jobWatch.jobId))
    .where(
      and(
        eq(jobWatch.phase, "send"),
        eq(job.status, "SENDING"),
        sql`${job.sendStartedAt} < now() - ${SEND_VERDICT_MS} * interval '1 millisecond'`,
      ),
    )
    .limit(500);
  for (const { id, workspaceId } of stale)
    await db().transaction(async (tx) => {
      const rev = await bumpRev(tx, workspaceId);
      const [row] = await lockJobs(tx, workspaceId, [id]);
      if (row?.status !== "SENDING" || !row.sendStartedAt) return;
      await writeUnconfirmed(
        tx,
        row,
        rev,
        "The sending process stopped before the provider's answer was recorded.",
      );
    });
  return stale.length;
}

/** A job to be sent, leased for {@link SEND_LEASE_SECONDS} so that collectors do not run after the same ones. */
export type SendClaim = { row: JobRecord; fence: number };

/** Longer than a send may take, and than its verdict may be waited for. */
const SEND_LEASE_SECONDS = 30;

/**
 * Lease unsent jobs of one endpoint that are due, oldest first: postponed ones, ones of a bulk submit, and ones whose
 * web process died before sending.
 */
export async function claimSends(owner: string, endpointId: string, limit: number): Promise<SendClaim[]> {
  const claimed = await db().execute<{ job_id: string; fence: string }>(sql`
    update job_watch w set lease_owner = ${owner}, fence = fence + 1,
      lease_until = now() + ${SEND_LEASE_SECONDS} * interval '1 second'
    from (
      select job_id from job_watch
      where endpoint_id = ${endpointId} and phase = 'send' and not held and next_poll_at <= now()
        and (lease_until is null or lease_until < now())
      order by next_poll_at limit ${limit} for update skip locked
    ) due
    where w.job_id = due.job_id returning w.job_id, w.fence`);
  if (claimed.rows.length === 0) return [];
  const fences = new Map(claimed.rows.map((claim) => [claim.job_id, Number(claim.fence)]));
  const rows = await db()
    .select()
    .from(job)
    .where(and(inArray(job.id, [...fences.keys()]), eq(job.status, "SENDING"), isNull(job.sendStartedAt)))
    .orderBy(job.createdAt, job.batchIndex, job.id);
  return rows.map((row) => ({ row, fence: fences.get(row.id) ?? 0 }));
}
