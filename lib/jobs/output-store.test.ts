import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import { db } from "@/lib/db/client";
import { jobOutputChunk, jobOutputDraft, jobWatch } from "@/lib/db/tables/jobs";
import type { TestDatabase } from "@/lib/db/testing";
import type { EndpointRecord } from "@/lib/endpoints/connection";
import { addToDraft, dropDraft, openDraft, sweepDrafts, writeOutput } from "@/lib/jobs/output-store";
import { findOutput, outputChunks, readJob } from "@/lib/jobs/reads";
import type { JobRecord } from "@/lib/jobs/store";
import { makeContext, makeEndpoint, makeJob, openTestDatabase, readWatch } from "@/lib/jobs/testing";

let database: TestDatabase;
let ctx: Context;
let endpoint: EndpointRecord;

beforeAll(async () => {
  database = await openTestDatabase();
  ctx = await makeContext();
  endpoint = await makeEndpoint(ctx);
});
afterAll(() => database.close());

const running = () => makeJob(ctx, endpoint, { status: "IN_PROGRESS" });
const add = (row: JobRecord, outputId: string, seq: number, text: string, fence = 0) =>
  addToDraft(
    db(),
    { workspaceId: ctx.workspace.id, jobId: row.id, outputId, fence, leaseSeconds: 30 },
    seq,
    Buffer.from(text),
  );
const chunksOf = async (id: string) =>
  (await db().select().from(jobOutputChunk).where(eq(jobOutputChunk.jobId, id))).length;
const draftsOf = async (id: string) =>
  (await db().select().from(jobOutputDraft).where(eq(jobOutputDraft.jobId, id))).length;
const take = (row: JobRecord, outputId: string, bytes: number) =>
  db().transaction((tx) => writeOutput(tx, row, { bytes, outputId }));

describe("an output that is stored while it arrives", () => {
  it("is seen by nobody until the job takes it, and then whole", async () => {
    const row = await running();
    const outputId = await openDraft(db(), row);
    expect(await add(row, outputId, 0, '"whole"')).toBe(true);
    expect((await readJob(ctx, row.id)).output).toBeNull();
    await expect(findOutput(ctx, row.id)).rejects.toMatchObject({ code: "not_found" });
    await take(row, outputId, 7);
    expect((await readJob(ctx, row.id)).output).toBe('"whole"');
    expect(await draftsOf(row.id)).toBe(0);
    await dropDraft(db(), outputId);
    expect((await readJob(ctx, row.id)).output).toBe('"whole"');
  });

  it("keeps the claim on its job, but not that of somebody who was overtaken", async () => {
    const row = await makeJob(ctx, endpoint, {
      status: "IN_PROGRESS",
      watch: { leaseUntil: new Date(Date.now() - 1000), leaseOwner: randomUUID(), fence: 7 },
    });
    const outputId = await openDraft(db(), row);
    expect(await add(row, outputId, 0, "x", 6)).toBe(false);
    expect(await chunksOf(row.id)).toBe(0);
    expect(await add(row, outputId, 0, "x", 7)).toBe(true);
    expect((await readWatch(row.id))?.leaseUntil?.getTime()).toBeGreaterThan(Date.now() + 20_000);
  });

  it("gives way to the next attempt, whose forerunner can neither add to it nor be taken", async () => {
    const row = await running();
    const first = await openDraft(db(), row);
    await add(row, first, 0, "first");
    const second = await openDraft(db(), row);
    expect(await chunksOf(row.id)).toBe(0);
    expect(await add(row, first, 1, "late")).toBe(false);
    await expect(take(row, first, 5)).rejects.toThrow(/dropped meanwhile/);
    await add(row, second, 0, '"2"');
    await take(row, second, 3);
    expect((await readJob(ctx, row.id)).output).toBe('"2"');
  });

  it("leaves nothing behind when it is dropped, in the middle of being stored, too", async () => {
    const row = await running();
    const outputId = await openDraft(db(), row);
    await Promise.all([
      ...Array.from({ length: 8 }, (_, seq) => add(row, outputId, seq, "x".repeat(100_000))),
      dropDraft(db(), outputId),
    ]);
    expect([await chunksOf(row.id), await draftsOf(row.id)]).toEqual([0, 0]);
  });

  it("is swept when it was forgotten for an hour", async () => {
    const [old, fresh] = [await running(), await running()];
    for (const row of [old, fresh]) await add(row, await openDraft(db(), row), 0, "x");
    await db()
      .update(jobOutputDraft)
      .set({ startedAt: sql`now() - interval '61 minutes'` })
      .where(eq(jobOutputDraft.jobId, old.id));
    await sweepDrafts(db());
    expect([await chunksOf(old.id), await chunksOf(fresh.id)]).toEqual([0, 1]);
  });

  it("breaks a reader off that is in the middle of it when it goes", async () => {
    const row = await running();
    const text = Buffer.alloc(600_000, "x");
    await db().transaction((tx) => writeOutput(tx, row, { bytes: text.length, chunks: [text] }));
    const reading = outputChunks(ctx, await findOutput(ctx, row.id));
    expect((await reading.next()).value?.length).toBe(262_144);
    await db().delete(jobOutputChunk).where(eq(jobOutputChunk.jobId, row.id));
    await db().delete(jobWatch).where(eq(jobWatch.jobId, row.id));
    await expect(reading.next()).rejects.toMatchObject({ code: "conflict" });
  });
});
