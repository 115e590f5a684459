import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import pg from "pg";
import { expect, it } from "vitest";
import { testDatabase } from "@/lib/db/testing";
import { fillTables } from "@/lib/server/backup/testing-fill";
import { run } from "@/lib/server/backup/testing-run";

it("is of one moment, and holds up nobody who writes meanwhile", async () => {
  const directory = mkdtempSync(path.join(tmpdir(), "jobdeck-snapshot-"));
  const source = await testDatabase();
  await fillTables(source.url);
  const writer = new pg.Client({ connectionString: source.url });
  await writer.connect();
  let ticks = 0;
  let isOver = false;
  // One transaction writes to the table that is read first and to the one that is read last.
  const write = async (): Promise<void> => {
    const tick = `tick ${++ticks}`;
    await writer.query("begin");
    await writer.query("insert into install (key, value) values ($1, '')", [tick]);
    await writer.query(
      "insert into webhook_receipt (workspace_id, job_id, claimed_status, bytes) select workspace_id, id, $1, 0 from job limit 1",
      [tick],
    );
    await writer.query("commit");
  };
  const writing = (async () => {
    while (!isOver) await write();
  })();
  const file = path.join(directory, "busy.backup");
  const { words } = await run(["backup", file], { url: source.url, dataDir: directory });
  isOver = true;
  await writing;
  expect(words).toContain("Wrote");
  const text = gunzipSync(readFileSync(file)).toString();
  const inFirst = text.match(/^tick \d+/gm)!.length;
  const inLast = text.match(/\ttick \d+\t/g)!.length;
  expect(inFirst).toBe(inLast);
  expect(ticks).toBeGreaterThan(inFirst + 5); // they went on while it was being written
  await writer.end();
  await source.close();
  rmSync(directory, { recursive: true });
});
