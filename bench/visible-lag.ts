import { setTimeout as sleep } from "node:timers/promises";
import { type ActiveJob, addJobs, clear, type Seat, seatAt } from "@/bench/population";
import { round } from "@/bench/report";
import { PROVIDER_LIMITS } from "@/bench/upstream/limits";
import { startUpstream, type Upstream } from "@/bench/upstream/start";
import { WEBHOOKS_ON } from "@/bench/upstream/webhooks";
import { pool } from "@/lib/db/client";

/** Status requests per second that the provider allows. */
const RATE_PER_SECOND = 200;
const WARM_UP_MS = 6000;
const LOOK_EVERY_MS = 10;

/** Something that watches the active jobs of a seat and writes what it sees; `add` tells it of new ones. */
export type Watcher = { add: (jobs: readonly ActiveJob[]) => void; stop: () => Promise<void> };
export type StartWatcher = (upstream: Upstream, seat: Seat, jobs: readonly ActiveJob[]) => Promise<Watcher>;

export type Load = {
  /** Jobs that are not over in the database; held at this number. */
  active: number;
  workers: number;
  runMedianMs: number;
  runSigma: number;
  /** Jobs that end within this time after the warm-up are measured. */
  windowMs: number;
  seed: number;
};

export type Measured = {
  lagsMs: number[];
  /** The part of it until the upstream was asked; the rest is the way back, the write and the look. */
  untilAskedMs: number[];
  statusRequestsPerJob: number;
  /** What the answers to them told, as shares. */
  statusTold: Record<string, number>;
  maxPerSecond: number;
  maxPerWindow: number;
  limited: number;
};

/** Tells each finished job once, within `LOOK_EVERY_MS` of its commit. */
function followEnds(
  seat: Seat,
  onEnds: (upstreamIds: string[], at: number) => void,
): { stop: () => Promise<void> } {
  let stopped = false;
  let rev = 0;
  const told = new Set<string>();
  const loop = async () => {
    while (!stopped) {
      const { rows } = await pool().query<{ upstream_id: string; status: string; rev: number }>(
        "select upstream_id, status, rev from job where workspace_id = $1 and rev > $2",
        [seat.workspaceId, rev],
      );
      const at = performance.timeOrigin + performance.now();
      const ended = rows.filter((row) => row.status === "COMPLETED" && !told.has(row.upstream_id));
      for (const row of rows) rev = Math.max(rev, row.rev);
      for (const row of ended) told.add(row.upstream_id);
      if (ended.length > 0)
        onEnds(
          ended.map((row) => row.upstream_id),
          at,
        );
      await sleep(LOOK_EVERY_MS);
    }
  };
  const done = loop();
  return {
    stop() {
      stopped = true;
      return done;
    },
  };
}

/**
 * Runs a watcher under a steady load and tells how late each end became visible to another connection.
 * @throws Error when an end never becomes visible.
 */
export async function measureLag(start: StartWatcher, load: Load): Promise<Measured> {
  const { active, windowMs } = load;
  const upstream = await startUpstream({
    seed: load.seed,
    workers: load.workers,
    runMedianMs: load.runMedianMs,
    runSigma: load.runSigma,
    webhooks: { ...WEBHOOKS_ON, enabled: false },
    limits: { ...PROVIDER_LIMITS, run: { perWindow: Infinity, concurrent: Infinity } },
  });
  const seat = await seatAt(upstream);
  const jobs = await addJobs(upstream, seat, active);
  const visibleAt = new Map<string, number>();
  let watcher: Watcher | undefined;
  let replacing = Promise.resolve();
  const ends = followEnds(seat, (upstreamIds, at) => {
    for (const id of upstreamIds) visibleAt.set(id, at);
    replacing = replacing.then(async () => {
      const added = await addJobs(upstream, seat, upstreamIds.length);
      watcher?.add(added);
    });
  });
  try {
    watcher = await start(upstream, seat, jobs);
    await sleep(WARM_UP_MS);
    const from = performance.timeOrigin + performance.now();
    const before = upstream.counters();
    await sleep(windowMs);
    const to = performance.timeOrigin + performance.now();
    const after = upstream.counters();
    const ended = upstream.jobs().filter(({ completedAt: at }) => at !== undefined && at >= from && at < to);
    const deadline = to + (2000 * active) / RATE_PER_SECOND + 10_000;
    while (
      ended.some(({ id }) => !visibleAt.has(id)) &&
      performance.timeOrigin + performance.now() < deadline
    )
      await sleep(20);
    const missing = ended.filter(({ id }) => !visibleAt.has(id)).length;
    if (missing > 0) throw new Error(`${missing} of ${ended.length} ended jobs never became visible`);
    const { status } = upstream.counters().operations;
    const told = Object.entries(after.statusTold).map(
      ([word, count]) => [word, count - (before.statusTold[word] ?? 0)] as const,
    );
    const all = told.reduce((sum, [, count]) => sum + count, 0);
    return {
      lagsMs: ended.map(({ id, completedAt }) => visibleAt.get(id)! - completedAt!),
      untilAskedMs: ended.map(({ toldAt, completedAt }) => (toldAt ?? NaN) - completedAt!),
      statusRequestsPerJob:
        (after.operations.status.requests - before.operations.status.requests) / Math.max(ended.length, 1),
      statusTold: Object.fromEntries(told.map(([word, count]) => [word, round(count / all, 3)])),
      maxPerSecond: status.maxPerSecond,
      maxPerWindow: status.maxPerWindow,
      limited: status.limited,
    };
  } finally {
    await watcher?.stop();
    await ends.stop();
    await replacing;
    await upstream.close();
    await clear(seat);
  }
}
