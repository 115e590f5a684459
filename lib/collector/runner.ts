import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { and, eq, gt, inArray, isNull, notInArray, sql } from "drizzle-orm";
import { pauseFailingBatches } from "@/lib/batches/service";
import { releaseAll } from "@/lib/collector/claim";
import { Lane } from "@/lib/collector/lane";
import { listen } from "@/lib/collector/listen";
import { type Loop, startLoop } from "@/lib/collector/loop";
import { WAKE_CHANNEL } from "@/lib/collector/wake";
import { db } from "@/lib/db/client";
import { endpoint } from "@/lib/db/tables/endpoints";
import { jobCounter } from "@/lib/db/tables/jobs";
import { process as processTable } from "@/lib/db/tables/system";
import { readCircuits } from "@/lib/endpoints/circuit";
import type { EndpointRecord } from "@/lib/endpoints/connection";
import { TERMINAL_STATUSES } from "@/lib/jobs/lifecycle";
import { sweepDrafts } from "@/lib/jobs/output-store";
import { sweepStaleSends } from "@/lib/jobs/send";
import { log } from "@/lib/kernel/log";
import { startLocalPool } from "@/lib/local-endpoint/runner";
import { deliverDueWebhooks } from "@/lib/webhooks/relay";

const HEARTBEAT_MS = 2_000;
const SURVEY_MS = 500;
/** How often lanes are asked whether they are due; each keeps its own rhythm. */
const TICK_MS = 10;
/** Short, so that a bulk submit fills the budget instead of coming in bursts. */
const SEND_MS = 100;
const SWEEP_MS = 1_000;
const DELIVER_MS = 1_000;
const SWEEP_DRAFTS_MS = 300_000;
/** Lets what is under way end within the 3 s that a role has to stop. */
const SETTLE_MS = 2_000;

/**
 * The collector: watches active jobs, sends what a web process could not, delivers webhooks and runs the local workers.
 * Any number of them share the work through leases in the database.
 */
export async function startCollector(): Promise<{ stop(): Promise<void> }> {
  const owner = randomUUID();
  const lanes = new Map<string, Lane>();
  await beat(owner);

  const loops: Loop[] = [
    startLoop("heartbeat", HEARTBEAT_MS, () => beat(owner)),
    startLoop("sweep", SWEEP_MS, () => Promise.all([sweepStaleSends(), pauseFailingBatches()])),
    startLoop("sweep drafts", SWEEP_DRAFTS_MS, () => sweepDrafts(db())),
    // Not awaited: an endpoint that answers slowly holds up no other.
    startLoop("tick", TICK_MS, async () => {
      for (const lane of lanes.values()) void lane.tick();
    }),
  ];
  const survey = startLoop("survey", SURVEY_MS, () => surveyEndpoints(owner, lanes));
  const send = startLoop("send", SEND_MS, () => Promise.all([...lanes.values()].map((lane) => lane.send())));
  const deliver = startLoop("deliver", DELIVER_MS, deliverDueWebhooks);
  loops.push(survey, send, deliver);
  const ear = listen(process.env.DATABASE_URL ?? "", WAKE_CHANNEL, () => {
    for (const lane of lanes.values()) lane.wake();
    for (const loop of [survey, send, deliver]) loop.wake();
  });
  const pool = startLocalPool();

  return {
    async stop() {
      await Promise.all([ear.stop(), pool.stop(), ...loops.map((loop) => loop.stop())]);
      const settled = Promise.all([...lanes.values()].map((lane) => lane.settle()));
      await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, SETTLE_MS).unref())]);
      await releaseAll(db(), owner).catch(() => {}); // a database that is gone frees them when the leases end
      await db()
        .delete(processTable)
        .where(eq(processTable.id, owner))
        .catch(() => {});
    },
  };
}

/** Tell that this collector lives; forget those that have not for a day. */
async function beat(owner: string): Promise<void> {
  await db()
    .insert(processTable)
    .values({ id: owner, role: "collector", host: hostname(), pid: process.pid })
    .onConflictDoUpdate({ target: processTable.id, set: { heartbeatAt: sql`now()` } });
  await db().delete(processTable).where(sql`${processTable.heartbeatAt} < now() - interval '1 day'`);
}

/** Which endpoints have live jobs, and how many: from the maintained counters, never by counting jobs. */
async function surveyEndpoints(owner: string, lanes: Map<string, Lane>): Promise<void> {
  const counts = await db()
    .select({
      endpointId: jobCounter.endpointId,
      sending: sql<number>`coalesce(sum(${jobCounter.count}) filter (where ${jobCounter.status} = 'SENDING'), 0)::int`,
      queued: sql<number>`coalesce(sum(${jobCounter.count}) filter (where ${jobCounter.status} = 'IN_QUEUE'), 0)::int`,
      running: sql<number>`coalesce(sum(${jobCounter.count}) filter (where ${jobCounter.status} not in ('IN_QUEUE', 'SENDING', 'UNCONFIRMED')), 0)::int`,
    })
    .from(jobCounter)
    .where(and(gt(jobCounter.count, 0), notInArray(jobCounter.status, [...TERMINAL_STATUSES])))
    .groupBy(jobCounter.endpointId);
  const byId = new Map(counts.map((row) => [row.endpointId, row]));
  const rows: EndpointRecord[] =
    byId.size === 0
      ? []
      : await db()
          .select()
          .from(endpoint)
          .where(and(inArray(endpoint.id, [...byId.keys()]), isNull(endpoint.removedAt)));
  const readAt = performance.now();
  const circuits = await readCircuits(
    db(),
    rows.map((row) => row.id),
  );
  const live = new Set<string>();
  for (const row of rows) {
    live.add(row.id);
    const lane = lanes.get(row.id) ?? openLane(owner, row);
    if (!lane) continue;
    lanes.set(row.id, lane);
    lane.update(
      row,
      byId.get(row.id) ?? { sending: 0, queued: 0, running: 0 },
      circuits.filter(({ endpointId }) => endpointId === row.id),
      readAt,
    );
  }
  for (const id of lanes.keys()) if (!live.has(id)) lanes.delete(id);
}

/** A key that cannot be opened stops one endpoint, not the collector. */
function openLane(owner: string, row: EndpointRecord): Lane | null {
  try {
    return new Lane(owner, row);
  } catch (error) {
    log.error({ err: error, endpoint: row.id }, "an endpoint cannot be watched");
    return null;
  }
}
