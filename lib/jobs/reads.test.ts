import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import { db } from "@/lib/db/client";
import type { TestDatabase } from "@/lib/db/testing";
import type { EndpointRecord } from "@/lib/endpoints/connection";
import { writeOutput } from "@/lib/jobs/output-store";
import {
  findOutput,
  outputChunks,
  readComposeSource,
  readJob,
  readJobChanges,
  readJobPage,
  readJobStream,
} from "@/lib/jobs/reads";
import { jobChangesSchema, jobDetailSchema, jobPageSchema } from "@/lib/jobs/schema";
import { appendStream, bumpRev, stateOf, writeState } from "@/lib/jobs/store";
import { makeContext, makeEndpoint, makeJob, openTestDatabase, readWatch } from "@/lib/jobs/testing";

let database: TestDatabase;
let ctx: Context;
let endpoint: EndpointRecord;

beforeAll(async () => {
  database = await openTestDatabase();
  ctx = await makeContext({ name: "Ada" });
  endpoint = await makeEndpoint(ctx, { name: "flux" });
});
afterAll(() => database.close());

const inFreshWorkspace = async () => {
  const here = await makeContext();
  return { here, at: await makeEndpoint(here) };
};

/** Many jobs by one statement and one change number each. */
const makeMany = (here: Context, at: { id: string }, count: number, createdAt = sql`now()`) =>
  db().transaction(async (tx) => {
    await bumpRev(tx, here.workspace.id);
    await tx.execute(sql`
      insert into job (id, workspace_id, endpoint_id, client_key, status, request_sealed, payload_hash, input_summary,
        hook_token_hash, created_at, rev)
      select gen_random_uuid(), ${here.workspace.id}, ${at.id}, gen_random_uuid(), 'COMPLETED', 's', 'h', '',
        gen_random_uuid(), ${createdAt}, rev + n from generate_series(1, ${count}) n, workspace w
      where w.id = ${here.workspace.id}`);
    await tx.execute(sql`update workspace set rev = rev + ${count} where id = ${here.workspace.id}`);
  });

describe("the list", () => {
  it("gives every job once, newest first, while new ones come in and many share one instant", async () => {
    const { here, at } = await inFreshWorkspace();
    await makeMany(here, at, 25);
    for (let i = 0; i < 10; i++) await makeJob(here, at);
    const before = await db().execute<{ id: string }>(
      sql`select id from job where workspace_id = ${here.workspace.id} order by created_at desc, id desc`,
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await readJobPage(here, {}, { cursor, limit: 7 });
      seen.push(...page.jobs.map((job) => job.id));
      cursor = page.nextCursor ?? undefined;
      await makeJob(here, at);
    } while (cursor);
    expect(seen).toEqual(before.rows.map((row) => row.id));
  });

  it("ends with a page that is just full", async () => {
    const { here, at } = await inFreshWorkspace();
    await makeMany(here, at, 4);
    const first = await readJobPage(here, {}, { limit: 2 });
    const second = await readJobPage(here, {}, { limit: 2, cursor: first.nextCursor ?? "" });
    expect(second.jobs).toHaveLength(2);
    expect(second.nextCursor).toBeNull();
  });

  it("filters by state and endpoint, and counts all states", async () => {
    const { here, at } = await inFreshWorkspace();
    const other = await makeEndpoint(here);
    const failed = await makeJob(here, at, { status: "FAILED" });
    await makeJob(here, at, { status: "COMPLETED" });
    await makeJob(here, other, { status: "FAILED" });
    const page = await readJobPage(here, { state: ["FAILED"], endpoint: at.id }, { limit: 10 });
    expect(page.jobs.map((job) => job.id)).toEqual([failed.id]);
    expect(page.counts).toEqual({ FAILED: 1, COMPLETED: 1 });
    expect((await readJobPage(here, {}, { limit: 10 })).counts).toEqual({ FAILED: 2, COMPLETED: 1 });
  });

  it("is what its schema says, and shortens errors", async () => {
    const { here, at } = await inFreshWorkspace();
    await makeJob(here, at, { status: "FAILED", error: "e".repeat(1000) });
    const page = jobPageSchema.strict().parse(await readJobPage(here, {}, { limit: 10 }));
    expect(page.jobs[0]).toMatchObject({ createdBy: { name: "Ada" }, error: "e".repeat(300) });
  });

  it.each([
    ["nonsense", "nonsense"],
    ["empty parts", Buffer.from("|").toString("base64url")],
    ["SQL", Buffer.from(`2026-01-01 00:00:00+00|'; drop table job`).toString("base64url")],
    ["a day that is none", Buffer.from(`2026-02-30 00:00:00+00|${randomUUID()}`).toString("base64url")],
    ["an hour that is none", Buffer.from(`2026-01-01 99:00:00+00|${randomUUID()}`).toString("base64url")],
    ["a job that is none", Buffer.from(`2026-01-01 00:00:00+00|${"-".repeat(36)}`).toString("base64url")],
    ["another time zone", Buffer.from(`2026-01-01 00:00:00+02|${randomUUID()}`).toString("base64url")],
  ])("refuses a cursor of %s", (_name, cursor) =>
    expect(readJobPage(ctx, {}, { cursor, limit: 10 })).rejects.toMatchObject({ code: "invalid" }),
  );
});

describe("what changed", () => {
  it("is nothing when nobody wrote, and says no counts", async () => {
    const { here, at } = await inFreshWorkspace();
    await makeJob(here, at);
    const { rev } = await readJobPage(here, {}, { limit: 1 });
    expect(await readJobChanges(here, rev)).toEqual({ rev, jobs: [] });
  });

  it("is each changed job once, in the order of change, with the counts", async () => {
    const { here, at } = await inFreshWorkspace();
    const [a, b] = [await makeJob(here, at), await makeJob(here, at)];
    const { rev } = await readJobPage(here, {}, { limit: 1 });
    for (const [row, status] of [
      [b, "IN_PROGRESS"],
      [a, "IN_PROGRESS"],
      [a, "COMPLETED"],
    ] as const)
      await db().transaction(async (tx) =>
        writeState(tx, row, { ...stateOf(row), status }, await bumpRev(tx, here.workspace.id)),
      );
    const changes = jobChangesSchema.parse(await readJobChanges(here, rev));
    expect(changes.jobs.map(({ id, status }) => ({ id, status }))).toEqual([
      { id: b.id, status: "IN_PROGRESS" },
      { id: a.id, status: "COMPLETED" },
    ]);
    expect(changes).toMatchObject({ rev: rev + 3, counts: { IN_PROGRESS: 1, COMPLETED: 1 } });
  });

  it("is a reset when more than 500 jobs changed, and all of them up to there", async () => {
    const { here, at } = await inFreshWorkspace();
    await makeMany(here, at, 500);
    expect((await readJobChanges(here, 0)).jobs).toHaveLength(500);
    await makeJob(here, at);
    expect(await readJobChanges(here, 0)).toEqual({
      rev: 502,
      jobs: [],
      reset: true,
      counts: { COMPLETED: 500, IN_QUEUE: 1 },
    });
  });

  it("law: a reader that follows the deltas misses nothing, however many writers overlap", async () => {
    const { here, at } = await inFreshWorkspace();
    const rows = await Promise.all(Array.from({ length: 12 }, () => makeJob(here, at)));
    const mirror = new Map<string, number>();
    let since = 0;
    let writing = true;
    const reader = (async () => {
      for (let last = false; !last; ) {
        last = !writing;
        const changes = await readJobChanges(here, since);
        for (const job of changes.jobs) mirror.set(job.id, job.rev);
        expect(changes.rev).toBeGreaterThanOrEqual(since);
        since = changes.rev;
        await sleep(1);
      }
    })();
    // The first to take a number commits last, if it may.
    await Promise.all(
      rows.flatMap((row, i) =>
        ["IN_PROGRESS", "COMPLETED"].map((status, k) =>
          db().transaction(async (tx) => {
            const rev = await bumpRev(tx, here.workspace.id);
            await sleep((i * 7 + k * 5) % 11);
            await writeState(tx, row, { ...stateOf(row), status }, rev);
          }),
        ),
      ),
    );
    writing = false;
    await reader;
    const { rows: truth } = await db().execute<{ id: string; rev: number }>(
      sql`select id, rev from job where workspace_id = ${here.workspace.id}`,
    );
    expect(mirror).toEqual(new Map(truth.map((row) => [row.id, Number(row.rev)])));
  });

  it("two writers of one workspace take turns: the later number commits later", async () => {
    const { here } = await inFreshWorkspace();
    const order: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let started = () => {};
    const isHolding = new Promise<void>((resolve) => {
      started = resolve;
    });
    const first = db().transaction(async (tx) => {
      await bumpRev(tx, here.workspace.id);
      started();
      await held;
      order.push("first");
    });
    await isHolding;
    const second = db().transaction(async (tx) => {
      await bumpRev(tx, here.workspace.id);
      order.push("second");
    });
    await sleep(50);
    expect(order).toEqual([]);
    release();
    await Promise.all([first, second]);
    expect(order).toEqual(["first", "second"]);
  });
});

describe("one job", () => {
  const S3 = {
    accessId: "AKIAPLANTED1234",
    accessSecret: "planted-s3-secret",
    bucketName: "bucket",
    endpointUrl: "https://s3.example",
  };
  const withOutput = async (output: string) => {
    const row = await makeJob(ctx, endpoint, { status: "COMPLETED" });
    const data = Buffer.from(output);
    await db().transaction((tx) => writeOutput(tx, row, { bytes: data.length, chunks: [data] }));
    return row.id;
  };

  it("is what its schema says, with its request masked", async () => {
    const row = await makeJob(ctx, endpoint, {
      spec: { inputText: '{"n":1.0}', s3: S3, webhook: "https://mine.example/h" },
    });
    const detail = jobDetailSchema.strict().parse(await readJob(ctx, row.id));
    expect(detail.request).toContain('{"input":{"n":1.0},"webhook":"https://mine.example/h"');
    expect(JSON.stringify(detail)).not.toContain("planted-s3-secret");
    expect(JSON.stringify(detail)).not.toContain("AKIAPLANTED1234");
    expect(detail.request).toContain("1234");
  });

  it("brings its output up to 1 MB, as it was spelled; a larger one only by its own address", async () => {
    const limit = 1024 * 1024;
    const spelled = `"${"é".repeat((limit - 2) / 2)}"`;
    expect((await readJob(ctx, await withOutput(spelled))).output).toBe(spelled);
    const larger = await withOutput(`${spelled} `);
    expect(await readJob(ctx, larger)).toMatchObject({ output: null, outputBytes: limit + 1 });
    const found = await findOutput(ctx, larger);
    expect(found.bytes).toBe(limit + 1);
    const chunks: Buffer[] = [];
    for await (const chunk of outputChunks(ctx, found)) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe(`${spelled} `);
  });

  it("serves any part of an output, across the borders of its pieces", async () => {
    const text = Array.from({ length: 100_000 }, (_, i) => i % 10)
      .join("")
      .repeat(7);
    const found = await findOutput(ctx, await withOutput(text));
    for (const [from, to] of [
      [0, 0],
      [262_143, 262_144],
      [262_144, 524_287],
      [100_000, 699_999],
      [699_999, 699_999],
    ] as const) {
      const parts: Buffer[] = [];
      for await (const part of outputChunks(ctx, found, { from, to })) parts.push(part);
      expect(Buffer.concat(parts).toString()).toBe(text.slice(from, to + 1));
    }
  });

  it("without an output says so", async () => {
    const none = await makeJob(ctx, endpoint);
    await expect(findOutput(ctx, none.id)).rejects.toMatchObject({ code: "not_found" });
    const large = await makeJob(ctx, endpoint, { outputState: "too_large", outputBytes: 10 ** 9 });
    await expect(findOutput(ctx, large.id)).rejects.toThrow(/larger than this server keeps/);
    expect((await readJob(ctx, large.id)).output).toBeNull();
  });

  it("is looked at soon when a person opens it while it runs, but not more than once a second", async () => {
    const later = new Date(Date.now() + 60_000);
    const stale = { nextPollAt: later, lastPolledAt: new Date(Date.now() - 5000) };
    const row = await makeJob(ctx, endpoint, { status: "IN_PROGRESS", watch: stale });
    await readJob(ctx, row.id);
    expect((await readWatch(row.id))?.nextPollAt.getTime()).toBeLessThan(Date.now() + 1000);
    const justLooked = await makeJob(ctx, endpoint, {
      status: "IN_PROGRESS",
      watch: { nextPollAt: later, lastPolledAt: new Date() },
    });
    await readJob(ctx, justLooked.id);
    expect((await readWatch(justLooked.id))?.nextPollAt).toEqual(later);
  });

  it("hands a stream out from where a reader stopped, and says when it is over", async () => {
    const row = await makeJob(ctx, endpoint, { status: "IN_PROGRESS" });
    await db().transaction((tx) => appendStream(tx, row, ['"a"', '"b"', '"c"']));
    expect(await readJobStream(ctx, row.id, 0)).toEqual({
      chunks: [
        { seq: 1, data: '"b"' },
        { seq: 2, data: '"c"' },
      ],
      done: false,
    });
    const over = await makeJob(ctx, endpoint, { status: "COMPLETED" });
    expect(await readJobStream(ctx, over.id, -1)).toEqual({ chunks: [], done: true });
  });

  it("gives the composer everything but the S3 secret", async () => {
    const row = await makeJob(ctx, endpoint, { spec: { inputText: '{"n":1e3}', s3: S3, ttlMs: 20_000 } });
    expect(await readComposeSource(ctx, row.id)).toEqual({
      endpointId: endpoint.id,
      request: { inputText: '{"n":1e3}', s3: { ...S3, accessSecret: "" }, ttlMs: 20_000, lowPriority: false },
    });
  });

  it.each<[name: string, read: (stranger: Context, id: string) => Promise<unknown>]>([
    ["the job", readJob],
    ["its output", findOutput],
    ["its stream", (stranger, id) => readJobStream(stranger, id, -1)],
    ["its request", readComposeSource],
  ])("of another workspace does not exist: %s", async (_name, read) => {
    const { here: stranger } = await inFreshWorkspace();
    const id = await withOutput('"ours"');
    await expect(read(stranger, id)).rejects.toMatchObject({ code: "not_found" });
  });

  it("of another workspace is in no list, delta or chunk", async () => {
    const { here: stranger } = await inFreshWorkspace();
    const id = await withOutput('"ours"');
    expect((await readJobPage(stranger, {}, { limit: 100 })).jobs).toEqual([]);
    expect((await readJobPage(stranger, { endpoint: endpoint.id }, { limit: 100 })).counts).toEqual({});
    expect((await readJobChanges(stranger, 0)).jobs).toEqual([]);
    const ours = await findOutput(ctx, id);
    const reading = outputChunks(stranger, ours).next();
    await expect(reading).rejects.toMatchObject({ code: "conflict" });
  });
});
