import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import {
  type Claim,
  claimCalled,
  claimPolls,
  LEASE_SECONDS,
  release,
  releaseAll,
} from "@/lib/collector/claim";
import { db } from "@/lib/db/client";
import { jobWatch } from "@/lib/db/tables/jobs";
import type { TestDatabase } from "@/lib/db/testing";
import {
  makeContext,
  makeEndpoint,
  makeJob,
  openTestDatabase,
  readWatch,
  secondsUntil,
} from "@/lib/jobs/testing";

let database: TestDatabase;
let ctx: Context;

beforeAll(async () => {
  database = await openTestDatabase();
  ctx = await makeContext();
});
afterAll(() => database.close());

type Limits = Parameters<typeof claimPolls>[3];
const plan = (over: Partial<Limits> = {}): Limits => ({
  budget: 100,
  carry: { budget: 0, head: 0, trickle: 0 },
  running: 100,
  headWindow: 100,
  headIntervalMs: 250,
  trickle: 0,
  trickleMost: 100,
  ...over,
});
const claim = (at: { id: string }, over: Partial<Limits> = {}, owner: string = randomUUID()) => {
  const limits = plan(over);
  return claimPolls(db(), owner, at.id, limits, limits.headIntervalMs);
};
const ids = (claims: readonly Claim[]) => claims.map((one) => one.jobId).sort();
const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
const expireLease = (jobId: string) =>
  db()
    .update(jobWatch)
    .set({ leaseUntil: ago(1), nextPollAt: ago(1) })
    .where(eq(jobWatch.jobId, jobId));

describe("a claim", () => {
  it("is never held by two collectors at once, however many race", async () => {
    const at = await makeEndpoint(ctx);
    const rows = [];
    for (let i = 0; i < 40; i++)
      rows.push(await makeJob(ctx, at, { status: i % 2 ? "IN_QUEUE" : "IN_PROGRESS" }));
    const racing = await Promise.all(
      Array.from({ length: 8 }, () => claim(at, { running: 8, headWindow: 40, budget: 15 })),
    );
    let all = ids(racing.flat());
    expect(new Set(all).size).toBe(all.length);
    all = ids([...racing.flat(), ...(await claim(at))]);
    expect(all).toEqual(rows.map((row) => row.id).sort());
    expect(await claim(at)).toEqual([]);
  });

  it("brings what was known of the job at that moment", async () => {
    const at = await makeEndpoint(ctx);
    const startedAt = ago(90);
    const row = await makeJob(ctx, at, {
      status: "IN_PROGRESS",
      startedAt,
      retries: 1,
      delayMs: 7,
      ttlMs: 60_000,
    });
    const [one] = await claim(at);
    expect(one).toMatchObject({
      jobId: row.id,
      phase: "run",
      fence: 1,
      upstreamId: row.upstreamId,
      ttlMs: 60_000,
      streamIsLeased: false,
      missingSince: null,
      state: { status: "IN_PROGRESS", retries: 1, delayMs: 7, startedAt },
    });
    expect(one!.startedAgeMs / 1000).toBeCloseTo(90, -1);
    expect(Math.abs(secondsUntil(one?.at))).toBeLessThan(15);
  });

  it("of a dead collector goes to another when its lease ends, with a higher fence", async () => {
    const at = await makeEndpoint(ctx);
    const row = await makeJob(ctx, at, { status: "IN_PROGRESS" });
    const [first] = await claim(at);
    expect(secondsUntil((await readWatch(row.id))?.leaseUntil)).toBeGreaterThan(LEASE_SECONDS / 2);
    expect(await claim(at)).toEqual([]);
    await expireLease(row.id);
    const [second] = await claim(at);
    expect(second).toMatchObject({ jobId: row.id, fence: first!.fence + 1 });
  });

  it("takes no job of another endpoint, none that is not due, none that is not to be polled", async () => {
    const at = await makeEndpoint(ctx);
    await makeJob(ctx, await makeEndpoint(ctx), { status: "IN_PROGRESS" });
    await makeJob(ctx, at, { status: "IN_PROGRESS", watch: { nextPollAt: ago(-60) } });
    await makeJob(ctx, at, { status: "SENDING" });
    await makeJob(ctx, at, { status: "UNCONFIRMED" });
    await makeJob(ctx, at, { status: "COMPLETED" });
    expect(await claim(at)).toEqual([]);
  });

  it("looks for an unconfirmed job under the id that a webhook named", async () => {
    const at = await makeEndpoint(ctx);
    await makeJob(ctx, at, { status: "UNCONFIRMED", watch: { phase: "heal", hintUpstreamId: "hinted" } });
    expect(await claim(at)).toMatchObject([{ phase: "heal", upstreamId: "hinted" }]);
  });

  it("knows that a reader is draining the stream", async () => {
    const at = await makeEndpoint(ctx);
    await makeJob(ctx, at, { status: "IN_PROGRESS", watch: { streamLeaseUntil: ago(-20) } });
    expect(await claim(at)).toMatchObject([{ streamIsLeased: true }]);
  });
});

describe("the classes of a claim", () => {
  /** Three running jobs, the first longest overdue, and six queued ones in order. */
  async function queue(queued: Partial<typeof jobWatch.$inferInsert> = {}) {
    const at = await makeEndpoint(ctx);
    const running = [];
    for (const overdue of [30, 20, 10])
      running.push(await makeJob(ctx, at, { status: "IN_PROGRESS", watch: { nextPollAt: ago(overdue) } }));
    const waiting = [];
    for (let i = 0; i < 6; i++)
      waiting.push(
        await makeJob(ctx, at, { status: "IN_QUEUE", watch: { queuedAt: ago(100 - i), ...queued } }),
      );
    return { at, running: running.map((row) => row.id), waiting: waiting.map((row) => row.id) };
  }

  it("running jobs come first, the longest overdue of them", async () => {
    const { at, running } = await queue();
    expect(ids(await claim(at, { running: 2, budget: 2, headWindow: 0, trickleMost: 0 }))).toEqual(
      running.slice(0, 2).sort(),
    );
  });

  it("the head gets what the running jobs leave over, in the order of the queue", async () => {
    const { at, running, waiting } = await queue();
    const got = await claim(at, { budget: 5, headWindow: 4, trickleMost: 0 });
    expect(ids(got)).toEqual([...running, ...waiting.slice(0, 2)].sort());
  });

  it("the head is no further than its window, and its jobs are not asked again within the interval", async () => {
    const { at, running, waiting } = await queue({ nextPollAt: ago(-60) });
    expect(ids(await claim(at, { headWindow: 2, trickleMost: 0 }))).toEqual(
      [...running, ...waiting.slice(0, 2)].sort(),
    );
    const fresh = await queue({ nextPollAt: ago(-60), lastPolledAt: new Date() });
    expect(ids(await claim(fresh.at, { headWindow: 2, headIntervalMs: 60_000 }))).toEqual(
      fresh.running.sort(),
    );
  });

  it("the trickle keeps its share of the budget and takes the longest overdue of the queue", async () => {
    const { at, running, waiting } = await queue({ lastPolledAt: new Date() });
    await db()
      .update(jobWatch)
      .set({ nextPollAt: ago(500) })
      .where(eq(jobWatch.jobId, waiting[4]!));
    const got = await claim(at, { running: 3, budget: 4, headWindow: 2, trickle: 1, trickleMost: 1 });
    expect(ids(got)).toEqual([...running, waiting[4]].sort());
  });

  it("together they never take more than the budget", async () => {
    const { at } = await queue();
    expect(
      await claim(at, { running: 2, budget: 4, headWindow: 3, trickle: 1, trickleMost: 4 }),
    ).toHaveLength(4);
  });
});

describe("what callbacks spoke of", () => {
  it("is taken at once, and nothing else", async () => {
    const at = await makeEndpoint(ctx);
    const called = [];
    for (const status of ["IN_QUEUE", "IN_PROGRESS"]) {
      called.push(await makeJob(ctx, at, { status, watch: { nextPollAt: new Date(0) } }));
      await makeJob(ctx, at, { status });
    }
    called.push(
      await makeJob(ctx, at, { status: "UNCONFIRMED", watch: { phase: "heal", hintUpstreamId: "hinted" } }),
    );
    const racing = await Promise.all(
      Array.from({ length: 3 }, () => claimCalled(db(), randomUUID(), at.id, 10)),
    );
    expect(ids(racing.flat())).toEqual(called.map((row) => row.id).sort());
  });

  it("stays so when the rate had no room for it", async () => {
    const at = await makeEndpoint(ctx);
    const row = await makeJob(ctx, at, { status: "IN_PROGRESS", watch: { nextPollAt: new Date(0) } });
    const [one] = await claimCalled(db(), randomUUID(), at.id, 10);
    await release(db(), [{ claim: one!, delayMs: 100, seen: false, called: true }]);
    expect(ids(await claimCalled(db(), randomUUID(), at.id, 10))).toEqual([row.id]);
  });
});

describe("giving a job back", () => {
  it("puts off the next look and remembers this one", async () => {
    const at = await makeEndpoint(ctx);
    const row = await makeJob(ctx, at, {
      status: "IN_PROGRESS",
      watch: { misses: 3, missingSince: ago(10) },
    });
    const claims = await claim(at);
    await release(db(), [{ claim: claims[0]!, delayMs: 10_000, seen: true }]);
    const watch = await readWatch(row.id);
    expect(watch).toMatchObject({ leaseOwner: null, leaseUntil: null, misses: 0, missingSince: null });
    expect(watch?.lastSeenAt).not.toBeNull();
    expect(secondsUntil(watch?.nextPollAt)).toBeGreaterThan(2);
    expect(secondsUntil(watch?.nextPollAt)).toBeLessThanOrEqual(10);
  });

  it("without having seen it keeps what was known of its absence", async () => {
    const at = await makeEndpoint(ctx);
    const row = await makeJob(ctx, at, {
      status: "IN_PROGRESS",
      watch: { misses: 3, missingSince: ago(10) },
    });
    const claims = await claim(at);
    await release(db(), [{ claim: claims[0]!, delayMs: 0, seen: false }]);
    expect(await readWatch(row.id)).toMatchObject({
      misses: 3,
      missingSince: expect.any(Date),
      lastSeenAt: null,
    });
  });

  it("does not put off a look that a webhook asked for during the poll", async () => {
    const at = await makeEndpoint(ctx);
    const row = await makeJob(ctx, at, { status: "IN_PROGRESS" });
    const claims = await claim(at);
    await db().update(jobWatch).set({ nextPollAt: sql`'epoch'` }).where(eq(jobWatch.jobId, row.id));
    await release(db(), [{ claim: claims[0]!, delayMs: 60_000, seen: true }]);
    expect((await readWatch(row.id))?.nextPollAt).toEqual(new Date(0));
    expect(ids(await claim(at))).toEqual([row.id]);
  });

  it("is refused to a collector whose lease another one has taken over", async () => {
    const at = await makeEndpoint(ctx);
    const row = await makeJob(ctx, at, { status: "IN_PROGRESS" });
    const old = await claim(at);
    await expireLease(row.id);
    await claim(at);
    const before = await readWatch(row.id);
    await release(db(), [{ claim: old[0]!, delayMs: 60_000, seen: true }]);
    expect(await readWatch(row.id)).toEqual(before);
  });

  it("on a clean stop frees all that this collector holds, and nothing else", async () => {
    const at = await makeEndpoint(ctx);
    const [mine, theirs] = [randomUUID(), randomUUID()];
    const rows = [await makeJob(ctx, at, { status: "IN_PROGRESS" })];
    await claim(at, {}, mine);
    const other = await makeJob(ctx, at, { status: "IN_PROGRESS" });
    await claim(at, {}, theirs);
    await releaseAll(db(), mine);
    expect(ids(await claim(at))).toEqual(rows.map((row) => row.id));
    expect((await readWatch(other.id))?.leaseOwner).toBe(theirs);
  });
});

describe("what callbacks spoke of", () => {
  const called = { nextPollAt: new Date(0) };

  it("is claimed beside the plan: called jobs wherever they stand in the queue, and hints of doubtful ones", async () => {
    const at = await makeEndpoint(ctx);
    for (let i = 0; i < 5; i++) await makeJob(ctx, at, { status: "IN_QUEUE" });
    const rows = [
      await makeJob(ctx, at, { status: "IN_QUEUE", watch: called }),
      await makeJob(ctx, at, { status: "IN_PROGRESS", watch: called }),
      await makeJob(ctx, at, { status: "UNCONFIRMED", watch: { phase: "heal", hintUpstreamId: "h" } }),
    ];
    await makeJob(ctx, await makeEndpoint(ctx), { status: "IN_QUEUE", watch: called });
    expect(ids(await claimCalled(db(), randomUUID(), at.id, 100))).toEqual(rows.map((row) => row.id).sort());
    expect(await claimCalled(db(), randomUUID(), at.id, 100)).toEqual([]);
  });

  it("is as urgent as before when the limiter had no token for it", async () => {
    const at = await makeEndpoint(ctx);
    const row = await makeJob(ctx, at, { status: "IN_QUEUE", watch: called });
    const [one] = await claimCalled(db(), randomUUID(), at.id, 100);
    await release(db(), [{ claim: one!, delayMs: 100, seen: false, called: true }]);
    expect(ids(await claimCalled(db(), randomUUID(), at.id, 100))).toEqual([row.id]);
  });
});
