import { and, eq, sql } from "drizzle-orm";
import type { Claim } from "@/lib/collector/claim";
import type { Db, Tx } from "@/lib/db/client";
import { job, jobWatch } from "@/lib/db/tables/jobs";
import { isTerminal, type JobState, judgeAbsence, type Observation, observe } from "@/lib/jobs/lifecycle";
import { type KeptOutput, writeOutput } from "@/lib/jobs/output-store";
import {
  addEvent,
  appendStream,
  bumpRev,
  type JobRecord,
  lockJobs,
  stateOf,
  writeState,
} from "@/lib/jobs/store";
import { RETENTION_MS, TTL_MS } from "@/lib/requests/limits";

/** A look at a job that is worth writing down. */
export type Sighting = {
  claim: Claim;
  observation: Observation;
  output: KeptOutput | null;
  /** Pieces taken from the provider's stream buffer together with the verdict. */
  stream: string[];
  pollAgainMs: number;
};

/** Rows of this workspace whose watch still carries our fence: the others were taken over, and we write nothing. */
async function stillOurs(
  tx: Tx,
  workspaceId: string,
  claims: readonly Claim[],
): Promise<Map<string, JobRecord>> {
  const rows = await lockJobs(
    tx,
    workspaceId,
    claims.map((claim) => claim.jobId),
  );
  const held = await tx.execute<{ job_id: string }>(sql`
    select w.job_id from job_watch w
    join unnest(
      ${sql.param(claims.map((c) => c.jobId))}::uuid[], ${sql.param(claims.map((c) => c.fence))}::bigint[]
    ) as c(job_id, fence) on c.job_id = w.job_id and c.fence = w.fence`);
  const ours = new Set(held.rows.map((row) => row.job_id));
  return new Map(rows.filter((row) => ours.has(row.id)).map((row) => [row.id, row]));
}

/**
 * Fold sightings of one workspace into their jobs: state, output and stream pieces in one transaction, so a result is
 * complete or absent.
 * @returns for the planner: how many jobs left the provider's queue, and which ones ended.
 */
export async function recordSightings(
  db: Db,
  workspaceId: string,
  sightings: readonly Sighting[],
): Promise<{ started: number; ended: string[] }> {
  return db.transaction(async (tx) => {
    const rev = await bumpRev(tx, workspaceId);
    const rows = await stillOurs(
      tx,
      workspaceId,
      sightings.map((sighting) => sighting.claim),
    );
    let started = 0;
    const ended: string[] = [];
    for (const { claim, observation, output, stream, pollAgainMs } of sightings) {
      const row = rows.get(claim.jobId);
      if (!row) continue;
      const next = observe(stateOf(row), observation);
      if (row.status === "IN_QUEUE" && next.status !== "IN_QUEUE") started++;
      if (isTerminal(next.status) && !isTerminal(row.status)) {
        ended.push(row.id);
        await appendStream(tx, row, stream);
        if (output) await writeOutput(tx, row, output);
      }
      const healed = row.status === "UNCONFIRMED" && next.status !== "UNCONFIRMED";
      await writeState(tx, row, next, rev, {
        pollInMs: pollAgainMs,
        seen: true,
        ...(healed && { event: "healed", detail: { upstreamId: next.upstreamId } }),
      });
    }
    return { started, ended };
  });
}

/** How soon to look again at a job that answered 404: the second look that makes it lost is at least 30 s later. */
const MISS_AGAIN_MS = 31_000;
const FRESH_MISS_AGAIN_MS = 2_000;

/** `/status` said 404. */
export async function recordAbsence(db: Db, workspaceId: string, claim: Claim): Promise<void> {
  await db.transaction(async (tx) => {
    const rev = await bumpRev(tx, workspaceId);
    const row = (await stillOurs(tx, workspaceId, [claim])).get(claim.jobId);
    if (!row) return;
    if (claim.phase === "heal") {
      // The webhook's hint led nowhere: forged, or the job is gone. The job stays UNCONFIRMED. A newer hint stays, too.
      await tx
        .delete(jobWatch)
        .where(and(eq(jobWatch.jobId, row.id), eq(jobWatch.hintUpstreamId, claim.upstreamId)));
      return;
    }
    const queuedAt = row.queuedAt ?? row.createdAt;
    const verdict = judgeAbsence({
      at: claim.at,
      queuedAt,
      lastSeenAt: claim.lastSeenAt ?? queuedAt,
      missingSince: claim.missingSince,
      ttlMs: row.ttlMs ?? TTL_MS.default,
      retentionMs: RETENTION_MS.run,
    });
    if (verdict === "wait") {
      const isFresh = claim.at.getTime() - queuedAt.getTime() < 10_000;
      await tx
        .update(jobWatch)
        .set({
          leaseOwner: null,
          leaseUntil: null,
          lastPolledAt: sql`now()`,
          misses: sql`${jobWatch.misses} + 1`,
          missingSince: isFresh ? null : sql`coalesce(${jobWatch.missingSince}, ${claim.at})`,
          // A webhook that came during the poll asked for a look at once.
          nextPollAt: sql`case when ${jobWatch.nextPollAt} = 'epoch' then ${jobWatch.nextPollAt}
            else now() + ${isFresh ? FRESH_MISS_AGAIN_MS : MISS_AGAIN_MS} * interval '1 millisecond' end`,
        })
        .where(eq(jobWatch.jobId, row.id));
      return;
    }
    const next: JobState = {
      ...stateOf(row),
      status: verdict,
      error: absenceWords[verdict],
      finishedAt: claim.at,
    };
    await writeState(tx, row, next, rev);
  });
}

/** The provider answers, but its answers about this job cannot be read: said once, and the job stays as it is. */
export async function recordUnreadable(
  db: Db,
  workspaceId: string,
  claim: Claim,
  words: string,
): Promise<void> {
  await db.transaction(async (tx) => {
    const rev = await bumpRev(tx, workspaceId);
    const row = (await stillOurs(tx, workspaceId, [claim])).get(claim.jobId);
    if (!row || isTerminal(row.status)) return;
    await addEvent(tx, row, "unreadable", { words });
    await tx.update(job).set({ rev }).where(eq(job.id, row.id));
  });
}

const absenceWords = {
  EXPIRED:
    "The provider no longer has this job: its time to live or the result's retention was over before it could be fetched.",
  LOST: "The provider answered twice, at least 30 s apart, that it does not know this job, without a reason to have dropped it.",
} as const;

/** The endpoint's upstream ids are unique: a webhook that names another job's id heals nothing. */
export const isForeignId = (error: unknown): boolean =>
  error instanceof Error &&
  ((error as { constraint?: unknown }).constraint === "job_endpoint_upstream_id_idx" ||
    (error.cause !== undefined && isForeignId(error.cause)));

export async function dropHint(db: Db, claim: Claim): Promise<void> {
  await db
    .delete(jobWatch)
    .where(
      and(
        eq(jobWatch.jobId, claim.jobId),
        eq(jobWatch.fence, claim.fence),
        eq(jobWatch.hintUpstreamId, claim.upstreamId),
      ),
    );
}
