import { and, eq, isNull, sql } from "drizzle-orm";
import { db } from "@/lib/db/client";
import { job, jobOutputChunk, webhookDelivery } from "@/lib/db/tables/jobs";
import { openRequest } from "@/lib/jobs/request-seal";
import type { JobRecord } from "@/lib/jobs/store";
import { log } from "@/lib/kernel/log";
import { callWebhook } from "@/lib/webhooks/outbound";

/** As the provider does it: one call and up to two more, 10 s apart; then it is given up, and the job page says so. */
const MAX_ATTEMPTS = 3;
const RETRY_SECONDS = 10;
const LEASE_SECONDS = 30;
const BATCH = 20;

/**
 * Call the webhooks of jobs that are over. Leased, so that collectors share them; a collector that dies in the middle
 * may make a receiver hear twice, never not at all.
 */
export async function deliverDueWebhooks(): Promise<void> {
  const due = await db().execute<{ job_id: string }>(sql`
    update webhook_delivery set lease_until = now() + ${LEASE_SECONDS} * interval '1 second', attempts = attempts + 1
    where job_id in (
      select job_id from webhook_delivery
      where delivered_at is null and gave_up_at is null and next_attempt_at <= now()
        and (lease_until is null or lease_until < now())
      order by next_attempt_at limit ${BATCH} for update skip locked)
    returning job_id`);
  await Promise.all(
    due.rows.map((row) =>
      deliver(row.job_id).catch((error) =>
        log.error({ err: error, job: row.job_id }, "a delivery could not be recorded"),
      ),
    ),
  );
}

async function deliver(jobId: string): Promise<void> {
  const [row] = await db().select().from(job).where(eq(job.id, jobId));
  if (!row) return;
  const { spec } = openRequest(row);
  if (!spec.webhook) return;
  const outcome = await callWebhook(spec.webhook, await deliveryBody(row, spec.inputText, spec.webhook));
  const isDelivered = outcome.status !== null && outcome.status >= 200 && outcome.status < 300;
  await db()
    .update(webhookDelivery)
    .set({
      leaseUntil: null,
      lastStatus: outcome.status,
      lastError: outcome.error,
      ...(isDelivered
        ? { deliveredAt: sql`now()` }
        : {
            nextAttemptAt: sql`now() + ${RETRY_SECONDS} * interval '1 second'`,
            gaveUpAt: sql`case when ${webhookDelivery.attempts} >= ${MAX_ATTEMPTS} then now() end`,
          }),
    })
    .where(and(eq(webhookDelivery.jobId, jobId), isNull(webhookDelivery.deliveredAt)));
}

/** What `/status/{id}` would answer, with the input and the webhook echoed, as the provider's own call has it. */
async function deliveryBody(row: JobRecord, inputText: string, webhook: string): Promise<string> {
  const chunks = await db()
    .select({ data: jobOutputChunk.data })
    .from(jobOutputChunk)
    .where(
      and(
        eq(jobOutputChunk.workspaceId, row.workspaceId),
        eq(jobOutputChunk.outputId, row.outputId ?? row.id),
      ),
    )
    .orderBy(jobOutputChunk.seq);
  const members: [string, string][] = [
    ["delayTime", JSON.stringify(row.delayMs ?? undefined)],
    ["error", JSON.stringify(row.error ?? undefined)],
    ["executionTime", JSON.stringify(row.executionMs ?? undefined)],
    ["id", JSON.stringify(row.upstreamId ?? row.id)],
    ["input", inputText.trim()],
    [
      "output",
      Buffer.concat(chunks.map((chunk) => chunk.data))
        .toString("utf8")
        .trim(),
    ],
    ["status", JSON.stringify(row.status)],
    ["webhook", JSON.stringify(webhook)],
  ];
  return `{${members
    .filter(([, text]) => text)
    .map(([key, text]) => `"${key}":${text}`)
    .join(",")}}`;
}
