import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";
import { allRows, emptyDatabase, fillTables, leaveAlone } from "@/lib/server/backup/testing-fill";
import { run } from "@/lib/server/backup/testing-run";
import { EXIT } from "@/lib/server/exit-codes";

let source: TestDatabase;
let target: TestDatabase;
let dataDir: string;
let client: pg.Client;

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), "jobdeck-move-"));
  source = await testDatabase();
  await fillTables(source.url);
});
beforeEach(async () => {
  target = await emptyDatabase();
  client = new pg.Client({ connectionString: source.url, application_name: "a test" });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await target.close();
});
afterAll(async () => {
  await source.close();
  rmSync(dataDir, { recursive: true });
});

const move = (to = target.url) => run(["db", "move", to], { url: source.url, dataDir });

describe("db move", () => {
  it("carries every row over, compares, and says what to set next without showing a password", async () => {
    await leaveAlone(source.url);
    const withPassword = target.url.replace("jobdeck@", "jobdeck:pass-word@");
    const { code, words } = await move(withPassword);
    expect(words).toContain("counts and checksums agree");
    expect(code).toBe(EXIT.ok);
    expect(words).toMatch(/DATABASE_URL=postgresql:\/\/jobdeck:…@/);
    expect(words).toContain("JOBDECK_SECRET_KEY=");
    expect(words).not.toContain("pass-word");
    expect(await allRows(target.url)).toEqual(await allRows(source.url));
  });

  it("refuses while a collector beats, and while a web process is connected", async () => {
    await leaveAlone(source.url);
    await client.query(
      "insert into process (id, role, host, pid) values (gen_random_uuid(), 'collector', 'gpu-1', 4711)",
    );
    const beating = await move();
    expect(beating.words).toContain("collector (process 4711 on gpu-1)");
    await client.query("delete from process");
    const web = new pg.Client({ connectionString: source.url, application_name: "jobdeck-web" });
    await web.connect();
    const connected = await move();
    await web.end();
    expect(connected.words).toContain("Jobdeck still works on this database: jobdeck-web");
    expect([beating.code, connected.code]).toEqual([EXIT.failure, EXIT.failure]);
    expect(await allRows(target.url)).toEqual({});
  });

  it("keeps writers out while it copies, and refuses in words when one does not let go", async () => {
    await leaveAlone(source.url);
    await client.query("begin");
    await client.query("update workspace set rev = rev");
    const { code, words } = await move();
    await client.query("rollback");
    expect(words).toContain("A table is locked by somebody else");
    expect(code).toBe(EXIT.failure);
  });

  it("refuses a target that is not empty, not there, or not an address", async () => {
    await leaveAlone(source.url);
    const full = await move(source.url);
    expect(full.words).toContain("The database is not empty");
    const missing = await move(target.url.replace(/\/test_\w+/, "/no_such_database"));
    expect(missing.words).toContain('database "no_such_database" does not exist');
    const unreachable = await move("postgresql://jobdeck:pass-word@127.0.0.1:9/jobdeck");
    expect(unreachable.words).toContain("The database cannot be reached: connect ECONNREFUSED");
    const nonsense = await move("mysql://jobdeck:pass-word@h/d");
    expect(unreachable.words + nonsense.words).not.toContain("pass-word");
    expect([full, missing, unreachable, nonsense].map(({ code }) => code)).toEqual([
      EXIT.failure,
      EXIT.failure,
      EXIT.failure,
      EXIT.usage,
    ]);
  });

  it("ends with words and an empty target when a database goes away in the middle", async () => {
    await leaveAlone(source.url);
    const before = await allRows(source.url);
    const admin = new pg.Client({ connectionString: target.url, application_name: "a test" });
    await admin.connect();
    const outcome = move();
    await vi.waitFor(
      async () => {
        const { rows } = await admin.query<{ pid: number }>(
          "select pid from pg_stat_activity where datname = current_database() and application_name = 'jobdeck-backup' and state = 'active'",
        );
        await admin.query("select pg_terminate_backend($1)", [rows[0]!.pid]);
      },
      { timeout: 10_000, interval: 5 },
    );
    await admin.end();
    const { code, words } = await outcome;
    expect(words).toMatch(/The database (refused|cannot be reached)/);
    expect(code).toBe(EXIT.failure);
    expect(await allRows(target.url)).toEqual({});
    expect(await allRows(source.url)).toEqual(before);
  });
});
