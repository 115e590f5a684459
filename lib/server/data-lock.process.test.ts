import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockDirectory } from "@/lib/server/data-lock";
import { type Fixture, runFixture } from "@/lib/server/fixtures/run-fixture";

let directory: string;
let started: Fixture[];
beforeEach(() => {
  directory = path.join(mkdtempSync(path.join(tmpdir(), "jobdeck-lock-")), "run");
  started = [];
});
afterEach(async () => {
  for (const { child } of started) child.kill("SIGKILL");
  await Promise.all(started.map(({ exit }) => exit));
  rmSync(path.dirname(directory), { recursive: true, force: true });
});

const holder = (): Fixture => {
  const fixture = runFixture("hold-lock.ts", [directory]);
  started.push(fixture);
  return fixture;
};
const outcome = (fixture: Fixture) =>
  fixture.message((message) =>
    "held" in message ? { ...message, pid: fixture.pid } : undefined,
  ) as Promise<{
    held: boolean;
    message?: string;
    pid: number;
  }>;

describe("the lock on the data directory", () => {
  it("refuses a second holder at once and names the first", async () => {
    const { pid } = await outcome(holder());
    const startedAt = performance.now();
    await expect(lockDirectory(directory)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(new RegExp(`process ${pid}, started at 20\\d\\d-`)),
    });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it("passes to exactly one of several that find a holder killed by -9", async () => {
    const first = holder();
    await outcome(first);
    first.child.kill("SIGKILL");
    await first.exit;
    const outcomes = await Promise.all([holder(), holder(), holder(), holder()].map(outcome));
    const winners = outcomes.filter(({ held }) => held);
    expect(winners).toHaveLength(1);
    for (const { held, message } of outcomes)
      if (!held) expect(message).toContain(`process ${winners[0]?.pid}`);
    expect(readdirSync(directory)).toEqual(["lock.2"]);
  });

  it("is not kept by another process that got the dead holder's pid", async () => {
    await lockDirectory(directory);
    const lock = path.join(directory, "lock.1");
    const record = JSON.parse(readFileSync(lock, "utf8"));
    writeFileSync(lock, JSON.stringify({ ...record, startMark: `${record.startMark}0` }));
    expect(await outcome(holder())).toMatchObject({ held: true });
  });

  it.each<[name: string, alive: boolean]>([
    ["stays with a holder in another container that still beats", true],
    ["is taken from a holder in another container that beats no more", false],
  ])("%s", async (_name, alive) => {
    await lockDirectory(directory); // beats in this process
    const record = JSON.parse(readFileSync(path.join(directory, "lock.1"), "utf8"));
    const foreign = JSON.stringify({ ...record, hostname: `not-${hostname()}`, pid: 1 });
    if (alive) writeFileSync(path.join(directory, "lock.1"), foreign);
    else writeFileSync(path.join(directory, "lock.7"), foreign);
    expect(await outcome(holder())).toMatchObject({ held: !alive });
  });
});
