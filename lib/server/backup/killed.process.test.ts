import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";
import { allRows, emptyDatabase, fillTables, leaveAlone } from "@/lib/server/backup/testing-fill";
import { run } from "@/lib/server/backup/testing-run";
import { EXIT } from "@/lib/server/exit-codes";

let source: TestDatabase;
let target: TestDatabase;
let directory: string;
let whole: string;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), "jobdeck-killed-"));
  [source, target] = [await testDatabase(), await emptyDatabase()];
  await fillTables(source.url);
  const [job] = (await source.db.execute<{ id: string; workspace_id: string }>("select * from job")).rows;
  await source.db.execute(
    `insert into job_output_chunk (workspace_id, job_id, output_id, seq, data) select '${job!.workspace_id}', '${job!.id}', '${job!.id}', n, decode('${randomBytes(1_000_000).toString("hex")}', 'hex') from generate_series(100, 104) n`,
  );
  await leaveAlone(source.url);
  whole = path.join(directory, "whole.backup");
  await run(["backup", whole], { url: source.url, dataDir: directory });
});
afterAll(async () => {
  await source.close();
  await target.close();
  rmSync(directory, { recursive: true });
});

/** The command as a process of its own, which is killed at a failpoint or when it says something. */
function killed(
  args: string[],
  url: string,
  at: { failpoint: string } | { said: string; signal?: NodeJS.Signals },
): Promise<{ code: number | null; signal: NodeJS.Signals | null; words: string }> {
  const main = path.join(import.meta.dirname, "../main.ts");
  const child = spawn(process.execPath, ["--import", "tsx", main, ...args], {
    env: {
      ...process.env,
      NODE_ENV: "test",
      DATABASE_URL: url,
      JOBDECK_DATA_DIR: directory,
      JOBDECK_SECRET_KEY: "",
      JOBDECK_FAILPOINT: "failpoint" in at ? at.failpoint : "",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let words = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      words += chunk;
      if ("said" in at && words.includes(at.said)) child.kill(at.signal ?? "SIGKILL");
    });
  return new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal, words })));
}

const KILLED = { code: null, signal: "SIGKILL" };

// Each starts a process of its own, on a busy machine.
describe("killed half-way", { timeout: 60_000 }, () => {
  it.each(["backup-table:12", "backup-before-name"])(
    "a backup leaves nothing under its name (%s), and the next one is not in its way",
    async (failpoint) => {
      const file = path.join(directory, "new.backup");
      expect(await killed(["backup", file], source.url, { failpoint })).toMatchObject(KILLED);
      expect(existsSync(`${file}.partial`)).toBe(true);
      expect(existsSync(file)).toBe(false);
      const next = await run(["backup", file], { url: source.url, dataDir: directory });
      expect(next).toMatchObject({ code: EXIT.ok });
      expect(existsSync(`${file}.partial`)).toBe(false);
      rmSync(file);
    },
  );

  it("a backup's remains are no backup", async () => {
    const file = path.join(directory, "remains.backup");
    await killed(["backup", file], source.url, { failpoint: "backup-table:12" });
    const { code, words } = await run(["restore", `${file}.partial`], {
      url: target.url,
      dataDir: directory,
    });
    expect(words).toContain("is damaged or was cut short");
    expect(code).toBe(EXIT.failure);
  });

  it.each(["restore-table:12", "restore-counted", "restore-before-commit"])(
    "a restore leaves the database empty (%s)",
    async (failpoint) => {
      expect(await killed(["restore", whole], target.url, { failpoint })).toMatchObject(KILLED);
      expect(await allRows(target.url)).toEqual({});
    },
  );

  it("a restore leaves the database empty, also when it is killed in the middle of a table", async () => {
    const outcome = await killed(["restore", whole], target.url, { said: "  job  " });
    expect(outcome).toMatchObject(KILLED);
    expect(await allRows(target.url)).toEqual({});
  });

  it("a move leaves the new database empty and the old one as it was", async () => {
    await leaveAlone(source.url);
    const before = await allRows(source.url);
    const outcome = await killed(["db", "move", target.url], source.url, { failpoint: "restore-table:12" });
    expect(outcome).toMatchObject(KILLED);
    expect(await allRows(target.url)).toEqual({});
    expect(await allRows(source.url)).toEqual(before);
  });

  it("a restore that is stopped with Ctrl-C says that nothing was kept", async () => {
    const outcome = await killed(["restore", whole], target.url, { said: "  job  ", signal: "SIGINT" });
    expect(outcome).toMatchObject({ code: EXIT.failure, signal: null });
    expect(outcome.words).toContain("Stopped before the end. Nothing was kept.");
    expect(await allRows(target.url)).toEqual({});
  });

  it("a backup that is stopped with Ctrl-C leaves nothing at all", async () => {
    const file = path.join(directory, "stopped.backup");
    const outcome = await killed(["backup", file], source.url, { said: "Writing", signal: "SIGINT" });
    expect(outcome).toMatchObject({ code: EXIT.failure, signal: null });
    expect(existsSync(file) || existsSync(`${file}.partial`)).toBe(false);
  });

  it("works afterwards as if nothing had happened", async () => {
    expect((await run(["restore", whole], { url: target.url, dataDir: directory })).code).toBe(EXIT.ok);
    expect(await allRows(target.url)).toEqual(await allRows(source.url));
  });
});
