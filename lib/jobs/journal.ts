import { type SQL, sql } from "drizzle-orm";
import { inRevTransaction } from "@/lib/jobs/rev-transaction";
import type { JobRecord, NewJob } from "@/lib/jobs/store";
import { failpoint } from "@/lib/kernel/failpoint";
import { GroupedCalls } from "@/lib/kernel/grouped-calls";
import { once } from "@/lib/kernel/once";

/** What sending needs of a job. */
export type Sendable = Pick<JobRecord, "id" | "workspaceId" | "requestSealed" | "createdAt" | "sendAttempts">;

/** The web process that took a submit sends it at once; the collector steps in after this time. */
const SENDER_GRACE_SECONDS = 4;

/** Per statement: as much as is written out and sent without holding the event loop up. */
const SLICE = { rows: 500, bytes: 1024 * 1024 };

export function* slices(drafts: readonly NewJob[]): Generator<NewJob[]> {
  let slice: NewJob[] = [];
  let bytes = 0;
  for (const draft of drafts) {
    slice.push(draft);
    bytes += draft.requestSealed.length;
    if (slice.length < SLICE.rows && bytes < SLICE.bytes) continue;
    yield slice;
    slice = [];
    bytes = 0;
  }
  if (slice.length > 0) yield slice;
}

/** JSON cannot carry half a character (a cut or stray surrogate) into PostgreSQL; as UTF-8 it is U+FFFD. */
const wellFormed = (draft: NewJob): NewJob => ({
  ...draft,
  inputSummary: Buffer.from(draft.inputSummary).toString(),
});

/**
 * Writes intents down, each with its watch row and first event. They travel as one JSON text: thousands of parameters cost
 * more to bind than to insert. Answers {@link Journaled} for those that were: not those whose client key is taken or whose
 * endpoint was removed.
 * @param dueInSeconds when collectors may send them, one after the other in the order of their batch.
 */
export const insertDrafts = (drafts: readonly NewJob[], rev: SQL, dueInSeconds: number): SQL => sql`
  with given as materialized (
    select * from json_to_recordset(${JSON.stringify(drafts.map(wellFormed))}::json) as draft(
      id uuid, "workspaceId" uuid, "endpointId" uuid, "clientKey" uuid, "requestSealed" text, "payloadHash" text,
      "inputSummary" text, "hookTokenHash" text, "executionTimeoutMs" bigint, "ttlMs" bigint, "lowPriority" boolean,
      "relayWebhook" boolean, "createdBy" text, "originJobId" uuid, "batchId" uuid, "batchIndex" integer)
  ), journaled as (
    insert into job (id, workspace_id, endpoint_id, client_key, status, request_sealed, payload_hash, input_summary,
      hook_token_hash, execution_timeout_ms, ttl_ms, low_priority, relay_webhook, created_by, origin_job_id,
      batch_id, batch_index, rev)
    select id, "workspaceId", "endpointId", "clientKey", 'SENDING', "requestSealed", "payloadHash", "inputSummary",
      "hookTokenHash", "executionTimeoutMs", "ttlMs", coalesce("lowPriority", false), coalesce("relayWebhook", false),
      "createdBy", "originJobId", "batchId", "batchIndex", ${rev}
    from given
    where exists (select 1 from endpoint e
      where e.id = "endpointId" and e.workspace_id = "workspaceId" and e.removed_at is null)
    on conflict (workspace_id, client_key) do nothing
    returning id, workspace_id, endpoint_id, batch_index, created_at
  ), watched as (
    insert into job_watch (job_id, workspace_id, endpoint_id, phase, next_poll_at)
    select id, workspace_id, endpoint_id, 'send', now() + ${dueInSeconds}::int * interval '1 second'
      + coalesce(batch_index, 0) * interval '1 microsecond'
    from journaled
  ), noted as (
    insert into job_event (workspace_id, job_id, kind) select workspace_id, id, 'created' from journaled
  )
  select id, created_at::text from journaled`;
/** A row of its answer. */
export type Journaled = { id: string; created_at: string };

/** All of one workspace, whose lock they would otherwise take one after the other. */
async function journalGroup(workspaceId: string, drafts: NewJob[]): Promise<(Date | null)[]> {
  const made = await inRevTransaction(workspaceId, async (execute, rev) => {
    const rows: Journaled[] = [];
    for (const slice of slices(drafts))
      rows.push(...(await execute<Journaled>(insertDrafts(slice, rev, SENDER_GRACE_SECONDS), "journal")));
    failpoint("before-commit");
    return new Map(rows.map((row) => [row.id, new Date(row.created_at)]));
  });
  return drafts.map((draft) => made.get(draft.id) ?? null);
}

/** One per workspace that this process journals for. */
const journals = once("journals", () => new Map<string, GroupedCalls<NewJob, Date | null>>());

/**
 * Write one intent down, durably, together with those that other requests of this process bring at the same moment.
 * @returns null when this client key already made a job, or the endpoint was removed just now.
 */
export async function journalOne(draft: NewJob): Promise<Sendable | null> {
  const { workspaceId } = draft;
  const journal =
    journals.get(workspaceId) ??
    new GroupedCalls<NewJob, Date | null>((drafts) => journalGroup(workspaceId, drafts));
  journals.set(workspaceId, journal);
  const createdAt = await journal.call(draft);
  return createdAt && { ...draft, createdAt, sendAttempts: 0 };
}
