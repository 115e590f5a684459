import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, onTestFailed } from "vitest";
import { PROVIDER_LIMITS } from "@/bench/upstream/limits";
import { startUpstream, type Upstream } from "@/bench/upstream/start";
import { WEBHOOKS_ON } from "@/bench/upstream/webhooks";
import { inParallel, newIntent, submitSurely } from "@/faults/intents";
import { type LeaseWatch, nameOf, watchLeases } from "@/faults/leases";
import { IS_LONG, report } from "@/faults/report";
import { freePort, type Program } from "@/faults/role";
import { until } from "@/faults/until";
import { startWorld, type World } from "@/faults/world";
import { LEASE_SECONDS } from "@/lib/collector/claim";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";

const JOBS = IS_LONG ? 500 : 100;
/** Leases of a collector that dies or stops. */
const HELD_LEAST = 3;
/** What a takeover may cost beyond the lease: a tick, the answer, the write, on a busy machine. */
const GRACE_MS = 10_000;
/** They run through everything, so that there is something to hold whenever a collector is stopped. */
const LONG_JOBS = 40;
const LONG = { sim: { runMs: 25_000 } };

let database: TestDatabase;
let upstream: Upstream;
let world: World;
let secondUrl: string;
let watch: LeaseWatch;
let names: string[];
let collectors: Program[];
let owners: string[];

beforeAll(async () => {
  // Slow answers: at any moment polls are under way, and their jobs leased. No callbacks: only polls find results.
  upstream = await startUpstream({
    workers: 100,
    runMedianMs: 2_000,
    roundTripMs: 1_000,
    webhooks: { ...WEBHOOKS_ON, enabled: false },
  });
  database = await testDatabase();
  world = await startWorld(database.url, upstream);
  const port = await freePort();
  secondUrl = `http://127.0.0.1:${port}`;
  watch = await watchLeases(world.client);
  names = [1, 2, 3].map(nameOf);
  collectors = await Promise.all(names.map((name) => world.start("collector", { JOBDECK_ROLE: name })));
  owners = await Promise.all(collectors.map((one, i) => watch.know(one, names[i]!)));
  await world.start("web", { PORT: String(port) });
}, 300_000);
afterAll(async () => {
  await world?.close();
  await upstream?.close();
  await database?.close();
}, 60_000);

type Lease = { job_id: string; upstream_id: string; owner: string; fence: number };

it(`row 18: two web and three collector processes share ${JOBS} jobs; one collector is killed and one paused while they hold leases`, async () => {
  onTestFailed(() => void process.stderr.write(world.said().slice(-20_000)));
  const { client, browser, endpointId } = world;
  const [killed, paused, survivor] = collectors as [Program, Program, Program];
  const leases = async (): Promise<Lease[]> =>
    (
      await client.query<Lease>(
        `select w.job_id, j.upstream_id, w.lease_owner as owner, w.fence from job_watch w join job j on j.id = w.job_id
         where w.lease_until > now() and j.upstream_id is not null`,
      )
    ).rows;

  const intents = Array.from({ length: JOBS }, (_, i) => newIntent(endpointId, i < LONG_JOBS ? LONG : {}));
  const urls = new Map(intents.map((intent, i) => [intent, i % 2 === 0 ? world.url : secondUrl]));
  const load = inParallel(intents, 10, (intent) => submitSurely(urls.get(intent)!, browser, intent));

  // All really work: each was seen holding jobs.
  const polledBy = new Set<string>();
  await until("all collectors poll", 60_000, async () => {
    for (const { owner } of await leases()) polledBy.add(owner);
    return owners.every((owner) => polledBy.has(owner));
  });
  expect(await watch.trespasses()).toEqual([]);

  /** Stopped at a moment at which it holds leases. */
  const stop = async (program: Program, owner: string): Promise<Lease[]> => {
    let held: Lease[] = [];
    await until("it holds leases as it stops", 60_000, async () => {
      program.child.kill("SIGSTOP");
      held = (await leases()).filter((lease) => lease.owner === owner);
      if (held.length < HELD_LEAST) program.child.kill("SIGCONT");
      return held.length >= HELD_LEAST;
    });
    return held;
  };
  const heldByPaused = await stop(paused, owners[1]!);
  const pausedAt = Date.now();
  const heldByKilled = await stop(killed, owners[0]!);
  const killedAt = Date.now();
  expect(await killed.end("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
  await load;

  /** Of these leases, how many another collector has taken since, by raising the fence or ending the job. */
  const takenOver = async (held: readonly Lease[]): Promise<number> => {
    const { rows } = await client.query<{ job_id: string; fence: number }>(
      "select job_id, fence from job_watch where job_id = any($1)",
      [held.map(({ job_id }) => job_id)],
    );
    const fences = new Map(rows.map(({ job_id, fence }) => [job_id, fence]));
    return held.filter(({ job_id, fence }) => !(Number(fences.get(job_id)) === Number(fence))).length;
  };
  await until("the others take over", 2 * LEASE_SECONDS * 1000, async () => {
    return (await takenOver(heldByPaused)) === heldByPaused.length;
  });
  // A lease that was taken a moment before the pause ends a moment before a whole lease is over.
  await sleep(Math.max(0, pausedAt + LEASE_SECONDS * 1000 + 1_000 - Date.now()));
  // The answers to its questions have been lying in its sockets since; more jobs keep everybody busy as it wakes.
  const late = Array.from({ length: IS_LONG ? 100 : 10 }, () => newIntent(endpointId));
  await inParallel(late, 10, (intent) => submitSurely(world.url, browser, intent));
  paused.child.kill("SIGCONT");
  const wokenAt = Date.now();
  const pausedMs = wokenAt - pausedAt;
  expect(pausedMs).toBeGreaterThan(LEASE_SECONDS * 1000);
  await until("the woken one beats and polls again", 30_000, async () => {
    const { rows } = await client.query(
      "select 1 from process where id = $1 and heartbeat_at > to_timestamp($2 / 1000.0)",
      [owners[1], wokenAt],
    );
    return rows.length > 0;
  });

  await until("every job is COMPLETED", 90_000, async () => {
    const { rows } = await client.query("select 1 from job where status <> 'COMPLETED' limit 1");
    return rows.length === 0;
  }).catch(() => {}); // said below

  // Stuck is the time in which the job was over upstream and, counted from the fault, nobody here knew it.
  const { rows } = await client.query<{ job_id: string; at: Date; times: number }>(
    `select job_id, max(at) as at, count(*)::int as times from job_event
     where detail->>'to' = 'COMPLETED' group by job_id`,
  );
  const known = new Map(rows.map((row) => [row.job_id, row]));
  const stuckMs = [...heldByKilled, ...heldByPaused].map(({ job_id, upstream_id, owner }) => {
    const knownAt = known.get(job_id)?.at.getTime() ?? Number.POSITIVE_INFINITY;
    const faultAt = owner === owners[0] ? killedAt : pausedAt;
    return knownAt - Math.max(faultAt, upstream.completedAt(upstream_id) ?? 0);
  });
  const { status, run } = upstream.counters().operations;
  const findings = await world.check([...intents, ...late]);
  const violations = [
    ...findings.violations,
    ...(await watch.trespasses()),
    ...rows.filter(({ times }) => times > 1).map(({ job_id }) => `job ${job_id} was completed twice`),
    ...(Math.max(...stuckMs) < LEASE_SECONDS * 1000 + GRACE_MS
      ? []
      : [`a job was stuck for ${Math.max(...stuckMs)} ms`]),
    ...(status.limited + run.limited > 0
      ? [`the upstream refused ${status.limited + run.limited} requests`]
      : []),
    ...(status.maxPerWindow > PROVIDER_LIMITS.status.perWindow
      ? [`${status.maxPerWindow} polls in 10 s`]
      : []),
  ];
  const of = { violations, slowestVerdictMs: findings.slowestVerdictMs };
  report({
    row: "18",
    title: `one of three collectors killed with ${heldByKilled.length} leases`,
    runs: 1,
    ...of,
  });
  report({
    row: "18",
    title: `one of three collectors paused for ${Math.round(pausedMs / 1000)} s with ${heldByPaused.length} leases`,
    runs: 1,
    ...of,
  });
  expect(violations).toEqual([]);
  expect(findings.states).toEqual({ COMPLETED: JOBS + late.length });
  for (const program of [paused, survivor])
    expect(program.child.exitCode ?? program.child.signalCode).toBe(null);
  process.stdout.write(
    `${JSON.stringify({ killed: heldByKilled.length, paused: heldByPaused.length, pausedMs, longestStuckMs: Math.round(Math.max(...stuckMs)), statusPerWindow: status.maxPerWindow, ...findings })}\n`,
  );
}, 400_000);
