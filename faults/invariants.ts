import type pg from "pg";
import type { Intent } from "@/faults/intents";
import { TERMINAL_STATUSES } from "@/lib/jobs/lifecycle";

/** What an upstream accepted, by the marker of the click behind it. */
export type Accepted = { id: string; marker: string | undefined; status: string };

export type Violation = `I${1 | 2 | 3 | 4 | 5 | 6}: ${string}`;

export type Findings = {
  violations: Violation[];
  /** How many jobs stand in each state. */
  states: Record<string, number>;
  /** The longest that a job took from being journaled to being definite or UNCONFIRMED. */
  slowestVerdictMs: number;
};

type JobRow = {
  id: string;
  client_key: string;
  status: string;
  upstream_id: string | null;
  created_at: Date;
  output_state: string;
  output: string | null;
  events: { kind: string; at: string; to: string | null }[];
};

const VERDICT_LIMIT_MS = 30_000;
const isEnd = (status: string | null) => (TERMINAL_STATUSES as readonly (string | null)[]).includes(status);

/**
 * The first four promises, read from the upstream's own ledger and the database:
 * I1 an intent was accepted upstream at most once; I2 no acknowledged submit is missing, and what upstream completed for
 * a finished job is kept whole; I3 every job was definite or UNCONFIRMED within 30 s; I4 no job left a terminal state.
 * I5 (secrets.ts) and I6 (stranger.ts) need more than the database: `check` of a World or an Installation does all six.
 * @param intents every click of the run; a job of nobody's click is a violation, too.
 * @param isOutputOf whether a kept output is what upstream made of this intent.
 */
export async function checkInvariants(
  client: pg.ClientBase,
  intents: readonly Intent[],
  accepted: readonly Accepted[],
  isOutputOf: (output: unknown, intent: Intent) => boolean = isEchoOf,
): Promise<Findings> {
  const { rows } = await client.query<JobRow>(`
    select j.id, j.client_key, j.status, j.upstream_id, j.created_at, j.output_state,
      (select convert_from(string_agg(c.data, ''::bytea order by c.seq), 'UTF8')
        from job_output_chunk c where c.output_id = j.output_id) as output,
      (select coalesce(json_agg(json_build_object('kind', e.kind, 'at', e.at, 'to', e.detail->>'to') order by e.id), '[]')
        from job_event e where e.job_id = j.id) as events
    from job j`);
  const byKey = new Map(rows.map((row) => [row.client_key, row]));
  const byMarker = groupBy(accepted, (one) => one.marker);
  const violations: Violation[] = [];
  const verdicts: number[] = [];

  for (const intent of intents) {
    const row = byKey.get(intent.clientKey);
    const upstream = byMarker.get(intent.marker) ?? [];
    const name = `the intent ${intent.marker} (${row?.status ?? "no job"})`;
    if (upstream.length > 1) violations.push(`I1: ${name} was accepted upstream ${upstream.length} times`);
    if (upstream.length > 0 && !row) violations.push(`I1: ${name} was sent without being journaled`);
    if (intent.acknowledged !== undefined && intent.acknowledged !== row?.id)
      violations.push(
        `I2: ${name} was acknowledged as ${intent.acknowledged} and is ${row?.id ?? "missing"}`,
      );
    if (!row) continue;
    if (row.upstream_id !== null && row.upstream_id !== upstream[0]?.id)
      violations.push(`I1: ${name} names an upstream job that is not its own`);
    if (row.status === "COMPLETED" && !isOutputOf(whole(row.output), intent))
      violations.push(`I2: ${name} is COMPLETED (output ${row.output_state}) without its own output`);
    if (row.status === "COMPLETED" && upstream[0]?.status !== "COMPLETED")
      violations.push(`I2: ${name} is not what upstream says (${upstream[0]?.status ?? "unknown"})`);
    const verdictMs = verdictAfterMs(row);
    if (verdictMs === null) violations.push(`I3: ${name} has no verdict`);
    else verdicts.push(verdictMs);
    if (verdictMs !== null && verdictMs > VERDICT_LIMIT_MS)
      violations.push(`I3: ${name} got its verdict after ${verdictMs} ms`);
    const reopened = row.events.findIndex(
      (event, i) => event.to !== null && row.events.slice(0, i).some((earlier) => isEnd(earlier.to)),
    );
    if (reopened >= 0) violations.push(`I4: ${name} left a terminal state: ${JSON.stringify(row.events)}`);
  }
  const markers = new Set(intents.map((intent) => intent.marker));
  for (const [marker, { length }] of byMarker)
    if (marker === undefined || !markers.has(marker))
      violations.push(`I1: upstream accepted ${length} job(s) of no intent (${marker})`);
  const known = new Set(intents.map((intent) => intent.clientKey));
  for (const row of rows)
    if (!known.has(row.client_key)) violations.push(`I1: job ${row.id} belongs to no intent`);

  const states: Record<string, number> = {};
  for (const { status } of rows) states[status] = (states[status] ?? 0) + 1;
  return { violations, states, slowestVerdictMs: Math.max(0, ...verdicts) };
}

/** From the journal to the first event that says more than "being sent". */
function verdictAfterMs(row: JobRow): number | null {
  const verdict = row.events.find(({ kind, to }) => kind !== "postponed" && to !== null && to !== "SENDING");
  return verdict ? Date.parse(verdict.at) - row.created_at.getTime() : null;
}

/** Undefined for an output that is missing or was kept in part. */
function whole(output: string | null): unknown {
  try {
    return output === null ? undefined : JSON.parse(output);
  } catch {
    return undefined;
  }
}

/** The counting upstream's handler returns its input. */
export const isEchoOf = (output: unknown, intent: Intent): boolean =>
  (output as { echo?: { marker?: unknown } } | null | undefined)?.echo?.marker === intent.marker;

function groupBy<K, V>(items: readonly V[], keyOf: (item: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
