/**
 * B8: what 100,000 active jobs cost the collector: its memory above its own when idle, and its share of a core while it
 * asks about them as fast as the provider's limit lets it. Peer: a promise and a timer per job, asking at the same rate,
 * above its own idle memory. The jobs are rows of one endpoint, put there directly; what they ask answers each status
 * request as the provider does (50 jobs run, the others wait). Pass: at most 60 MB; aim 10 MB and 8 % of a core. `ratio` is
 * the product's megabytes.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { type Child, spawnReady } from "@/bench/child";
import { benchDatabase } from "@/bench/database";
import { type Seat, seatAt } from "@/bench/population";
import { cpuSeconds, familyMemoryMb } from "@/bench/process-memory";
import { alternate, type Bench, type BenchResult, median, round, spread } from "@/bench/report";
import { pool } from "@/lib/db/client";

const ACTIVE = 100_000;
const RUNNING = 50;
const IDLE_MS = 4_000;
const SETTLE_MS = 3_000;
const WINDOW_MS = 6_000;
const SAMPLE_MS = 250;
const PASS_MB = 60;
const AIM = { mb: 10, cpuPercent: 8 };

type Cost = { mb: number; cpuPercent: number; requestsPerSecond: number };

/** Answers every status request; jobs below `RUNNING` run, the others wait. Counts. */
async function answerer(): Promise<{ url: string; count: () => number; close: () => Promise<void> }> {
  let count = 0;
  const server = createServer((request, response) => {
    count++;
    const id = (request.url ?? "").split("/").at(-1) ?? "";
    const runs = Number(id.split("-")[1]) < RUNNING;
    const body = runs
      ? { delayTime: 1200, id, status: "IN_PROGRESS", workerId: "worker-1" }
      : { id, status: "IN_QUEUE" };
    setTimeout(() => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    }, 20);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v2`,
    count: () => count,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Rows as they stand an hour after 100,000 acknowledged submits. */
async function addRows({ workspaceId, endpointId }: Seat): Promise<void> {
  const client = await pool().connect();
  try {
    await client.query("set statement_timeout = 0");
    await client.query(
      `insert into job (id, workspace_id, endpoint_id, client_key, status, upstream_id, request_sealed, payload_hash,
         input_summary, hook_token_hash, queued_at, started_at, observed_at, delay_ms, worker_id, rev)
       select gen_random_uuid(), $1, $2, gen_random_uuid(), case when n < $3 then 'IN_PROGRESS' else 'IN_QUEUE' end,
         'job-' || n, repeat('x', 400), 'hash', 'prompt: a lighthouse in a storm', md5(n::text) || n, now() - interval '1 hour',
         case when n < $3 then now() - interval '50 minutes' end, now() - interval '1 minute',
         case when n < $3 then 1200 end, case when n < $3 then 'worker-1' end, 0
       from generate_series(0, $4::int - 1) n`,
      [workspaceId, endpointId, RUNNING, ACTIVE],
    );
    await client.query(
      `insert into job_watch (job_id, workspace_id, endpoint_id, phase, queued_at, next_poll_at, last_polled_at)
       select id, workspace_id, endpoint_id, case when status = 'IN_QUEUE' then 'queue' else 'run' end, queued_at
         + split_part(upstream_id, '-', 2)::int * interval '1 millisecond', now(), now() - interval '1 minute'
       from job where workspace_id = $1`,
      [workspaceId],
    );
    await client.query("vacuum analyze job, job_watch");
  } finally {
    client.release(true);
  }
}

/** Without its endpoint the collector has nothing to do. */
const setRemoved = (seat: Seat, removed: boolean) =>
  pool().query("update endpoint set removed_at = case when $2 then now() end where id = $1", [
    seat.endpointId,
    removed,
  ]);

async function memoryOver(pid: number, ms: number): Promise<number> {
  const samples: number[] = [];
  for (const until = performance.now() + ms; performance.now() < until; await sleep(SAMPLE_MS))
    samples.push(familyMemoryMb(pid));
  return median(samples);
}

async function costOf(child: Child, idleMb: number, count: () => number): Promise<Cost> {
  await sleep(SETTLE_MS);
  const cpu = cpuSeconds(child.pid);
  const asked = count();
  const from = performance.now();
  const mb = (await memoryOver(child.pid, WINDOW_MS)) - idleMb;
  const seconds = (performance.now() - from) / 1000;
  return {
    mb,
    cpuPercent: (100 * (cpuSeconds(child.pid) - cpu)) / seconds,
    requestsPerSecond: (count() - asked) / seconds,
  };
}

async function product(seat: Seat, count: () => number): Promise<Cost> {
  await setRemoved(seat, true);
  const collector = await spawnReady("lib/server/roles/collector.ts", { JOBDECK_ROLE: "collector" });
  try {
    await sleep(IDLE_MS);
    const idleMb = await memoryOver(collector.pid, 1000);
    await setRemoved(seat, false);
    return await costOf(collector, idleMb, count);
  } finally {
    await collector.stop();
  }
}

async function peer(url: string, count: () => number): Promise<Cost> {
  const idle = await spawnReady("bench/timer-per-job/main.ts", {}, [url]);
  await sleep(SETTLE_MS);
  const idleMb = await memoryOver(idle.pid, 1000);
  await idle.stop();
  const busy = await spawnReady("bench/timer-per-job/main.ts", {}, [url, String(ACTIVE)]);
  try {
    return await costOf(busy, idleMb, count);
  } finally {
    await busy.stop();
  }
}

async function run({ rounds }: { rounds: number }): Promise<BenchResult[]> {
  const database = await benchDatabase();
  const upstream = await answerer();
  const loads: number[] = [];
  try {
    const seat = await seatAt({ url: upstream.url, key: "bench-key" });
    await addRows(seat);
    const pairs = await alternate(
      rounds,
      () => {
        loads.push(loadavg()[0]!);
        return product(seat, upstream.count);
      },
      () => peer(upstream.url, upstream.count),
    );
    const side = (name: "product" | "peer") => ({
      mbAboveIdle: spread(pairs.map((pair) => pair[name].mb)),
      cpuPercent: round(median(pairs.map((pair) => pair[name].cpuPercent))),
      requestsPerSecond: round(median(pairs.map((pair) => pair[name].requestsPerSecond))),
    });
    const mb = round(median(pairs.map((pair) => pair.product.mb)));
    const { cpuPercent } = side("product");
    return [
      {
        bench: "B8",
        ratio: mb,
        target: PASS_MB,
        pass: mb <= PASS_MB,
        detail: {
          aim: AIM,
          aimMet: mb <= AIM.mb && cpuPercent <= AIM.cpuPercent,
          rounds,
          active: ACTIVE,
          running: RUNNING,
          product: side("product"),
          peer: side("peer"),
          load: spread(loads),
        },
      },
    ];
  } finally {
    await upstream.close();
    await database.close();
  }
}

export const b8: Bench = { name: "B8", run };
