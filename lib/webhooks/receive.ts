import { and, eq, inArray, sql } from "drizzle-orm";
import { wakeCollectors } from "@/lib/collector/wake";
import { db } from "@/lib/db/client";
import { job, jobWatch } from "@/lib/db/tables/jobs";
import { isTerminal } from "@/lib/jobs/lifecycle";
import { tokenHash } from "@/lib/kernel/ids";

/** What a delivery says of itself. Only ever a hint: the status is fetched with our own key before anything changes. */
export type Claim = { upstreamId: string | null; status: string | null; bytes: number };

/** More receipts per job than the provider's three tries ever make are a flood: not kept, and heeded slowly. */
const RECEIPTS_PER_JOB = 20;

/**
 * Take a delivery on a job's token. Early, repeated, forged and lying ones are harmless: all it can do is make the
 * collector look sooner, and name an upstream id to look at for a job that has none.
 * @returns false when no job has this token.
 */
export async function receiveWebhook(token: string, claim: Claim): Promise<boolean> {
  return db().transaction(async (tx) => {
    // Locked, or a send that ends in doubt at this moment would be written between the look and the hint.
    const [row] = await tx
      .select({ id: job.id, workspaceId: job.workspaceId, endpointId: job.endpointId, status: job.status })
      .from(job)
      .where(eq(job.hookTokenHash, tokenHash(token)))
      .for("update");
    if (!row) return false;
    const kept = await tx.execute(sql`
      insert into webhook_receipt (workspace_id, job_id, claimed_status, claimed_upstream_id, bytes)
      select ${row.workspaceId}, ${row.id}, ${claim.status}, ${claim.upstreamId}, ${claim.bytes}
      where (select count(*) from webhook_receipt where job_id = ${row.id}) < ${RECEIPTS_PER_JOB}`);
    if (isTerminal(row.status)) return true;
    const hint = claim.upstreamId;
    // A flood must not eat the rate that the endpoint's other jobs are watched with: then one look per second.
    const isFlood = kept.rowCount === 0;
    const soon = sql`now() + interval '1 second'`;
    const orSoon = sql`least(${jobWatch.nextPollAt}, ${soon})`;
    if (row.status === "UNCONFIRMED") {
      if (!hint) return true;
      await tx
        .insert(jobWatch)
        .values({
          jobId: row.id,
          workspaceId: row.workspaceId,
          endpointId: row.endpointId,
          phase: "heal",
          hintUpstreamId: hint,
          nextPollAt: isFlood ? soon : sql`now()`,
        })
        .onConflictDoUpdate({
          target: jobWatch.jobId,
          set: { hintUpstreamId: hint, nextPollAt: isFlood ? orSoon : sql`now()` },
          setWhere: eq(jobWatch.phase, "heal"),
        });
    } else {
      // Still being sent: remember the hint, the acknowledgement will use it. Known upstream: look at once.
      if (hint)
        await tx
          .update(jobWatch)
          .set({ hintUpstreamId: hint })
          .where(and(eq(jobWatch.jobId, row.id), eq(jobWatch.phase, "send")));
      await tx
        .update(jobWatch)
        .set({ nextPollAt: isFlood ? orSoon : sql`'epoch'` })
        .where(and(eq(jobWatch.jobId, row.id), inArray(jobWatch.phase, ["queue", "run"])));
    }
    if (!isFlood) await wakeCollectors(tx);
    return true;
  });
}
