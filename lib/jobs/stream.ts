import { and, eq, sql } from "drizzle-orm";
import type { Context } from "@/lib/auth/context";
import { db } from "@/lib/db/client";
import { jobWatch } from "@/lib/db/tables/jobs";
import { connect, type EndpointRecord, loadEndpoint } from "@/lib/endpoints/connection";
import { appendStream, findJob } from "@/lib/jobs/store";
import { type BudgetKey, pauseAfterThrottle, slowDown, takeTokens } from "@/lib/upstream/budget";
import type { StreamOutcome } from "@/lib/upstream/client";

/**
 * Take what the provider has buffered of a running job's stream and keep it for every reader. The provider hands each
 * piece out once, so one reader at a time drains, by a lease on the watch row; the others read what was kept.
 */
export async function drainStream(ctx: Context, id: string): Promise<void> {
  const leased = await db()
    .update(jobWatch)
    .set({ streamLeaseUntil: sql`now() + interval '25 seconds'` })
    .where(
      and(
        eq(jobWatch.jobId, id),
        eq(jobWatch.workspaceId, ctx.workspace.id),
        eq(jobWatch.phase, "run"),
        sql`(${jobWatch.streamLeaseUntil} is null or ${jobWatch.streamLeaseUntil} < now())`,
      ),
    )
    .returning({ endpointId: jobWatch.endpointId });
  if (!leased[0]) return;
  const row = await findJob(db(), ctx.workspace.id, id);
  if (!row?.upstreamId) return;
  const endpoint = await loadEndpoint(db(), ctx.workspace.id, leased[0].endpointId);
  const outcome = await streamWithinRate(endpoint, row.upstreamId);
  await db().transaction(async (tx) => {
    if (outcome?.kind === "drained") await appendStream(tx, row, outcome.chunks);
    await tx.update(jobWatch).set({ streamLeaseUntil: null }).where(eq(jobWatch.jobId, id));
  });
}

/** The provider counts a stream's requests with those for a status. @returns null when there is no room now. */
async function streamWithinRate(endpoint: EndpointRecord, upstreamId: string): Promise<StreamOutcome | null> {
  if (endpoint.pausedAt) return null;
  const { credentialFingerprint, upstreamId: endpointId } = endpoint;
  const budget: BudgetKey = { credentialFingerprint, upstreamId: endpointId, operation: "status" };
  const { granted } = await takeTokens(db(), budget, 1);
  if (granted === 0) return null;
  const outcome = await connect(endpoint).stream(upstreamId);
  if (outcome.kind === "throttled") await slowDown(db(), budget, pauseAfterThrottle(outcome.retryAfterMs));
  return outcome;
}
