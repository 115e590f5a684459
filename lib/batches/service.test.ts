import { randomBytes, randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import { submitBatchSchema } from "@/lib/batches/schema";
import {
  pauseBatch,
  pauseFailingBatches,
  readBatch,
  resumeBatch,
  stopBatch,
  submitBatch,
} from "@/lib/batches/service";
import { db, pool } from "@/lib/db/client";
import { user } from "@/lib/db/tables/auth";
import { job } from "@/lib/db/tables/jobs";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";
import { listEndpoints } from "@/lib/endpoints/service";
import { claimSends } from "@/lib/jobs/send";
import { createWorkspace } from "@/lib/workspaces/setup";

let database: TestDatabase;
let ctx: Context;
let endpointId = "";

beforeAll(async () => {
  database = await testDatabase();
  process.env.DATABASE_URL = database.url;
  process.env.JOBDECK_SECRET_KEY = randomBytes(32).toString("base64");
  const person = { id: randomUUID(), name: "Ada", email: "ada@example.com" };
  await db().insert(user).values(person);
  const workspace = await db().transaction((tx) => createWorkspace(tx, person.id, "Lab"));
  ctx = { person, workspace: { ...workspace, name: "Lab" }, role: "owner" };
  endpointId = (await listEndpoints(ctx))[0]!.id;
});
afterAll(async () => {
  await pool().end();
  await database.close();
});

const request = (n: number, more: object = {}) =>
  submitBatchSchema.parse({
    clientKey: randomUUID(),
    endpointId,
    settings: {},
    inputs: Array.from({ length: n }, (_, i) => `{"n": ${i}.0}`),
    ...more,
  });
const due = async () => (await claimSends(randomUUID(), endpointId, 10_000)).map((claim) => claim.row);

describe("submitBatch", () => {
  it("journals 5,000 requests at once, in order, and the same key again makes none", async () => {
    const input = request(5000);
    const made = await submitBatch(ctx, input);
    expect(await submitBatch(ctx, input)).toEqual(made);
    expect(await readBatch(ctx, made.id)).toMatchObject({
      total: 5000,
      state: "running",
      counts: { SENDING: 5000 },
    });
    expect((await due()).map((row) => row.batchIndex)).toEqual(Array.from({ length: 5000 }, (_, i) => i));
    await stopBatch(ctx, { id: made.id });
  });

  it("refuses other requests under a used key, and writes nothing when one input is wrong", async () => {
    const input = request(2);
    await submitBatch(ctx, input);
    await expect(submitBatch(ctx, { ...input, inputs: ['{"n": 9}', '{"n": 1.0}'] })).rejects.toThrow(
      /already used/,
    );
    const key = randomUUID();
    await expect(
      submitBatch(ctx, { ...request(2), clientKey: key, inputs: ['{"n":1}', "[]"] }),
    ).rejects.toThrow();
    expect(await db().execute(sql`select 1 from batch where client_key = ${key}`)).toMatchObject({
      rowCount: 0,
    });
  });
});

describe("a batch's state", () => {
  it("paused jobs are not handed out, resumed ones are, stopped ones are cancelled for good", async () => {
    await due();
    const { id } = await submitBatch(ctx, request(10));
    await pauseBatch(ctx, { id });
    expect(await due()).toEqual([]);
    await resumeBatch(ctx, { id });
    expect(await due()).toHaveLength(10);
    await stopBatch(ctx, { id });
    expect((await readBatch(ctx, id)).counts).toEqual({ CANCELLED: 10 });
    await expect(resumeBatch(ctx, { id })).rejects.toThrow(/stopped/);
  });

  it("leaves alone what a sender has marked", async () => {
    const { id } = await submitBatch(ctx, request(3));
    const [first] = await due();
    await db().update(job).set({ sendStartedAt: sql`now()` }).where(eq(job.id, first!.id));
    await stopBatch(ctx, { id });
    expect((await readBatch(ctx, id)).counts).toEqual({ SENDING: 1, CANCELLED: 2 });
  });

  it("pauses by itself after so many failures", async () => {
    const { id } = await submitBatch(ctx, request(5, { pauseAfterFailures: 2 }));
    const fail = (n: number) =>
      db().execute(sql`update job set status = 'FAILED' where batch_id = ${id} and batch_index < ${n}`);
    await fail(1);
    await pauseFailingBatches();
    expect((await readBatch(ctx, id)).state).toBe("running");
    await fail(2);
    await pauseFailingBatches();
    expect((await readBatch(ctx, id)).state).toBe("paused");
  });

  it("is nobody else's business", async () => {
    const { id } = await submitBatch(ctx, request(1));
    const other = { ...ctx, workspace: { id: randomUUID(), slug: "x", name: "x" } };
    await expect(readBatch(other, id)).rejects.toMatchObject({ code: "not_found" });
    await expect(stopBatch(other, { id })).rejects.toThrow();
  });
});
