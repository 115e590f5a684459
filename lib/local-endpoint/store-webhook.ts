import { sql } from "drizzle-orm";
import type { Db } from "@/lib/db/client";
import { ms } from "@/lib/local-endpoint/store";
import type { JobRow } from "@/lib/local-endpoint/wire";

/** One attempt and two more. */
const MAX_ATTEMPTS = 3;
/** Between attempts, as the platform documents it. */
const PAUSE_MS = 10_000;
/** Another collector may take a delivery over when this one has not said how it went by then. */
const CLAIM_MS = 30_000;

export type DueWebhook = JobRow & { workspaceId: string; requestSealed: string; attempt: number };

/** Claim deliveries that are due. Of several collectors each delivery goes to one; one that dies is tried again later. */
export async function claimWebhooks(db: Db, limit: number): Promise<DueWebhook[]> {
  const claimed = await db.execute<DueWebhook>(sql`
    with due as (
      select id from local_job where webhook_next_at <= now() and expires_at > now()
      order by webhook_next_at limit ${limit} for update skip locked)
    update local_job j set webhook_attempts = webhook_attempts + 1, webhook_next_at = now() + ${ms(CLAIM_MS)}
    from due where j.id = due.id
    returning j.id, j.workspace_id as "workspaceId", j.request_sealed as "requestSealed", j.webhook_attempts as attempt,
      j.status, j.output, j.error, j.worker_id as "workerId", j.retries,
      floor(extract(epoch from j.started_at - j.queued_at) * 1000)::int8 as "delayMs",
      floor(extract(epoch from j.finished_at - j.started_at) * 1000)::int8 as "executionMs"`);
  return claimed.rows;
}

/** Note how the present attempt went. A retry of the job meanwhile has its own deliveries, which this leaves alone. */
export async function settleWebhook(
  db: Db,
  { id, workspaceId, attempt }: DueWebhook,
  delivered: boolean,
): Promise<void> {
  const next = delivered || attempt >= MAX_ATTEMPTS ? sql`null` : sql`now() + ${ms(PAUSE_MS)}`;
  await db.execute(sql`
    update local_job set webhook_next_at = ${next}
    where id = ${id} and workspace_id = ${workspaceId} and webhook_attempts = ${attempt}`);
}
