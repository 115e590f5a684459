import { execFile, execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Fixture, runFixture } from "@/lib/server/fixtures/run-fixture";
import { stopForeign } from "@/lib/server/process-identity";
import { type RunState, readState } from "@/lib/server/run-state";

let directory: string;
let started: Fixture[];
let seen: RunState["processes"];

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "jobdeck-emb-"));
  if (process.getuid?.() === 0) execFileSync("chmod", ["711", directory]);
  started = [];
  seen = [];
});
afterEach(async () => {
  for (const { child } of started) child.kill("SIGTERM");
  await Promise.all(started.map(({ exit }) => exit));
  await Promise.all(seen.map((process_) => stopForeign(process_, [])));
  rmSync(directory, { recursive: true });
});

const homeOf = (name: string): string => path.join(directory, name);
const stateOf = (name: string): RunState | undefined => readState(path.join(homeOf(name), "run/state.json"));

async function start(name: string): Promise<Fixture> {
  const fixture = runFixture("supervise.ts", [], { JOBDECK_DATA_DIR: homeOf(name), DATABASE_URL: "" });
  started.push(fixture);
  await fixture.message(({ line }) =>
    typeof line === "string" && line.startsWith("Jobdeck is ready") ? line : undefined,
  );
  seen.push(...stateOf(name)!.processes);
  return fixture;
}

const jobdeck = (
  name: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; words: string }> =>
  new Promise((resolve) => {
    const main = path.join(import.meta.dirname, "../main.ts");
    const settings = { DATABASE_URL: "", JOBDECK_SECRET_KEY: "", JOBDECK_DATA_DIR: homeOf(name), ...env };
    execFile(
      process.execPath,
      ["--import", "tsx", main, ...args],
      { env: { ...process.env, ...settings } },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, words: out + err }),
    );
  });

async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

it("backs up the embedded database while it runs and while it does not, and restores into a new one", async () => {
  const running = await start("first");
  await ask(stateOf("first")!.databaseUrl!, "insert into install (key, value) values ('probe', 'kept')");
  const [live, resting] = ["live", "resting"].map((name) => path.join(directory, `${name}.backup`));
  expect(await jobdeck("first", ["backup", live!])).toMatchObject({ code: 0 });
  for (const args of [
    ["restore", live!],
    ["db", "move", "postgresql://127.0.0.1:9/none"],
  ]) {
    const refused = await jobdeck("first", args);
    expect(refused.words).toContain(`is in use by another Jobdeck: process ${running.pid}`);
    expect(refused.code).toBe(1);
  }
  running.child.kill("SIGTERM");
  await running.exit;
  expect(await jobdeck("first", ["backup", resting!])).toMatchObject({ code: 0 });

  const withoutKey = await jobdeck("second", ["restore", resting!]);
  expect(withoutKey).toMatchObject({ code: 0 });
  expect(withoutKey.words).toContain("The secret key of this backup is not here");
  copyFileSync(path.join(homeOf("first"), "secret.key"), path.join(homeOf("second"), "secret.key"));
  await start("second");
  expect(await ask(stateOf("second")!.databaseUrl!, "select value from install where key = 'probe'")).toEqual(
    [{ value: "kept" }],
  );
  // Nothing of the commands is left running or lying about.
  expect(existsSync(path.join(homeOf("first"), "run/state.json"))).toBe(false);
}, 90_000);
