import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { bundleRoles } from "@/faults/bundle";
import { IS_LONG, report } from "@/faults/report";
import { freePort, type Program, startBundle, tail } from "@/faults/role";
import { until } from "@/faults/until";
import { settings, temporaryDirectory } from "@/faults/world";
import { MIGRATION_LOCK, migrationState } from "@/lib/db/migrate";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";

const KILLS = IS_LONG ? 20 : 2;

let home: ReturnType<typeof temporaryDirectory>;
let jobdeck: string;
let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  home = temporaryDirectory();
  jobdeck = (await bundleRoles(home.dir)).jobdeck;
});
afterAll(() => home.remove());
beforeEach(async () => {
  database = await testDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.close();
});

/** As before the first start: the tests' databases come migrated. */
async function empty(): Promise<void> {
  await client.query(
    "drop schema if exists drizzle cascade; drop schema public cascade; create schema public",
  );
}

const run = async (...args: string[]): Promise<Program> =>
  startBundle(
    jobdeck,
    args,
    { ...settings(home.dir, await freePort()), DATABASE_URL: database.url },
    home.logFile,
  );

/** The whole schema in a few lines. Not the book of migrations, which is opened before the transaction. */
async function schema(): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(`
    select format('%s.%s %s', table_schema, table_name, column_name) as line from information_schema.columns
      where table_schema = 'public'
    union all select indexdef from pg_indexes where schemaname = 'public'
    union all select tgname || ' on ' || tgrelid::regclass::text from pg_trigger where not tgisinternal
    order by 1`);
  return rows.map(({ line }) => line);
}

/** The connection of a process that migrates, once it has begun to change something. */
async function writing(): Promise<boolean> {
  const { rows } = await client.query(
    `select 1 from pg_stat_activity
     where application_name = 'jobdeck-migrate' and datname = current_database() and backend_xid is not null`,
  );
  return rows.length > 0;
}

const connections = async (): Promise<number> =>
  (
    await client.query<{ n: number }>(
      "select count(*)::int as n from pg_stat_activity where application_name = 'jobdeck-migrate' and datname = current_database()",
    )
  ).rows[0]!.n;

it(`row 19: kill -9 in the middle of a migration, ${KILLS} times: nothing or everything`, async () => {
  const complete = await schema();
  const violations: string[] = [];
  let interrupted = 0;
  for (let attempt = 0; interrupted < KILLS && attempt < 5 * KILLS; attempt++) {
    await empty();
    const program = await run("migrate");
    let isDone = false;
    void program.exit.then(() => {
      isDone = true;
    });
    while (!isDone && !(await writing()));
    await sleep(Math.random() * 30);
    const wasWriting = await writing();
    const exit = await program.end("SIGKILL");
    await until("the dead one's connection is gone", 30_000, async () => (await connections()) === 0);
    if (exit.signal !== "SIGKILL" || !wasWriting) continue; // it was faster; this one does not count
    interrupted++;
    const left = await schema();
    if (left.length > 0 && left.join() !== complete.join())
      violations.push(`a part was left: ${left.length} of ${complete.length} lines`);
    const next = await run("migrate");
    const { code } = await next.exit;
    if (code !== 0 || (await schema()).join() !== complete.join())
      violations.push(`the next migration ended with ${code}: ${tail(home.logFile)}`);
  }
  report({ row: "19", title: "kill -9 in the middle of a migration", runs: interrupted, violations });
  expect(violations).toEqual([]);
  expect(interrupted).toBe(KILLS);
}, 300_000);

it("row 19: three migrations at once", async () => {
  const complete = await schema();
  const applied = async () =>
    (
      await client.query<{ at: string }>("select created_at as at from drizzle.__drizzle_migrations")
    ).rows.map(({ at }) => at);
  const once = await applied();
  await empty();
  // All of them stand at the same gate before it is opened.
  await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
  const programs = await Promise.all([run("migrate"), run("migrate"), run("migrate")]);
  await until("all of them wait", 60_000, async () => (await connections()) === programs.length);
  await client.query("select pg_advisory_unlock($1)", [MIGRATION_LOCK]);
  const exits = await Promise.all(programs.map(({ exit }) => exit));
  const violations = [
    ...exits.filter(({ code }) => code !== 0).map(({ code, signal }) => `one ended with ${code ?? signal}`),
    ...((await schema()).join() === complete.join() ? [] : ["the schema is not whole"]),
    ...((await applied()).join() === once.join() ? [] : ["a migration was applied twice"]),
  ];
  report({ row: "19", title: "three migrations at once", runs: 1, violations });
  expect(violations).toEqual([]);
}, 120_000);

it("row 19: a newer database and an older program", async () => {
  await client.query(
    "insert into drizzle.__drizzle_migrations (hash, created_at) values ('of a newer Jobdeck', 9999999999999)",
  );
  expect(await migrationState(client)).toBe("ahead");
  const before = await schema();
  const programs = await Promise.all([
    run("migrate"),
    run("start", "--role", "web"),
    run("start", "--role", "collector"),
  ]);
  const exits = await Promise.all(programs.map(({ exit }) => exit));
  const said = tail(home.logFile);
  const violations = [
    ...exits.filter(({ code }) => code !== 1).map(({ code, signal }) => `one ended with ${code ?? signal}`),
    ...(said.split("This database was migrated by a newer Jobdeck than this one.").length === 4
      ? []
      : [`they said ${said}`]),
    ...((await schema()).join() === before.join() ? [] : ["the schema was changed"]),
  ];
  report({ row: "19", title: "newer database, older program", runs: programs.length, violations });
  expect(violations).toEqual([]);
}, 120_000);
