import { execFileSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type EmbeddedPostgres, startPostgres } from "@/lib/server/postgres";
import { startMark } from "@/lib/server/process-identity";

async function ask(database: EmbeddedPostgres, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.url });
  client.on("error", () => {}); // the server is killed under it
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

describe("the embedded PostgreSQL", () => {
  let dataDir: string;
  let database: EmbeddedPostgres;
  const start = () => startPostgres({ dataDir, note: () => {} });

  beforeAll(async () => {
    dataDir = mkdtempSync(path.join(tmpdir(), "jobdeck-pg-"));
    if (process.getuid?.() === 0) execFileSync("chmod", ["711", dataDir]);
    // What an interrupted first start leaves behind.
    mkdirSync(path.join(dataDir, "postgres.new"));
    writeFileSync(path.join(dataDir, "postgres.new/PG_VERSION"), "");
    database = await start();
  });
  afterAll(async () => {
    await database.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("syncs every commit, checks its pages and listens on nothing but its socket", async () => {
    const settings = [
      "fsync",
      "full_page_writes",
      "synchronous_commit",
      "data_checksums",
      "listen_addresses",
    ];
    const columns = settings.map((name) => `current_setting('${name}') as ${name}`).join(", ");
    expect(await ask(database, `select ${columns}`)).toEqual([
      {
        fsync: "on",
        full_page_writes: "on",
        synchronous_commit: "on",
        data_checksums: "on",
        listen_addresses: "",
      },
    ]);
  });

  it("never runs as root, and gives Jobdeck a role that is not its superuser", async () => {
    const user = execFileSync("ps", ["-o", "user=", "-p", String(database.pid())], {
      encoding: "utf8",
    }).trim();
    expect(user).not.toBe("root");
    const [row] = await ask(
      database,
      "select rolsuper, rolcreatedb from pg_roles where rolname = current_user",
    );
    expect(row).toEqual({ rolsuper: false, rolcreatedb: false });
  });

  it("keeps data and socket to its own user, under a path that fits", () => {
    const socketDir = new URL(database.url).searchParams.get("host")!;
    expect(statSync(socketDir).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(dataDir, "postgres")).mode & 0o777).toBe(0o700);
    expect(path.join(socketDir, ".s.PGSQL.5432").length).toBeLessThan(104);
    expect(new URL(database.url).password).toBe("");
  });

  it("comes back by itself after kill -9, with every acknowledged row", async () => {
    await ask(database, "create table kept (n int)");
    await ask(database, "insert into kept select generate_series(1, 1000)");
    const before = database.pid()!;
    process.kill(before, "SIGKILL");
    await vi.waitFor(
      async () => expect(await ask(database, "select count(*)::int as n from kept")).toEqual([{ n: 1000 }]),
      { timeout: 15_000, interval: 20 },
    );
    expect(database.pid()).not.toBe(before);
  });

  it("starts although its pid file names a process that has nothing to do with it", async () => {
    await database.stop();
    const pidFile = path.join(dataDir, "postgres/postmaster.pid");
    writeFileSync(pidFile, `${process.ppid}\n${path.join(dataDir, "postgres")}\n1\n5432\n\n\n0 0\nready\n`);
    const { uid, gid } = statSync(path.join(dataDir, "postgres"));
    if (process.getuid?.() === 0) chownSync(pidFile, uid, gid);
    database = await start();
    expect(startMark(process.ppid)).toBeDefined();
    expect(await ask(database, "select count(*)::int as n from kept")).toEqual([{ n: 1000 }]);
  });

  it("writes no statement and no value to its log", async () => {
    await ask(
      database,
      "create table marked (secret text primary key); insert into marked values ('canary')",
    );
    await expect(ask(database, "insert into marked values ('canary')")).rejects.toThrow(/duplicate key/);
    const log = readFileSync(path.join(dataDir, "logs/postgres.log"), "utf8");
    expect(log).toContain("duplicate key");
    expect(log).not.toContain("canary");
  });

  it("stops fast and takes its socket away", async () => {
    const socketDir = new URL(database.url).searchParams.get("host")!;
    const pid = database.pid()!;
    const startedAt = performance.now();
    await database.stop();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect([startMark(pid), existsSync(socketDir)]).toEqual([undefined, false]);
  });
});
