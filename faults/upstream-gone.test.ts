import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { IS_LONG, report } from "@/faults/report";
import { type Provider, type Stand, startStand } from "@/faults/upstream-stand";
import { makeJob, readEvents, readRow } from "@/lib/jobs/testing";

const JOBS = IS_LONG ? 100 : 10;

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
}, 120_000);
afterAll(() => stand?.close(), 60_000);

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
const missing = (at: Provider) => at.upstream.counters().statusTold.missing ?? 0;
const LIVE = { sim: { runMs: 3_600_000 } };

it("row 13: results are kept before a short retention drops them", async () => {
  const retentionMs = IS_LONG ? 20_000 : 6_000;
  const at = await stand.provider({ retentionMs, scale: 1, outputBytes: 20_000 });
  await stand.submit(
    at,
    Array.from({ length: JOBS }, (_, i) => ({ sim: { runMs: 500 + (i % 10) * 100 } })),
  );
  await stand.untilAll(at, "COMPLETED", 120_000);
  // The fault: nothing is left of them at the provider.
  await sleep(retentionMs + 1_000);
  const [first] = at.upstream.jobs();
  const answer = await fetch(`${at.upstream.url}/ep1/status/${first!.id}`, {
    headers: { authorization: `Bearer ${at.upstream.key}` },
  });
  const findings = await stand.check();
  report({ row: "13", title: `results that live ${retentionMs / 1000} s`, runs: JOBS, ...findings });
  expect(answer.status).toBe(404);
  expect(findings.violations).toEqual([]);
  expect(await stand.states(at)).toEqual({ COMPLETED: JOBS });
}, 240_000);

it("row 13: a job that is gone is EXPIRED with a reason, LOST after two looks 30 s apart, and not before", async () => {
  const at = await stand.provider();
  const gone = (name: string, queued: number, watch: object, more: object = {}) =>
    makeJob(stand.ctx, at.endpoint, {
      status: "IN_PROGRESS",
      upstreamId: `gone-${name}`,
      createdAt: ago(queued),
      queuedAt: ago(queued),
      observedAt: ago(queued),
      watch,
      ...more,
    });
  // As they stand after a time without a collector, or with a provider that forgets.
  const [unseen, overdue, second, first, fresh] = [
    await gone("unseen-for-31-minutes", 7_200, { lastSeenAt: ago(1_900) }),
    await gone("ttl-is-over", 120, { lastSeenAt: ago(20) }, { ttlMs: 60_000 }),
    await gone("second-look", 600, { lastSeenAt: ago(40), missingSince: ago(31), misses: 1 }),
    await gone("first-look", 600, { lastSeenAt: ago(5) }),
    await gone("just-accepted", 1, { lastSeenAt: ago(1) }),
  ];
  const before = missing(at);
  const statuses = async () =>
    Promise.all([unseen, overdue, second].map(async ({ id }) => (await readRow(id)).status));
  for (let i = 0; i < 300 && ((await statuses()).includes("IN_PROGRESS") || missing(at) - before < 5); i++)
    await sleep(100);
  const runs = missing(at) - before;
  const early = [(await readRow(first.id)).status, (await readRow(fresh.id)).status];
  const ended = await statuses();
  const again = (await readEvents(second.id)).filter(({ detail }) => detail.to === "LOST").length;
  const violations = [
    ...(ended.join() === "EXPIRED,EXPIRED,LOST" ? [] : [`gone jobs became ${ended.join()}`]),
    ...(early.every((status) => status === "IN_PROGRESS") ? [] : [`a first 404 made a job ${early.join()}`]),
  ];
  report({ row: "13", title: "404 for jobs in all circumstances", runs, violations });
  expect(runs).toBeGreaterThanOrEqual(5);
  expect(violations).toEqual([]);
  expect(again).toBe(1);
}, 60_000);

if (IS_LONG)
  it("row 13: a job that vanishes in real time is LOST after 30 s, one that comes back is not", async () => {
    const at = await stand.provider();
    const made = await stand.submit(at, [LIVE, LIVE]);
    await stand.untilAll(at, "IN_PROGRESS", 30_000);
    await sleep(11_000);
    const [lost] = at.upstream.jobs();
    at.upstream.setFaults([{ operation: "status", fault: { kind: "status", status: 404 } }]);
    await sleep(5_000);
    const runs = at.upstream.counters().operations.status.faulted;
    at.upstream.setFaults([]);
    at.upstream.forget(lost!.id);
    await sleep(70_000);
    const row = await readRow(made.find(({ marker }) => marker === lost!.marker)!.acknowledged!);
    const states = await stand.states(at);
    report({
      row: "13",
      title: "one job vanishes, one comes back",
      runs,
      violations: row.status === "LOST" && states.IN_PROGRESS === 1 ? [] : [JSON.stringify(states)],
    });
    expect(runs).toBeGreaterThan(0);
    expect(states).toEqual({ LOST: 1, IN_PROGRESS: 1 });
    expect(row.finishedAt!.getTime() - row.observedAt!.getTime()).toBeGreaterThanOrEqual(30_000);
    at.upstream.finishAll();
  }, 180_000);
