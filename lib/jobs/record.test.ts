import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import type { Claim } from "@/lib/collector/claim";
import { db } from "@/lib/db/client";
import { jobOutputChunk, jobWatch, webhookDelivery } from "@/lib/db/tables/jobs";
import type { TestDatabase } from "@/lib/db/testing";
import type { EndpointRecord } from "@/lib/endpoints/connection";
import type { Observation } from "@/lib/jobs/lifecycle";
import { dropHint, isForeignId, recordAbsence, recordSightings, type Sighting } from "@/lib/jobs/record";
import { type JobRecord, stateOf } from "@/lib/jobs/store";
import {
  makeContext,
  makeEndpoint,
  makeJob,
  openTestDatabase,
  readEvents,
  readRow,
  readWatch,
  secondsUntil,
} from "@/lib/jobs/testing";

let database: TestDatabase;
let ctx: Context;
let endpoint: EndpointRecord;

beforeAll(async () => {
  database = await openTestDatabase();
  ctx = await makeContext();
  endpoint = await makeEndpoint(ctx);
});
afterAll(() => database.close());

/** The moment of every poll: however slow the machine, the times between are as the test says. */
const NOW = new Date();
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);

/** The claim that a collector would hold on this job. */
async function claimOf(row: JobRecord, over: Partial<Claim> = {}): Promise<Claim> {
  const watch = await readWatch(row.id);
  return {
    jobId: row.id,
    phase: (watch?.phase ?? "run") as Claim["phase"],
    fence: watch?.fence ?? 0,
    at: NOW,
    upstreamId: row.upstreamId ?? watch?.hintUpstreamId ?? "",
    state: stateOf(row),
    missingSince: watch?.missingSince ?? null,
    misses: watch?.misses ?? 0,
    lastSeenAt: watch?.lastSeenAt ?? null,
    ttlMs: row.ttlMs,
    startedAgeMs: 0,
    streamIsLeased: false,
    ...over,
  };
}

async function sight(
  row: JobRecord,
  seen: Partial<Observation>,
  more: Partial<Omit<Sighting, "output">> & { text?: string } = {},
) {
  const { text, ...rest } = more;
  const claim = rest.claim ?? (await claimOf(row));
  const chunks = text === undefined ? null : [Buffer.from(text)];
  return recordSightings(db(), ctx.workspace.id, [
    {
      claim,
      observation: { at: claim.at, upstreamId: claim.upstreamId, status: "COMPLETED", ...seen },
      stream: [],
      pollAgainMs: 1000,
      ...rest,
      output: chunks && { bytes: chunks[0]!.length, chunks },
    },
  ]);
}
const outputOf = async (id: string) => {
  const rows = await db()
    .select({ data: jobOutputChunk.data })
    .from(jobOutputChunk)
    .where(eq(jobOutputChunk.jobId, id))
    .orderBy(jobOutputChunk.seq);
  return rows.length === 0 ? null : Buffer.concat(rows.map((one) => one.data)).toString();
};

describe("a sighting", () => {
  it("moves a job on and tells the planner", async () => {
    const row = await makeJob(ctx, endpoint, { status: "IN_QUEUE" });
    expect(await sight(row, { status: "IN_PROGRESS", workerId: "w1" })).toEqual({
      started: 1,
      ended: [],
    });
    expect(await readRow(row.id)).toMatchObject({ status: "IN_PROGRESS", workerId: "w1" });
    const watch = await readWatch(row.id);
    expect(watch).toMatchObject({ phase: "run", leaseOwner: null });
    expect(watch?.lastSeenAt).not.toBeNull();
    expect(await sight(await readRow(row.id), { status: "COMPLETED" })).toEqual({
      started: 0,
      ended: [row.id],
    });
    expect(await readWatch(row.id)).toBeUndefined();
  });

  it.each([
    ["numbers", '{"a":1.0,"b":1e3,"c":12345678901234567890,"d":-0,"e":0.1e-7}'],
    ["the order of keys, repeated ones too", '{"b":1,"a":2,"b":3}'],
    ["blanks and escapes", ' { "a" : "\\u00e9\\/\\ud83d\\ude00" }\n'],
    ["an escaped NUL", '"a\\u0000b"'],
  ])("keeps %s of the output as they were spelled", async (_name, text) => {
    const row = await makeJob(ctx, endpoint, { status: "IN_PROGRESS" });
    await sight(row, {}, { text });
    expect(await outputOf(row.id)).toBe(text);
    expect(await readRow(row.id)).toMatchObject({
      outputState: "stored",
      outputBytes: Buffer.byteLength(text),
    });
  });

  it("keeps a result complete or not at all: when the write fails, the job is as before", async () => {
    const [good, bad] = [
      await makeJob(ctx, endpoint, { status: "IN_PROGRESS" }),
      await makeJob(ctx, endpoint, { status: "IN_PROGRESS" }),
    ];
    const [first, second] = [await claimOf(good), await claimOf(bad)];
    const text = Buffer.from('"whole"');
    const make = (claim: Claim, stream: string[]): Sighting => ({
      claim,
      observation: { at: claim.at, upstreamId: claim.upstreamId, status: "COMPLETED" },
      output: { bytes: text.length, chunks: [text] },
      stream,
      pollAgainMs: 0,
    });
    // PostgreSQL refuses a raw NUL in text.
    const failing = recordSightings(db(), ctx.workspace.id, [make(first, []), make(second, ["\u0000"])]);
    await expect(failing).rejects.toThrow();
    for (const row of [good, bad]) {
      expect(await readRow(row.id)).toEqual(row);
      expect(await outputOf(row.id)).toBeNull();
      expect(await readWatch(row.id)).toBeDefined();
    }
    await recordSightings(db(), ctx.workspace.id, [make(first, []), make(second, ['"piece"'])]);
    expect(await outputOf(bad.id)).toBe('"whole"');
  });

  it("of an output over the cap says that it was too large", async () => {
    const row = await makeJob(ctx, endpoint, { status: "IN_PROGRESS" });
    const claim = await claimOf(row);
    await recordSightings(db(), ctx.workspace.id, [
      {
        claim,
        observation: { at: claim.at, upstreamId: claim.upstreamId, status: "COMPLETED" },
        output: { bytes: 10 ** 9, limitBytes: 10 ** 8 },
        stream: [],
        pollAgainMs: 0,
      },
    ]);
    expect(await readRow(row.id)).toMatchObject({
      status: "COMPLETED",
      outputState: "too_large",
      outputLimitBytes: 10 ** 8,
    });
  });

  it("by a collector that was overtaken writes nothing", async () => {
    const row = await makeJob(ctx, endpoint, { status: "IN_PROGRESS" });
    const old = await claimOf(row);
    await db().update(jobWatch).set({ fence: 5 }).where(eq(jobWatch.jobId, row.id));
    expect(await sight(row, {}, { claim: old, text: '"late"' })).toEqual({
      started: 0,
      ended: [],
    });
    expect(await readRow(row.id)).toEqual(row);
    await recordAbsence(db(), ctx.workspace.id, { ...old, at: ago(-100_000) });
    expect(await readRow(row.id)).toEqual(row);
    expect((await readWatch(row.id))?.misses).toBe(0);
  });

  it("does not reopen a job that is over", async () => {
    const row = await makeJob(ctx, endpoint, { status: "FAILED", error: "boom" });
    await sight(row, { status: "COMPLETED" }, { text: '"late"' });
    expect(await readRow(row.id)).toEqual(row);
    expect(await outputOf(row.id)).toBeNull();
  });

  it("in another workspace's name writes nothing", async () => {
    const row = await makeJob(ctx, endpoint, { status: "IN_PROGRESS" });
    const stranger = await makeContext();
    const claim = await claimOf(row);
    await recordSightings(db(), stranger.workspace.id, [
      {
        claim,
        observation: { at: claim.at, upstreamId: claim.upstreamId, status: "COMPLETED" },
        output: null,
        stream: [],
        pollAgainMs: 0,
      },
    ]);
    expect(await readRow(row.id)).toEqual(row);
  });

  it("does not put off a look that a webhook asked for during the poll", async () => {
    const row = await makeJob(ctx, endpoint, { status: "IN_QUEUE" });
    await db().update(jobWatch).set({ nextPollAt: sql`'epoch'` }).where(eq(jobWatch.jobId, row.id));
    await sight(row, { status: "IN_PROGRESS" });
    expect((await readWatch(row.id))?.nextPollAt).toEqual(new Date(0));
  });

  it("of the end makes the person's webhook due where we relay, and only there", async () => {
    for (const relayWebhook of [true, false]) {
      const row = await makeJob(ctx, endpoint, { status: "IN_PROGRESS", relayWebhook });
      await sight(row, { status: "IN_PROGRESS", progress: "1" });
      await sight(await readRow(row.id), { status: "FAILED", error: "boom" });
      const due = await db().select().from(webhookDelivery).where(eq(webhookDelivery.jobId, row.id));
      expect(due).toHaveLength(relayWebhook ? 1 : 0);
    }
  });

  it("with NUL spelled in progress and stream pieces is stored", async () => {
    const row = await makeJob(ctx, endpoint, { status: "IN_PROGRESS" });
    await sight(row, { status: "IN_PROGRESS", progress: '"50\\u0000%"' });
    expect((await readRow(row.id)).progress).toBe('"50\\u0000%"');
    await sight(await readRow(row.id), { status: "COMPLETED" }, { stream: ['"a\\u0000"'] });
    expect((await readRow(row.id)).status).toBe("COMPLETED");
  });
});

describe("a 404", () => {
  it.each<
    [
      name: string,
      job: Parameters<typeof makeJob>[2],
      claim: Partial<Claim>,
      status: string,
      againInSeconds: number | null,
    ]
  >([
    ["right after the acknowledgement is the provider's own lag", { queuedAt: ago(2) }, {}, "IN_QUEUE", 2],
    ["once is no verdict", { queuedAt: ago(60) }, { lastSeenAt: ago(5) }, "IN_QUEUE", 31],
    [
      "twice within 30 s is no verdict",
      { queuedAt: ago(60) },
      { lastSeenAt: ago(40), missingSince: ago(29) },
      "IN_QUEUE",
      31,
    ],
    [
      "twice, 30 s apart, is a lost job",
      { queuedAt: ago(60) },
      { lastSeenAt: ago(40), missingSince: ago(30) },
      "LOST",
      null,
    ],
    [
      "after the ttl is an expired job",
      { queuedAt: ago(60), ttlMs: 50_000 },
      { lastSeenAt: ago(5) },
      "EXPIRED",
      null,
    ],
    [
      "after we had not looked for longer than results are kept is an expired job",
      { queuedAt: ago(3000) },
      { lastSeenAt: ago(31 * 60) },
      "EXPIRED",
      null,
    ],
  ])("%s", async (_name, over, seen, status, againInSeconds) => {
    const row = await makeJob(ctx, endpoint, over);
    await recordAbsence(db(), ctx.workspace.id, await claimOf(row, seen));
    const [now, watch] = [await readRow(row.id), await readWatch(row.id)];
    expect(now.status).toBe(status);
    if (againInSeconds === null) {
      expect(watch).toBeUndefined();
      expect(now.error).toMatch(/provider/);
      expect(now.finishedAt).not.toBeNull();
      return;
    }
    expect(watch).toMatchObject({ leaseOwner: null, misses: 1 });
    expect(secondsUntil(watch?.nextPollAt)).toBeGreaterThan(againInSeconds / 2 - 1);
    expect(secondsUntil(watch?.nextPollAt)).toBeLessThanOrEqual(againInSeconds);
  });

  it("in the lag does not count towards the loss; a later one does, from its own time", async () => {
    const fresh = await makeJob(ctx, endpoint, { queuedAt: ago(2) });
    await recordAbsence(db(), ctx.workspace.id, await claimOf(fresh));
    expect((await readWatch(fresh.id))?.missingSince).toBeNull();
    const older = await makeJob(ctx, endpoint, { queuedAt: ago(60) });
    const claim = await claimOf(older, { at: ago(3) });
    await recordAbsence(db(), ctx.workspace.id, claim);
    expect((await readWatch(older.id))?.missingSince).toEqual(claim.at);
  });

  it("does not put off a look that a webhook asked for during the poll", async () => {
    const row = await makeJob(ctx, endpoint, { queuedAt: ago(60) });
    await db().update(jobWatch).set({ nextPollAt: sql`'epoch'` }).where(eq(jobWatch.jobId, row.id));
    await recordAbsence(db(), ctx.workspace.id, await claimOf(row));
    expect((await readWatch(row.id))?.nextPollAt).toEqual(new Date(0));
  });
});

describe("the hint of a webhook", () => {
  const doubtful = (hintUpstreamId: string) =>
    makeJob(ctx, endpoint, { status: "UNCONFIRMED", watch: { phase: "heal", hintUpstreamId } });

  it("that our own fetch confirms heals an unconfirmed job", async () => {
    const row = await doubtful(`mine-${randomUUID()}`);
    const claim = await claimOf(row);
    await sight(row, { status: "COMPLETED", executionMs: 5 }, { text: '"found"' });
    expect(await readRow(row.id)).toMatchObject({ status: "COMPLETED", upstreamId: claim.upstreamId });
    expect(await outputOf(row.id)).toBe('"found"');
    expect(await readEvents(row.id)).toEqual([
      {
        kind: "healed",
        detail: { from: "UNCONFIRMED", to: "COMPLETED", upstreamId: claim.upstreamId },
      },
    ]);
  });

  it("that names another job's id heals nothing", async () => {
    const theirs = await makeJob(ctx, endpoint, { status: "IN_PROGRESS" });
    const row = await doubtful(theirs.upstreamId!);
    const claim = await claimOf(row);
    const error = await sight(row, { status: "COMPLETED" }, { claim }).catch((thrown: unknown) => thrown);
    expect(isForeignId(error)).toBe(true);
    await dropHint(db(), claim);
    expect(await readRow(row.id)).toEqual(row);
    expect(await readRow(theirs.id)).toEqual(theirs);
    expect(await readWatch(row.id)).toBeUndefined();
  });

  it("that leads nowhere is dropped, and the job stays in doubt", async () => {
    const row = await doubtful("nowhere");
    await recordAbsence(db(), ctx.workspace.id, await claimOf(row));
    expect(await readRow(row.id)).toEqual(row);
    expect(await readWatch(row.id)).toBeUndefined();
  });

  it("that is newer than the one which led nowhere is kept", async () => {
    const row = await doubtful("forged");
    const claim = await claimOf(row);
    await db().update(jobWatch).set({ hintUpstreamId: "true" }).where(eq(jobWatch.jobId, row.id));
    await recordAbsence(db(), ctx.workspace.id, claim);
    await dropHint(db(), claim);
    expect(await readWatch(row.id)).toMatchObject({ phase: "heal", hintUpstreamId: "true" });
  });

  it("is not dropped by a collector that was overtaken", async () => {
    const row = await doubtful("newer");
    const old = await claimOf(row, { fence: -1 });
    await dropHint(db(), old);
    expect(await readWatch(row.id)).toBeDefined();
  });

  it("other errors are not taken for a foreign id", () => {
    expect(isForeignId(new Error("boom"))).toBe(false);
    expect(isForeignId("job_endpoint_upstream_id_idx")).toBe(false);
  });
});
