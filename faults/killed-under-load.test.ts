import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, onTestFailed } from "vitest";
import { startUpstream, type Upstream } from "@/bench/upstream/start";
import { acceptedBy } from "@/faults/check";
import { type Installation, startInstallation } from "@/faults/installation";
import { type Intent, inParallel, newIntent, submitSurely } from "@/faults/intents";
import { type Accepted, isEchoOf } from "@/faults/invariants";
import { IS_LONG, report } from "@/faults/report";
import { until } from "@/faults/until";

const JOBS = IS_LONG ? 500 : 40;
const KILLS = IS_LONG ? 8 : 2;
/** Submits go on during all kills and a while after. */
const LOAD_MS = KILLS * 4_000 + 4_000;
const SUBMITTERS = 8;
/** Stored in several pieces, so that a kill may come between them. */
const LARGE = 600_000;

let upstream: Upstream;
let installation: Installation;

beforeAll(async () => {
  upstream = await startUpstream({ workers: 20, runMedianMs: 1_000 });
  installation = await startInstallation(upstream);
}, 300_000);
afterAll(async () => {
  await installation?.close();
  await upstream?.close();
}, 60_000);

const openJobs = () =>
  installation
    .read((client) =>
      client.query<{ status: string; count: number }>(
        "select status, count(*)::int as count from job where status <> 'COMPLETED' group by status",
      ),
    )
    .then(({ rows }) => rows);

/** The built-in endpoint's own ledger, in the words of the counting one. */
async function acceptedLocally(intents: readonly Intent[]): Promise<Accepted[]> {
  const { rows } = await installation.read((client) =>
    client.query<{ id: string; status: string; client_key: string | null }>(
      `select l.id, l.status, j.client_key from local_job l
       left join job j on j.upstream_id = l.id and j.endpoint_id = $1`,
      [installation.localEndpointId],
    ),
  );
  return rows.map(({ id, status, client_key }) => ({
    id,
    status,
    marker: intents.find(({ clientKey }) => clientKey === client_key)?.marker,
  }));
}

it("row 17: a second process on the data directory refuses at once and names the holder", async () => {
  const inUse = () =>
    installation
      .read((client) => client.query("select pg_postmaster_start_time() as since"))
      .then(({ rows }) => rows);
  const before = await inUse();
  const { exit, said, ms } = await installation.startAnother();
  const violations = [
    ...(exit.code === 1 ? [] : [`it ended with ${exit.code ?? exit.signal}`]),
    ...(new RegExp(`in use by another Jobdeck: process ${installation.pid}, started at 20`).test(said)
      ? []
      : [`it said ${said}`]),
    // It never came as far as to touch the database that the first one runs.
    ...(JSON.stringify(await inUse()) === JSON.stringify(before) ? [] : ["the database was started again"]),
  ];
  report({
    row: "17",
    title: `second process on the data directory (gone after ${ms} ms)`,
    runs: 1,
    violations,
  });
  expect(violations).toEqual([]);
  expect((await fetch(`${installation.url}/readyz`)).status).toBe(200);
}, 60_000);

it(`rows 5, 16: kill -9 of PostgreSQL and of the collector, ${KILLS} times, under a load of ${JOBS} jobs`, async () => {
  onTestFailed(() => void process.stderr.write(installation.said().slice(-20_000)));
  const { url, browser, endpointId, localEndpointId } = installation;
  const far = Array.from({ length: JOBS / 2 }, () => newIntent(endpointId, { sim: { outputBytes: LARGE } }));
  const near = Array.from({ length: JOBS / 2 }, () => ({
    ...newIntent(localEndpointId),
    input: { prompt: "The lazy brown fox jumps over the", max_tokens: 20 },
  }));
  const intents = far.flatMap((one, i) => [one, near[i]!]);
  const refusals: number[] = [];
  const load = inParallel(intents, SUBMITTERS, async (intent) => {
    const from = performance.now();
    const { refusals: refused } = await submitSurely(url, browser, intent);
    if (refused.length > 0) refusals.push(Math.round(performance.now() - from));
    // Said as what it is: the database is away. Never a failure of ours, never a web process that fell with it.
    for (const refusal of refused) expect(refusal).toMatchObject({ status: 503 });
    await sleep((LOAD_MS * SUBMITTERS) / JOBS);
  });
  const kills: string[] = [];
  const kill = async () => {
    while (kills.length < KILLS) {
      await sleep(1_000 + Math.random() * 2_000);
      const role = kills.length % 3 === 1 ? "collector" : "postgres";
      await installation.kill(role);
      kills.push(role);
    }
  };
  await Promise.all([load, kill()]);
  expect(new Set(kills)).toEqual(new Set(["postgres", "collector"]));

  await until("every job is COMPLETED", 90_000, async () => (await openJobs()).length === 0).catch(
    () => {}, // said below, by state
  );
  expect(await openJobs()).toEqual([]);
  const findings = await installation.check(intents, {
    accepted: [...acceptedBy(upstream), ...(await acceptedLocally(near))],
    isOutputOf: (output, intent) =>
      intent.endpointId === endpointId
        ? isEchoOf(output, intent) && (output as { payload?: string }).payload?.length === LARGE
        : JSON.stringify(output ?? "").length > 20,
  });
  const of = (role: string) => kills.filter((one) => one === role).length;
  report({
    row: "16",
    title: `PostgreSQL killed under a load of ${JOBS} jobs`,
    runs: of("postgres"),
    ...findings,
  });
  report({
    row: "5",
    title: `collector killed among outputs of ${LARGE / 1000} kB`,
    runs: of("collector"),
    ...findings,
  });
  expect(findings.violations).toEqual([]);
  expect(findings.states).toEqual({ COMPLETED: JOBS });
  expect(upstream.jobs().length + near.length).toBe(JOBS);
  process.stdout.write(`${JSON.stringify({ kills, refusals, ...findings })}\n`);
}, 300_000);
