import { afterAll, beforeAll, expect, it, onTestFailed } from "vitest";
import { startUpstream, type Upstream } from "@/bench/upstream/start";
import { WEBHOOKS_ON } from "@/bench/upstream/webhooks";
import { inParallel, newIntent, signIn, submit, submitSurely } from "@/faults/intents";
import { type LeaseWatch, nameOf, watchLeases } from "@/faults/leases";
import { OWNER } from "@/faults/people";
import { IS_LONG, report } from "@/faults/report";
import { type Env, freePort, type Program } from "@/faults/role";
import { until } from "@/faults/until";
import { startWorld, type World } from "@/faults/world";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";

const JOBS = IS_LONG ? 300 : 40;
const EVERY_MS = 1_000;
/** Jumps of two hours, in opposite directions, so that the processes disagree by up to two hours at any moment. */
const AHEAD = [60, -60];
const BEHIND = [-60, 60];
/** better-auth writes these by its process's clock; they say nothing about jobs. */
const NOT_OURS = ["user", "account", "session", "verification", "rate_limit"];

let database: TestDatabase;
let upstream: Upstream;
let world: World;
let watch: LeaseWatch;
let startedAt: Date;
let url: string;
let programs: Program[];
const jumps = new Map<number, number>();

async function startJumping(
  role: "web" | "collector",
  minutes: number[],
  more: Partial<Env>,
): Promise<Program> {
  const program = await world.start(role, { ...(await world.clock(minutes, EVERY_MS)), ...more });
  program.child.on("message", (message) => {
    const { type, aheadMs } = (message ?? {}) as { type?: unknown; aheadMs?: number };
    // As its own code reads the clock after the jump.
    if (type !== "clock" || Math.abs(aheadMs ?? 0) < 59 * 60_000) return;
    jumps.set(program.pid, (jumps.get(program.pid) ?? 0) + 1);
  });
  return program;
}

const databaseNow = async (): Promise<Date> =>
  (await world.client.query<{ now: Date }>("select clock_timestamp() as now")).rows[0]!.now;

beforeAll(async () => {
  // No callbacks, and answers that take a while: polls are under way, and their jobs leased, at each jump.
  upstream = await startUpstream({
    workers: 30,
    runMedianMs: 3_000,
    roundTripMs: 300,
    webhooks: { ...WEBHOOKS_ON, enabled: false },
  });
  database = await testDatabase();
  world = await startWorld(database.url, upstream);
  startedAt = await databaseNow();
  watch = await watchLeases(world.client);
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  programs = await Promise.all([
    startJumping("web", AHEAD, { PORT: String(port) }),
    startJumping("collector", AHEAD, { JOBDECK_ROLE: nameOf(1) }),
    startJumping("collector", BEHIND, { JOBDECK_ROLE: nameOf(2) }),
  ]);
  for (const n of [1, 2]) await watch.know(programs[n]!, nameOf(n));
}, 300_000);
afterAll(async () => {
  await world?.close();
  await upstream?.close();
  await database?.close();
}, 60_000);

/** Every instant in every table of ours that does not lie in the time of this test. */
async function shiftedInstants(): Promise<string[]> {
  const columns = await world.client.query<{ table: string; column: string }>(
    `select table_name as table, column_name as column from information_schema.columns
     where table_schema = 'public' and data_type = 'timestamp with time zone' and table_name <> all ($1)`,
    [NOT_OURS],
  );
  const shifted: string[] = [];
  const seen = new Set<string>();
  for (const { table, column } of columns.rows) {
    const { rows } = await world.client.query<{ at: Date; shifted: boolean }>(
      `select "${column}" as at, "${column}" not between $1::timestamptz - interval '1 minute'
         and clock_timestamp() + interval '10 minutes' as shifted
       from "${table}" where "${column}" is not null and "${column}" <> 'epoch'`,
      [startedAt],
    );
    if (rows.length > 0) seen.add(`${table}.${column}`);
    const wrong = rows.find((row) => row.shifted);
    if (wrong) shifted.push(`${table}.${column} says ${wrong.at.toISOString()}`);
  }
  for (const column of ["job.created_at", "job.finished_at", "job_event.at", "process.heartbeat_at"])
    if (!seen.has(column)) throw new Error(`nothing was looked at in ${column}`);
  return shifted;
}

it(`row 29: the clocks of web and two collectors jump by two hours, every second, under ${JOBS} jobs`, async () => {
  onTestFailed(() => void process.stderr.write(world.said().slice(-20_000)));
  const { client } = world;
  const browser = await signIn(url, OWNER);
  const intents = Array.from({ length: JOBS }, () => newIntent(world.endpointId));
  await inParallel(intents, 5, (intent) => submitSurely(url, browser, intent));
  let violations: string[] = [];
  await until("leases are held while clocks jump", 60_000, async () => {
    const { rows } = await client.query(
      "select 1 from job_watch where phase <> 'send' and lease_until > now()",
    );
    if (rows.length > 0) violations = await watch.trespasses();
    return rows.length > 0 && programs.every(({ pid }) => (jumps.get(pid) ?? 0) >= 3);
  });
  expect(violations).toEqual([]);

  if (IS_LONG) {
    // A deadline of half a minute, across jumps of two hours: neither missed nor early.
    const port = await freePort();
    const dying = await startJumping("web", BEHIND, {
      PORT: String(port),
      JOBDECK_FAILPOINT: "after-send",
      JOBDECK_PUBLIC_URL: undefined,
    });
    const intent = newIntent(world.endpointId);
    intents.push(intent);
    expect(await submit(`http://127.0.0.1:${port}`, browser, intent)).toMatchObject({ status: null });
    expect(await dying.exit).toMatchObject({ signal: "SIGKILL" });
    await submitSurely(url, browser, intent); // the same click: nothing is sent again
    await until("it is in doubt", 60_000, async () => {
      const { rows } = await client.query("select 1 from job where status = 'UNCONFIRMED'");
      return rows.length === 1;
    });
    const { rows } = await client.query<{ ms: number }>(
      `select (extract(epoch from min(e.at) - min(j.send_started_at)) * 1000)::int as ms from job j
       join job_event e on e.job_id = j.id and e.detail->>'to' = 'UNCONFIRMED'`,
    );
    if (rows[0]!.ms < 24_000) violations.push(`a send was in doubt after ${rows[0]!.ms} ms already`);
  }

  await until("every other job is COMPLETED", 120_000, async () => {
    const { rows } = await client.query(
      "select 1 from job where status not in ('COMPLETED', 'UNCONFIRMED') limit 1",
    );
    return rows.length === 0;
  }).catch(() => {}); // said below
  const findings = await world.check(intents);
  violations.push(...findings.violations, ...(await watch.trespasses()), ...(await shiftedInstants()));
  const count = [...jumps.values()].reduce((sum, n) => sum + n, 0);
  report({
    row: "29",
    title: `clocks of web and two collectors jump by two hours under ${JOBS} jobs`,
    runs: count,
    violations,
    slowestVerdictMs: findings.slowestVerdictMs,
  });
  expect(violations).toEqual([]);
  expect(findings.states).toEqual(IS_LONG ? { COMPLETED: JOBS, UNCONFIRMED: 1 } : { COMPLETED: JOBS });
  process.stdout.write(`${JSON.stringify({ jumps: count, ...findings })}\n`);
}, 300_000);
