import { and, eq, inArray, isNotNull, sql } from "drizzle-orm";
import type { Db } from "@/lib/db/client";
import { endpointCircuit } from "@/lib/db/tables/endpoints";
import { log } from "@/lib/kernel/log";
import { once } from "@/lib/kernel/once";
import type { RunOutcome, StatusOutcome, Trouble } from "@/lib/upstream/client";

/**
 * The circuit of an endpoint: after some failures in a row nobody asks for a while, then one process asks once, and the
 * pause grows as long as that fails. It lives in the database, so all collectors and web processes heed the same one.
 * Jobs only wait meanwhile. `run` and `status` are counted apart: a provider whose status works may still lose requests.
 */
export type CircuitOperation = "run" | "status";

/** As many as may fail before all stop: each failed `/run` may be a job in doubt. */
const FAILURES_TO_OPEN = 5;
/** Failures further apart are no row. */
const FORGET_SECONDS = 60;
const PAUSE_MS = { first: 1_000, most: 60_000 };
/** Longer than a question may take, so that a prober that died does not hold the place. */
const PROBE_SECONDS = 30;

export type CircuitState = {
  endpointId: string;
  operation: CircuitOperation;
  words: string;
  /** Null while failures are only being counted. */
  openedAt: Date | null;
  /** When somebody asks again. */
  retryAt: Date | null;
  /** The same from now on; below 0 when it is due. Free of the difference between our clock and the database's. */
  retryInMs: number;
};

type Outcome = { kind: Exclude<(RunOutcome | StatusOutcome)["kind"], Trouble["kind"]> | "healthy" } | Trouble;
type EndpointTrouble = Extract<Trouble, { kind: "unreachable" | "unclear" }>;

/**
 * Whether an outcome is the endpoint's own trouble. An answer that cannot be understood is one to `/run`, where it leaves
 * a job in doubt; to `/status` it may be about that job alone, so there only silence and 5xx are.
 */
export function isTrouble(operation: CircuitOperation, outcome: Outcome): outcome is EndpointTrouble {
  if (outcome.kind === "unreachable") return true;
  if (outcome.kind !== "unclear") return false;
  const { httpStatus } = outcome;
  return operation === "run" || httpStatus === null || httpStatus >= 500 || httpStatus === 408;
}

/** What a person should read: the provider's words, and the number that they stand for. */
const wordsOf = ({ words, httpStatus }: Told): string =>
  httpStatus && !words.includes(String(httpStatus)) ? `HTTP ${httpStatus}: ${words}` : words;

type Told = { words: string; httpStatus?: number | null; retryAfterMs?: number | null };
type Place = { id: string; workspaceId: string };

const isOpen = isNotNull(endpointCircuit.openedAt);
const at = (endpointId: string, operation: CircuitOperation) =>
  and(eq(endpointCircuit.endpointId, endpointId), eq(endpointCircuit.operation, operation));

/**
 * One more failure. One statement, so that failures counted by many processes at once are all counted; what comes in
 * after the circuit has opened changes nothing, unless somebody is trying at this moment.
 * @returns whether this one opened it.
 */
export async function reportTrouble(
  db: Db,
  place: Place,
  operation: CircuitOperation,
  trouble: Told,
  random: () => number = Math.random,
): Promise<{ hasOpened: boolean }> {
  const words = wordsOf(trouble).slice(0, 500);
  const jitter = 0.75 + random() * 0.5;
  const result = await db.execute<{ has_opened: boolean }>(sql`
    with known as (
      select *, opened_at is not null and probe_until > clock_timestamp() as is_probe,
        case when last_failure_at < clock_timestamp() - ${FORGET_SECONDS} * interval '1 second' then 1
          else failures + 1 end as count
      from endpoint_circuit where endpoint_id = ${place.id} and operation = ${operation} for update
    ), turn as (
      select *, opened_at is null and count >= ${FAILURES_TO_OPEN} as opens from known
    ), changed as (
      update endpoint_circuit c set
        failures = turn.count, last_failure_at = clock_timestamp(), words = ${words},
        opened_at = case when turn.opens then clock_timestamp() else c.opened_at end,
        pauses = c.pauses + case when turn.opens or turn.is_probe then 1 else 0 end,
        probe_until = case when turn.is_probe then null else c.probe_until end,
        retry_at = case when turn.opens or turn.is_probe then clock_timestamp() + interval '1 millisecond' * greatest(
            ${trouble.retryAfterMs ?? 0}::float8,
            least(${PAUSE_MS.most}::float8, ${PAUSE_MS.first}::float8 * power(2, least(c.pauses, 16))) * ${jitter}::float8)
          else c.retry_at end
      from turn where c.endpoint_id = turn.endpoint_id and c.operation = turn.operation
      returning turn.opens
    ), first as (
      insert into endpoint_circuit (workspace_id, endpoint_id, operation, words)
      select ${place.workspaceId}, ${place.id}, ${operation}, ${words}
      where not exists (select 1 from known)
      on conflict (endpoint_id, operation) do update set failures = endpoint_circuit.failures + 1
    )
    select coalesce((select opens from changed), false) as has_opened`);
  const hasOpened = result.rows[0]?.has_opened === true;
  if (hasOpened) log.warn({ endpoint: place.id, operation, words }, "an endpoint is in trouble");
  return { hasOpened };
}

/** It answered: nothing is remembered of what went wrong before. */
export async function reportAnswer(db: Db, endpointId: string, operation: CircuitOperation): Promise<void> {
  await db.delete(endpointCircuit).where(at(endpointId, operation));
}

/** Become the only one who asks now that the pause is over. True for one caller until it reports or gives it back. */
export async function claimProbe(db: Db, endpointId: string, operation: CircuitOperation): Promise<boolean> {
  const rows = await db
    .update(endpointCircuit)
    .set({ probeUntil: sql`clock_timestamp() + ${PROBE_SECONDS} * interval '1 second'` })
    .where(
      and(
        at(endpointId, operation),
        isOpen,
        sql`${endpointCircuit.retryAt} <= clock_timestamp()`,
        sql`(${endpointCircuit.probeUntil} is null or ${endpointCircuit.probeUntil} < clock_timestamp())`,
      ),
    )
    .returning({ operation: endpointCircuit.operation });
  return rows.length === 1;
}

/** There was nothing to ask with. */
export async function giveProbeBack(db: Db, endpointId: string, operation: CircuitOperation): Promise<void> {
  await db.update(endpointCircuit).set({ probeUntil: null }).where(at(endpointId, operation));
}

/** Of these endpoints, the ones in trouble: open circuits, and failures that are being counted. */
export async function readCircuits(db: Db, endpointIds: readonly string[]): Promise<CircuitState[]> {
  if (endpointIds.length === 0) return [];
  return db
    .select({
      endpointId: endpointCircuit.endpointId,
      operation: sql<CircuitOperation>`${endpointCircuit.operation}`,
      words: endpointCircuit.words,
      openedAt: endpointCircuit.openedAt,
      retryAt: endpointCircuit.retryAt,
      retryInMs: sql<number>`coalesce(1000 * extract(epoch from ${endpointCircuit.retryAt} - clock_timestamp()), 0)::float8`,
    })
    .from(endpointCircuit)
    .where(inArray(endpointCircuit.endpointId, [...endpointIds]));
}

/** Senders look at what they read so long ago, for a look per request would be most of what a send costs. */
const READ_AGAIN_MS = 500;
const recent = once("circuits", () => new Map<string, { readAt: number; states: Promise<CircuitState[]> }>());

function readRecent(db: Db, endpointId: string): Promise<CircuitState[]> {
  const known = recent.get(endpointId);
  if (known && performance.now() - known.readAt < READ_AGAIN_MS) return known.states;
  const states = readCircuits(db, [endpointId]);
  recent.set(endpointId, { readAt: performance.now(), states });
  // An answer that failed is nobody's to keep; whoever waits for it is told.
  states.catch(() => recent.delete(endpointId));
  return states;
}

/** Whether a request may be sent at once; otherwise the collectors send it when the endpoint answers again. */
export async function maySendNow(db: Db, endpointId: string): Promise<boolean> {
  return (await readRecent(db, endpointId)).every(({ openedAt }) => openedAt === null);
}

/** What came of a `/run`. */
export async function noteSend(db: Db, place: Place, outcome: RunOutcome): Promise<void> {
  const isOfNote =
    isTrouble("run", outcome) ||
    (await readRecent(db, place.id)).some(({ operation }) => operation === "run");
  if (!isOfNote) return;
  if (isTrouble("run", outcome)) await reportTrouble(db, place, "run", outcome);
  else await reportAnswer(db, place.id, "run");
  recent.delete(place.id);
}

/** A person says that it is good again: the next question goes out at once. */
export async function forgetTrouble(db: Db, endpointId: string): Promise<void> {
  await db.delete(endpointCircuit).where(eq(endpointCircuit.endpointId, endpointId));
  recent.delete(endpointId);
}
