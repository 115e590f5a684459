import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, onTestFailed } from "vitest";
import { startUpstream, type Upstream } from "@/bench/upstream/start";
import { WEBHOOKS_ON } from "@/bench/upstream/webhooks";
import { type Intent, inParallel, newIntent, submitSurely } from "@/faults/intents";
import { IS_LONG, report } from "@/faults/report";
import { freePort } from "@/faults/role";
import { until } from "@/faults/until";
import { startWorld, type World } from "@/faults/world";
import { LEASE_SECONDS } from "@/lib/collector/claim";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";
import { newToken, tokenHash } from "@/lib/kernel/ids";

const ROUNDS = IS_LONG ? 20 : 1;
const JOBS_PER_ROUND = IS_LONG ? 40 : 15;
const EXIT_MS = 5_000;
const WORKERS = 4;
/** What a collector that starts may need before its first look, on a busy machine; far below a lease. */
const AT_ONCE_MS = 10_000;

let database: TestDatabase;
let upstream: Upstream;
let world: World;

beforeAll(async () => {
  // Slow answers, so that at any moment polls are under way. No callbacks: only polls find results.
  upstream = await startUpstream({
    workers: 100,
    runMedianMs: 2_000,
    roundTripMs: 600,
    webhooks: { ...WEBHOOKS_ON, enabled: false },
  });
  database = await testDatabase();
  world = await startWorld(database.url, upstream);
}, 300_000);
afterAll(async () => {
  await world?.close();
  await upstream?.close();
  await database?.close();
}, 60_000);

/** A local endpoint without workers of ours, and calls to it at a given web process. */
async function localEndpoint(name: string) {
  const keys = { api: newToken(), worker: newToken() };
  await world.client.query(
    `insert into local_endpoint (id, workspace_id, name, handler, api_key_hash, worker_key_hash, worker_key_sealed)
     select $1, id, $2, null, $3, $4, 'sealed' from workspace where slug = 'workspace'`,
    [randomUUID(), name, tokenHash(keys.api), tokenHash(keys.worker)],
  );
  return async (who: "api" | "worker", url: string, path: string, body?: unknown) => {
    const answer = await fetch(`${url}/local/v2/${name}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: who === "api" ? `Bearer ${keys.api}` : keys.worker },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
  };
}

it(`row 6: SIGTERM to web with open long-polls of workers, clients and browsers, ${ROUNDS} times`, async () => {
  onTestFailed(() => void process.stderr.write(world.said().slice(-20_000)));
  const [busy, idle] = [await localEndpoint("busy"), await localEndpoint("idle")];
  const violations: string[] = [];
  let openPolls = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const web = await world.start("web", { PORT: String(port) });
    const { id } = (await busy("api", url, "/run", { input: { n: round } })).body as { id: string };
    let isAsked = false;
    const held = new Set<string>();
    const hold = async (what: string, expected: number, call: () => Promise<{ status: number }>) => {
      held.add(what);
      const answer = await call().catch((error: unknown) => ({ status: String(error) }));
      held.delete(what);
      if (answer.status !== expected || !isAsked)
        violations.push(
          `round ${round}: ${what} was answered ${answer.status}${isAsked ? "" : " too early"}`,
        );
    };
    const polls = [
      ...Array.from({ length: WORKERS }, (_, i) =>
        hold(`job-take of worker ${i}`, 204, () => idle("worker", url, `/job-take/w${i}?gpu=x`)),
      ),
      hold("job-stop", 204, () => idle("worker", url, "/job-stop/w0")),
      hold("status-sync", 200, () => busy("api", url, `/status-sync/${id}?wait=60000`)),
      hold("runsync", 200, () => busy("api", url, "/runsync?wait=60000", { input: {} })),
    ];
    let looks = 0;
    // A browser never waits long; whatever it has asked is answered whole, until nobody listens any more.
    const browser = (async () => {
      for (;;) {
        const answer = await fetch(`${url}${world.browser.api}/jobs/changes?since=0`, {
          headers: { cookie: world.browser.cookie },
        }).catch((error: Error) => error.cause as NodeJS.ErrnoException);
        if (answer instanceof Response) {
          await answer.json();
          looks++;
        } else if (answer.code === "ECONNREFUSED") return;
        // A kept-alive connection may be closed at the moment it is used again; that was never answered nor begun.
        else if (answer.code !== "UND_ERR_SOCKET" && answer.code !== "ECONNRESET") throw answer;
      }
    })();
    await until("workers wait", 30_000, async () => {
      const { rows } = await world.client.query(
        "select 1 from local_worker where last_seen_at > now() - interval '10 seconds'",
      );
      return rows.length >= WORKERS && looks > 2;
    });
    await sleep(300);
    openPolls += held.size;
    isAsked = true;
    const from = performance.now();
    const exit = await web.end("SIGTERM");
    const ms = performance.now() - from;
    await Promise.all([...polls, browser]);
    if (exit.code !== 0 || ms > EXIT_MS)
      violations.push(
        `round ${round}: web ended with ${exit.code ?? exit.signal} after ${Math.round(ms)} ms`,
      );
    // What was waited for is still there for the next process that is asked.
    const taken = await busy("worker", world.url, `/job-take-batch/w9?batch_size=10`);
    if ((taken.body as unknown[] | undefined)?.length !== 2)
      violations.push(`round ${round}: the queue held ${JSON.stringify(taken.body)} instead of its two jobs`);
  }
  report({ row: "6", title: `SIGTERM to web with ${openPolls} long-polls held`, runs: ROUNDS, violations });
  expect(violations).toEqual([]);
  expect(openPolls).toBe(ROUNDS * (WORKERS + 3));
}, 1_800_000);

type Held = { job_id: string; fence: number };

it(`row 6: SIGTERM to the collector with polls under way, ${ROUNDS} times`, async () => {
  onTestFailed(() => void process.stderr.write(world.said().slice(-20_000)));
  const { client, browser, endpointId } = world;
  const violations: string[] = [];
  const intents: Intent[] = [];
  let held: Held[] = [];
  let polls = 0;
  let slowestMs = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const collector = await world.start("collector");
    if (held.length > 0) {
      const from = performance.now();
      const goesOn = async () => {
        const { rows } = await client.query<Held>(
          "select job_id, fence from job_watch where job_id = any($1)",
          [held.map(({ job_id }) => job_id)],
        );
        return held.every(({ job_id, fence }) => {
          const now = rows.find((row) => row.job_id === job_id);
          return !now || Number(now.fence) > Number(fence); // over, or looked at again
        });
      };
      await until("the next collector goes on", LEASE_SECONDS * 2_000, goesOn);
      slowestMs = Math.max(slowestMs, performance.now() - from);
    }
    if (round === ROUNDS) break; // the last one ends the jobs

    const more = Array.from({ length: JOBS_PER_ROUND }, () => newIntent(endpointId));
    intents.push(...more);
    await inParallel(more, 10, (intent) => submitSurely(world.url, browser, intent));
    await until("polls are under way", 60_000, async () => {
      held = (
        await client.query<Held>(
          "select job_id, fence from job_watch where lease_until > now() and phase in ('queue', 'run')",
        )
      ).rows;
      return held.length > 3;
    });
    polls += held.length;
    const from = performance.now();
    const exit = await collector.end("SIGTERM");
    const ms = performance.now() - from;
    if (exit.code !== 0 || ms > EXIT_MS)
      violations.push(`round ${round}: it ended with ${exit.code ?? exit.signal} after ${Math.round(ms)} ms`);
    const leased = await client.query("select 1 from job_watch where lease_owner is not null");
    if (leased.rows.length > 0) violations.push(`round ${round}: ${leased.rows.length} leases were kept`);
    // A result that the provider has told is written before the process is gone.
    const { rows: open } = await client.query<{ upstream_id: string }>(
      "select upstream_id from job where status <> 'COMPLETED'",
    );
    const told = new Set(upstream.jobs().flatMap(({ id, toldAt }) => (toldAt === undefined ? [] : [id])));
    const lost = open.filter(({ upstream_id }) => told.has(upstream_id));
    if (lost.length > 0) violations.push(`round ${round}: ${lost.length} results were told and not written`);
  }
  if (slowestMs > AT_ONCE_MS)
    violations.push(`the next collector went on only after ${Math.round(slowestMs)} ms`);
  await until("every job is COMPLETED", 90_000, async () => {
    const { rows } = await client.query("select 1 from job where status <> 'COMPLETED' limit 1");
    return rows.length === 0;
  }).catch(() => {}); // said below
  const findings = await world.check(intents);
  report({
    row: "6",
    title: `SIGTERM to the collector with ${polls} polls under way; the next goes on after ${Math.round(slowestMs)} ms at most`,
    runs: ROUNDS,
    violations: [...violations, ...findings.violations],
    slowestVerdictMs: findings.slowestVerdictMs,
  });
  expect([...violations, ...findings.violations]).toEqual([]);
  expect(findings.states).toEqual({ COMPLETED: intents.length });
}, 1_800_000);
