import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Fixture, runFixture } from "@/lib/server/fixtures/run-fixture";
import { isRunning, stopForeign } from "@/lib/server/process-identity";
import { type RunState, readState } from "@/lib/server/run-state";

let dataDir: string;
let started: Fixture[];
/** Every process that was ever recorded, so that no failed test leaves one behind. */
let seen: RunState["processes"];

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), "jobdeck-sup-"));
  if (process.getuid?.() === 0) execFileSync("chmod", ["711", dataDir]);
  started = [];
  seen = [];
});
afterEach(async () => {
  for (const { child } of started) child.kill("SIGTERM");
  await Promise.all(started.map(({ exit }) => exit));
  await Promise.all(seen.map((process_) => stopForeign(process_, [])));
  const databaseUrl = readState(path.join(dataDir, "run/state.json"))?.databaseUrl;
  if (databaseUrl) rmSync(new URL(databaseUrl).searchParams.get("host")!, { recursive: true, force: true });
  rmSync(dataDir, { recursive: true, force: true });
});

function start(env: Record<string, string> = {}): Fixture {
  const fixture = runFixture("supervise.ts", [], {
    JOBDECK_DATA_DIR: dataDir,
    DATABASE_URL: "",
    PORT: "3123",
    ...env,
  });
  started.push(fixture);
  return fixture;
}

const said = (fixture: Fixture, start_: string) =>
  fixture.message(({ line }) => (typeof line === "string" && line.startsWith(start_) ? line : undefined));

function processes(): RunState["processes"] {
  const { processes } = readState(path.join(dataDir, "run/state.json"))!;
  seen.push(...processes);
  return processes;
}
const byRole = (role: string) => processes().find((process_) => process_.role === role)!;

async function up(env?: Record<string, string>): Promise<Fixture> {
  const fixture = start(env);
  await said(fixture, "First run");
  processes();
  return fixture;
}

// Real processes on a busy machine take their time to start; what is promised is measured inside.
describe("the supervisor", { timeout: 60_000 }, () => {
  it("says the address and the setup link once, and ends everything with code 0 when asked", async () => {
    const fixture = start();
    expect(await said(fixture, "Jobdeck is ready")).toBe("Jobdeck is ready: http://127.0.0.1:3123");
    expect(await said(fixture, "First run")).toContain("http://127.0.0.1:3123/setup?token=the-token");
    const running = processes();
    expect(running.map(({ role }) => role)).toEqual(["postgres", "web", "collector"]);
    const askedAt = performance.now();
    fixture.child.kill("SIGINT");
    fixture.child.kill("SIGTERM"); // npm passes on what the terminal has sent already
    expect(await fixture.exit).toEqual({ code: 0, signal: null });
    expect(performance.now() - askedAt).toBeLessThan(5_000);
    expect(running.filter(isRunning)).toEqual([]);
  });

  it("stops in under 5 s even when the roles do not", async () => {
    const fixture = await up({ JOBDECK_FIXTURE: "hangs" });
    const running = processes();
    const askedAt = performance.now();
    fixture.child.kill("SIGTERM");
    expect(await fixture.exit).toEqual({ code: 0, signal: null });
    expect(performance.now() - askedAt).toBeLessThan(5_000);
    expect(running.filter(isRunning)).toEqual([]);
  });

  it.each(["web", "collector", "postgres"])("brings %s back after kill -9", async (role) => {
    await up();
    const before = byRole(role);
    process.kill(before.pid, "SIGKILL");
    await vi.waitFor(() => expect(byRole(role)?.pid ?? before.pid).not.toBe(before.pid), { timeout: 10_000 });
    expect(isRunning(byRole(role))).toBe(true);
  });

  it("refuses a data directory that another one uses, naming it, and does it no harm", async () => {
    const first = await up();
    const running = processes();
    const second = start();
    const error = await second.message((message) => message.error as string | undefined);
    expect(error).toContain(`process ${first.pid}, started at`);
    expect(await second.exit).toMatchObject({ code: 1 });
    expect(running.every(isRunning)).toBe(true);
    expect(processes()).toEqual(running);
  });

  it("takes over after kill -9: nothing of the old one runs, and no row is lost", async () => {
    const first = await up();
    const old = processes();
    const { databaseUrl } = readState(path.join(dataDir, "run/state.json"))!;
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query("insert into install (key, value) values ('probe', 'kept')");
    await client.end();
    // Frozen, the roles cannot leave by themselves.
    for (const { role, pid } of old) if (role !== "postgres") process.kill(pid, "SIGSTOP");
    first.child.kill("SIGKILL");
    await first.exit;
    expect(old.every(isRunning)).toBe(true);

    await up();
    expect(old.filter(isRunning)).toEqual([]);
    const again = new pg.Client({
      connectionString: readState(path.join(dataDir, "run/state.json"))!.databaseUrl,
    });
    await again.connect();
    expect((await again.query("select value from install where key = 'probe'")).rows).toEqual([
      { value: "kept" },
    ]);
    await again.end();
  });

  it("leaves no role behind when it is killed by -9 and never started again", async () => {
    const fixture = await up();
    const roles = processes().filter(({ role }) => role !== "postgres");
    fixture.child.kill("SIGKILL");
    await vi.waitFor(() => expect(roles.filter(isRunning)).toEqual([]), { timeout: 5_000 });
  });
});
