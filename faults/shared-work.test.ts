import { afterAll, beforeAll, expect, it, onTestFailed } from "vitest";
import { PROVIDER_LIMITS } from "@/bench/upstream/limits";
import { startUpstream, type Upstream } from "@/bench/upstream/start";
import { WEBHOOKS_ON } from "@/bench/upstream/webhooks";
import { inParallel, newIntent, submitSurely } from "@/faults/intents";
import { IS_LONG, report } from "@/faults/report";
import { freePort, type Program } from "@/faults/role";
import { until } from "@/faults/until";
import { startWorld, type World } from "@/faults/world";
import { LEASE_SECONDS } from "@/lib/collector/claim";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";

const JOBS = IS_LONG ? 500 : 150;
/** Leases of the collector that dies. */
const HELD_LEAST = 3;
/** What a takeover may cost beyond the lease: a tick, the answer, the write, on a busy machine. */
const GRACE_MS = 5_000;

let database: TestDatabase;
let upstream: Upstream;
let world: World;
let secondUrl: string;
let collectors: Program[];

beforeAll(async () => {
  // Slow answers: at any moment polls are under way, and their jobs leased. No callbacks: only polls find results.
  upstream = await startUpstream({
    workers: 30,
    runMedianMs: 2_000,
    roundTripMs: 400,
    webhooks: { ...WEBHOOKS_ON, enabled: false },
  });
  database = await testDatabase();
  world = await startWorld(database.url, upstream);
  const port = await freePort();
  secondUrl = `http://127.0.0.1:${port}`;
  collectors = await Promise.all([world.start("collector"), world.start("collector")]);
  await world.start("web", { PORT: String(port) });
}, 300_000);
afterAll(async () => {
  await world?.close();
  await upstream?.close();
  await database?.close();
}, 60_000);

type Lease = { job_id: string; upstream_id: string; owner: string };

it(`row 18: two web and two collector processes share ${JOBS} jobs; one collector is killed while it holds leases`, async () => {
  onTestFailed(() => void process.stderr.write(world.said().slice(-20_000)));
  const { client, browser, endpointId } = world;
  const owners = new Map(
    (
      await client.query<{ id: string; pid: number }>("select id, pid from process where role = 'collector'")
    ).rows.map(({ id, pid }) => [pid, id]),
  );
  const [victim, survivor] = collectors.map(({ pid }) => owners.get(pid)!);
  const leases = async (): Promise<Lease[]> =>
    (
      await client.query<Lease>(
        `select w.job_id, j.upstream_id, w.lease_owner as owner from job_watch w join job j on j.id = w.job_id
         where w.lease_until > now() and j.upstream_id is not null`,
      )
    ).rows;

  const intents = Array.from({ length: JOBS }, () => newIntent(endpointId));
  const urls = new Map(intents.map((intent, i) => [intent, i % 2 === 0 ? world.url : secondUrl]));
  const load = inParallel(intents, 10, (intent) => submitSurely(urls.get(intent)!, browser, intent));

  // Both really work: each was seen holding jobs.
  const polledBy = new Set<string>();
  await until("both collectors poll", 20_000, async () => {
    for (const { owner } of await leases()) polledBy.add(owner);
    return polledBy.has(victim!) && polledBy.has(survivor!);
  });

  let held: Lease[] = [];
  await until("the victim holds leases as it dies", 20_000, async () => {
    collectors[0]!.child.kill("SIGSTOP");
    held = (await leases()).filter(({ owner }) => owner === victim);
    if (held.length < HELD_LEAST) collectors[0]!.child.kill("SIGCONT");
    return held.length >= HELD_LEAST;
  });
  const killedAt = Date.now();
  expect(await collectors[0]!.end("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
  await load;

  await until("every job is COMPLETED", 90_000, async () => {
    const { rows } = await client.query("select 1 from job where status <> 'COMPLETED' limit 1");
    return rows.length === 0;
  }).catch(() => {}); // said below

  // Stuck is the time in which the job was over upstream and, counted from the kill, nobody here knew it.
  const { rows } = await client.query<{ job_id: string; at: Date }>(
    "select job_id, max(at) as at from job_event where detail->>'to' = 'COMPLETED' group by job_id",
  );
  const knownAt = new Map(rows.map(({ job_id, at }) => [job_id, at.getTime()]));
  const stuckMs = held.map(({ job_id, upstream_id }) => {
    const known = knownAt.get(job_id) ?? Number.POSITIVE_INFINITY;
    return known - Math.max(killedAt, upstream.completedAt(upstream_id) ?? 0);
  });
  expect(Math.max(...stuckMs)).toBeLessThan(LEASE_SECONDS * 1000 + GRACE_MS);

  const findings = await world.check(intents);
  report({
    row: "18",
    title: `one of two collectors killed while holding leases, ${JOBS} jobs`,
    runs: 1,
    ...findings,
  });
  expect(findings.violations).toEqual([]);
  expect(findings.states).toEqual({ COMPLETED: JOBS });
  const { status, run } = upstream.counters().operations;
  expect(status.limited + run.limited).toBe(0);
  expect(status.maxPerWindow).toBeLessThanOrEqual(PROVIDER_LIMITS.status.perWindow);
  process.stdout.write(
    `${JSON.stringify({ held: held.length, longestStuckMs: Math.round(Math.max(...stuckMs)), statusPerWindow: status.maxPerWindow, ...findings })}\n`,
  );
}, 300_000);
