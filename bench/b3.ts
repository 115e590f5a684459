/**
 * B3: requests at the provider per completed job (submit included), with 1 and with 100 browsers looking on. Product: web
 * and collector as processes, jobs submitted through the API, callbacks on, every browser asking "what changed?" once a
 * second with a session. Peer: what a script with the provider's Python SDK does: submit, then ask for the status each
 * second until the job is over. Both sides run the same jobs at the same pace on the same upstream. Pass: at most 3 with
 * 100 browsers, and what 1 browser costs; aim 2.05. `ratio` is the peer's requests over the product's. `withoutWebhooks` in
 * the detail is what the same costs where the provider cannot call back.
 */
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool, request } from "undici";
import { benchCluster } from "@/bench/database";
import { alternate, type Bench, type BenchResult, median, round, spread } from "@/bench/report";
import { logNormal } from "@/bench/upstream/random";
import { startUpstream, type Upstream } from "@/bench/upstream/start";
import { inParallel, newIntent, submitSurely } from "@/faults/intents";
import { freePort } from "@/faults/role";
import { startWorld, type World } from "@/faults/world";

const JOBS = 100;
const SUBMITS_PER_SECOND = 20;
const WORKERS = 40;
const RUN = { medianMs: 1500, sigma: 0.6 };
const TICK_MS = 1000;
const BROWSERS = 100;
const OVER_LIMIT_MS = 60_000;
/** "What one browser costs": within this share, since a callback that comes during a poll may cost one more. */
const SAME = 1.1;
const PASS = 3;
const AIM = 2.05;

const runMs = (n: number) => Math.round(logNormal(1, n, RUN.medianMs, RUN.sigma));

/** Runs `one` for each job, started one after the other at the pace, and waits for all. */
async function atPace(one: (n: number) => Promise<void>): Promise<void> {
  await Promise.all(
    Array.from({ length: JOBS }, async (_, n) => {
      await sleep((n * 1000) / SUBMITS_PER_SECOND);
      await one(n);
    }),
  );
}

/** Pages that each ask what changed since the rev that they know, once a second, not in step. */
function lookOn({ url, browser }: World, count: number): { stop: () => Promise<number> } {
  const pool = new Pool(url, { connections: count });
  let open = true;
  let ticks = 0;
  const page = async (n: number) => {
    let rev = 0;
    await sleep((n * TICK_MS) / count);
    while (open) {
      const { statusCode, body } = await pool.request({
        method: "GET",
        path: `${browser.api}/jobs/changes?since=${rev}`,
        headers: { cookie: browser.cookie },
      });
      if (statusCode !== 200) throw new Error(`a page was answered ${statusCode}`);
      rev = ((await body.json()) as { rev: number }).rev;
      ticks++;
      await sleep(TICK_MS);
    }
  };
  const pages = Promise.all(Array.from({ length: count }, (_, n) => page(n)));
  pages.catch(() => {}); // told by stop()
  return {
    async stop() {
      open = false;
      await pages;
      await pool.close();
      return ticks;
    },
  };
}

async function untilOver({ client }: World): Promise<void> {
  for (const giveUpAt = Date.now() + OVER_LIMIT_MS; ; await sleep(100)) {
    const { rows } = await client.query("select count(*)::int as open from job where status <> 'COMPLETED'");
    if (rows[0].open === 0) return;
    if (Date.now() > giveUpAt) throw new Error(`${rows[0].open} jobs were not completed`);
  }
}

/** Requests per job while so many browsers look on. */
async function productCost(upstream: Upstream, world: World, browsers: number): Promise<number> {
  const before = upstream.counters().requests;
  const onlookers = lookOn(world, browsers);
  await atPace(async (n) => {
    const intent = newIntent(world.endpointId, { sim: { runMs: runMs(n) } });
    await submitSurely(world.url, world.browser, intent);
  });
  await untilOver(world);
  await sleep(2 * TICK_MS);
  const ticks = await onlookers.stop();
  if (ticks < browsers) throw new Error("the browsers did not look on");
  return (upstream.counters().requests - before) / JOBS;
}

/** `Endpoint.run(…).output()` of the provider's Python SDK: a status request each second. */
async function sdkCost(upstream: Upstream): Promise<number> {
  const before = upstream.counters().requests;
  const headers = { authorization: `Bearer ${upstream.key}`, "content-type": "application/json" };
  const ask = async (method: "GET" | "POST", path: string, body?: string) => {
    const answer = await request(`${upstream.url}/sdk/${path}`, { method, headers, body });
    if (answer.statusCode !== 200) throw new Error(`the upstream answered ${answer.statusCode}`);
    return (await answer.body.json()) as { id: string; status: string };
  };
  await atPace(async (n) => {
    const { id } = await ask("POST", "run", JSON.stringify({ input: { sim: { runMs: runMs(n) } } }));
    while ((await ask("GET", `status/${id}`)).status !== "COMPLETED") await sleep(1000);
  });
  return (upstream.counters().requests - before) / JOBS;
}

const warmUp = (world: World) =>
  inParallel(Array.from({ length: 20 }), 20, () =>
    submitSurely(world.url, world.browser, newIntent(world.endpointId, { sim: { runMs: 200 } })),
  ).then(() => untilOver(world));

/** The same by a web process that has no public address, so that the provider is given none to call. */
async function withoutWebhooks(upstream: Upstream, world: World): Promise<number> {
  const port = await freePort();
  await world.start("web", { PORT: String(port), JOBDECK_PUBLIC_URL: undefined });
  const other = { ...world, url: `http://127.0.0.1:${port}` };
  await warmUp(other);
  return productCost(upstream, other, 1);
}

async function run({ rounds }: { rounds: number }): Promise<BenchResult[]> {
  const cluster = await benchCluster();
  const upstream = await startUpstream({ seed: 1, workers: WORKERS });
  let world: World | undefined;
  const loads: number[] = [];
  try {
    world = await startWorld(cluster.url, upstream);
    await world.start("collector");
    const there = world;
    // Callbacks must have been seen to arrive before polling is only the net.
    await warmUp(there);
    const alone: number[] = [];
    const rows = await alternate(
      rounds,
      async () => {
        loads.push(loadavg()[0]!);
        alone.push(await productCost(upstream, there, 1));
        return productCost(upstream, there, BROWSERS);
      },
      () => sdkCost(upstream),
    );
    const perJob = round(median(rows.map((row) => row.product)), 3);
    const perJobAlone = round(median(alone), 3);
    const ratios = rows.map((row) => row.peer / row.product);
    const same = perJob <= perJobAlone * SAME;
    return [
      {
        bench: "B3",
        ratio: round(median(ratios), 2),
        target: PASS,
        pass: perJob <= PASS && same,
        detail: {
          requestsPerJob: {
            browsers100: perJob,
            browsers1: perJobAlone,
            sdkPolling: median(rows.map((r) => r.peer)),
          },
          aim: AIM,
          aimMet: perJob <= AIM && same,
          rounds,
          ratios: spread(ratios),
          withoutWebhooks: round(await withoutWebhooks(upstream, there), 2),
          jobs: JOBS,
          runMedianMs: RUN.medianMs,
          runSigma: RUN.sigma,
          workers: WORKERS,
          load: spread(loads),
        },
      },
    ];
  } finally {
    await world?.close();
    await upstream.close();
    await cluster.stop();
  }
}

export const b3: Bench = { name: "B3", run };
