import { sql } from "drizzle-orm";
import { db } from "@/lib/db/client";
import { inRevTransaction } from "@/lib/jobs/rev-transaction";
import { failpoint } from "@/lib/kernel/failpoint";
import { GroupedCalls } from "@/lib/kernel/grouped-calls";
import { once } from "@/lib/kernel/once";
import { type BudgetKey, takeTokens } from "@/lib/upstream/budget";

/**
 * The three writes around a send, shared by all sends that are at the same step at the same moment: each group is one
 * durable commit, and nobody goes on before the commit of its own group.
 */

type SendMark = { id: string; workspaceId: string; nonce: string };

/**
 * Become the only sender of these jobs: of all nonces given for a job, here or elsewhere, exactly one is in the answer
 * until the mark is taken back.
 * Durable before the first byte may leave, so a process that dies after it leaves an `UNCONFIRMED` job and never a second
 * one.
 * @param marks each with a nonce fresh per send; repeating the call with it after a lost commit reply answers the same.
 */
async function markSends(marks: readonly SendMark[]): Promise<Set<string>> {
  const sorted = [...marks].sort((a, b) => (a.id < b.id ? -1 : 1));
  const marked = await db().execute<{ nonce: string }>(sql`
    update job set send_started_at = now(), send_nonce = given.nonce, send_attempts = send_attempts + 1
    from unnest(
      ${sql.param(sorted.map((mark) => mark.id))}::uuid[], ${sql.param(sorted.map((mark) => mark.workspaceId))}::uuid[],
      ${sql.param(sorted.map((mark) => mark.nonce))}::uuid[]
    ) as given(id, workspace_id, nonce)
    where job.id = given.id and job.workspace_id = given.workspace_id and job.status = 'SENDING'
      and (job.send_started_at is null or job.send_nonce = given.nonce)
    returning job.send_nonce as nonce`);
  return new Set(marked.rows.map((row) => row.nonce));
}

const marks = once(
  "send-marks",
  () =>
    new GroupedCalls<SendMark, boolean>(async (group) => {
      const won = await markSends(group);
      return group.map((mark) => won.has(mark.nonce));
    }),
);

/** {@link markSends} for one, together with others of this process. */
export const markSend = (mark: SendMark): Promise<boolean> => marks.call(mark);

type Acceptance = { id: string; nonce: string; upstreamId: string };

/**
 * The head of a queue is looked at all the time and callbacks at once; this is how long the trickle over the rest leaves a
 * new job alone, as it does with one that it has seen. Otherwise each job would cost one look that tells nothing.
 */
const NEW_IN_QUEUE_MS = 30_000;

/**
 * The usual end of a send, for many: the provider gave an id, and nothing else has happened to the job since its mark.
 * @returns the jobs that this was true of; the others are untouched, and somebody must look at them.
 */
async function acceptGroup(workspaceId: string, group: Acceptance[]): Promise<boolean[]> {
  const accepted = await inRevTransaction(workspaceId, async (execute, rev) => {
    const rows = await execute<{ id: string }>(sql`
      with accepted as (
        update job set status = 'IN_QUEUE', upstream_id = given.upstream_id, error = null,
          queued_at = send_started_at, observed_at = send_started_at, rev = ${rev}
        from unnest(
          ${sql.param(group.map((one) => one.id))}::uuid[], ${sql.param(group.map((one) => one.nonce))}::uuid[],
          ${sql.param(group.map((one) => one.upstreamId))}::text[]
        ) as given(id, nonce, upstream_id)
        where job.id = given.id and job.workspace_id = ${workspaceId} and job.status = 'SENDING'
          and job.send_nonce = given.nonce and job.upstream_id is null and job.queued_at is null
          and job.observed_at is null
        returning job.id, endpoint_id
      ), watched as (
        insert into job_watch as w (job_id, workspace_id, endpoint_id, phase, next_poll_at)
        select id, ${workspaceId}::uuid, endpoint_id, 'queue', now() + ${NEW_IN_QUEUE_MS}::int * interval '1 millisecond'
        from accepted
        on conflict (job_id) do update set phase = 'queue', queued_at = now(), lease_owner = null, lease_until = null,
          misses = 0, missing_since = null, hint_upstream_id = null,
          -- A webhook that was faster than the acknowledgement asked for a look at once.
          next_poll_at = case when w.next_poll_at = 'epoch' or w.hint_upstream_id is not null then 'epoch'
            else excluded.next_poll_at end
      ), noted as (
        insert into job_event (workspace_id, job_id, kind, detail)
        select ${workspaceId}::uuid, id, 'accepted', '{"from": "SENDING", "to": "IN_QUEUE"}'::jsonb from accepted
      )
      select id from accepted`);
    failpoint("before-id-commit");
    return new Set(rows.map((row) => row.id));
  });
  return group.map((one) => accepted.has(one.id));
}

/** One per workspace that this process sends for. */
const acceptances = once("send-acceptances", () => new Map<string, GroupedCalls<Acceptance, boolean>>());

/** {@link acceptGroup} for one, together with others of its workspace. @returns whether it was so simple. */
export function recordAcceptance(workspaceId: string, acceptance: Acceptance): Promise<boolean> {
  const writer =
    acceptances.get(workspaceId) ??
    new GroupedCalls<Acceptance, boolean>((group) => acceptGroup(workspaceId, group));
  acceptances.set(workspaceId, writer);
  return writer.call(acceptance);
}

/** One per budget that this process takes from. */
const turns = once("send-turns", () => new Map<string, GroupedCalls<BudgetKey, boolean>>());

/** A token of the budget, asked for together with others: true when it was granted. */
export function takeTurn(key: BudgetKey): Promise<boolean> {
  const name = Object.values(key).join(":");
  const taker =
    turns.get(name) ??
    new GroupedCalls<BudgetKey, boolean>(async (group) => {
      const { granted } = await takeTokens(db(), key, group.length);
      return group.map((_, i) => i < granted);
    });
  turns.set(name, taker);
  return taker.call(key);
}
