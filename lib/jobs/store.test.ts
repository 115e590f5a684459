import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import { db } from "@/lib/db/client";
import { job, jobCounter, jobOutputChunk } from "@/lib/db/tables/jobs";
import type { TestDatabase } from "@/lib/db/testing";
import type { EndpointRecord } from "@/lib/endpoints/connection";
import { journalOne } from "@/lib/jobs/journal";
import { writeOutput } from "@/lib/jobs/output-store";
import { markSend } from "@/lib/jobs/send-groups";
import { appendStream, bumpRev, type NewJob, postponeSend, stateOf, writeState } from "@/lib/jobs/store";
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

const newJob = (over: Partial<NewJob> = {}): NewJob => ({
  id: randomUUID(),
  workspaceId: ctx.workspace.id,
  endpointId: endpoint.id,
  clientKey: randomUUID(),
  requestSealed: "sealed",
  payloadHash: "hash",
  inputSummary: "",
  hookTokenHash: randomUUID(),
  ...over,
});
const mark = ({ id, workspaceId }: { id: string; workspaceId: string }, nonce: string) =>
  markSend({ id, workspaceId, nonce });

describe("writing the intent down", () => {
  it("makes one job per client key, also when 20 calls race", async () => {
    const clientKey = randomUUID();
    const rows = await Promise.all(Array.from({ length: 20 }, () => journalOne(newJob({ clientKey }))));
    expect(rows.filter((row) => row !== null)).toHaveLength(1);
    const found = await db().select({ id: job.id }).from(job).where(eq(job.clientKey, clientKey));
    expect(found).toHaveLength(1);
    expect(await readEvents(found[0]!.id)).toEqual([{ kind: "created", detail: {} }]);
  });

  it("lets another workspace use the same key", async () => {
    const clientKey = randomUUID();
    const other = await makeContext();
    const theirs = await makeEndpoint(other);
    expect(await journalOne(newJob({ clientKey }))).not.toBeNull();
    expect(
      await journalOne(newJob({ clientKey, workspaceId: other.workspace.id, endpointId: theirs.id })),
    ).not.toBeNull();
  });

  it("gives the web process 4 seconds before a collector looks at it", async () => {
    const row = await journalOne(newJob());
    const watch = await readWatch(row!.id);
    expect(watch?.phase).toBe("send");
    expect(secondsUntil(watch?.nextPollAt)).toBeGreaterThan(0);
    expect(secondsUntil(watch?.nextPollAt)).toBeLessThanOrEqual(4);
  });
});

describe("becoming the only sender", () => {
  it("is won by exactly one of 20 racing callers, and again by the winner's own nonce", async () => {
    const row = await makeJob(ctx, endpoint, { status: "SENDING" });
    const nonces = Array.from({ length: 20 }, () => randomUUID());
    const won = await Promise.all(nonces.map((nonce) => mark(row, nonce)));
    expect(won.filter(Boolean)).toHaveLength(1);
    const winner = nonces[won.indexOf(true)]!;
    expect(await mark(row, winner)).toBe(true);
    for (const nonce of nonces.filter((one) => one !== winner)) expect(await mark(row, nonce)).toBe(false);
  });

  it("is open again after the send was postponed, but not by somebody else's word", async () => {
    const row = await makeJob(ctx, endpoint, { status: "SENDING" });
    const [first, second] = [randomUUID(), randomUUID()];
    await mark(row, first);
    await db().transaction((tx) => postponeSend(tx, row, second, 1000, "not mine"));
    expect(await mark(row, second)).toBe(false);
    await db().transaction((tx) => postponeSend(tx, row, first, 1000, "later"));
    expect(await mark(row, second)).toBe(true);
    expect((await readRow(row.id)).sendAttempts).toBe(2);
  });

  it("is impossible for a job of another workspace and for one that is not to be sent", async () => {
    const other = await makeContext();
    const row = await makeJob(ctx, endpoint, { status: "SENDING" });
    const place = { id: row.id, workspaceId: other.workspace.id };
    expect(await mark(place, randomUUID())).toBe(false);
    const queued = await makeJob(ctx, endpoint, { status: "IN_QUEUE" });
    expect(await mark(queued, randomUUID())).toBe(false);
  });
});

describe("writing a state", () => {
  const write = (row: Awaited<ReturnType<typeof makeJob>>, status: string, pollInMs = 0) =>
    db().transaction(async (tx) =>
      writeState(tx, row, { ...stateOf(row), status }, await bumpRev(tx, row.workspaceId), { pollInMs }),
    );

  it("moves the watch to its phase and ends it with the job", async () => {
    const row = await makeJob(ctx, endpoint, { status: "IN_QUEUE" });
    await write(row, "IN_PROGRESS", 5000);
    expect(await readWatch(row.id)).toMatchObject({ phase: "run" });
    expect(secondsUntil((await readWatch(row.id))?.nextPollAt)).toBeGreaterThan(0);
    await write(await readRow(row.id), "COMPLETED");
    expect(await readWatch(row.id)).toBeUndefined();
    expect((await readEvents(row.id)).map((event) => event.detail)).toEqual([
      { from: "IN_QUEUE", to: "IN_PROGRESS" },
      { from: "IN_PROGRESS", to: "COMPLETED" },
    ]);
  });

  it("does not put off a look that a webhook asked for in the meantime", async () => {
    const row = await makeJob(ctx, endpoint, { status: "IN_QUEUE", watch: { nextPollAt: new Date(0) } });
    await write(row, "IN_PROGRESS", 60_000);
    expect((await readWatch(row.id))?.nextPollAt).toEqual(new Date(0));
  });
});

describe("the output", () => {
  const stored = async (id: string) => {
    const rows = await db()
      .select({ data: jobOutputChunk.data })
      .from(jobOutputChunk)
      .where(eq(jobOutputChunk.jobId, id))
      .orderBy(jobOutputChunk.seq);
    return Buffer.concat(rows.map((row) => row.data));
  };

  it("law: however the network cut it, it is stored byte for byte in pieces of 256 kB", async () => {
    const row = await makeJob(ctx, endpoint);
    const cut = fc.array(fc.uint8Array({ maxLength: 3 }), { maxLength: 4 });
    const filler = fc.integer({ min: 0, max: 600_000 });
    await fc.assert(
      fc.asyncProperty(cut, filler, async (heads, size) => {
        const chunks = [
          ...heads.map((head) => Buffer.from(head)),
          Buffer.alloc(size, "x"),
          Buffer.from("end"),
        ];
        const bytes = Buffer.concat(chunks).length;
        await db().transaction((tx) => writeOutput(tx, row, { bytes, chunks }));
        expect((await stored(row.id)).equals(Buffer.concat(chunks))).toBe(true);
        const [{ count }] = (
          await db().execute<{ count: number }>(
            sql`select count(*)::int as count from job_output_chunk where job_id = ${row.id}`,
          )
        ).rows as [{ count: number }];
        expect(count).toBe(Math.ceil(bytes / (256 * 1024)));
      }),
      { numRuns: 12 },
    );
    expect(await readRow(row.id)).toMatchObject({ outputState: "stored" });
  });

  it("is absent, with its size, when it was too large", async () => {
    const row = await makeJob(ctx, endpoint);
    await db().transaction((tx) => writeOutput(tx, row, { bytes: 10 ** 9, limitBytes: 10 ** 8 }));
    expect(await readRow(row.id)).toMatchObject({ outputState: "too_large", outputBytes: 10 ** 9 });
    expect(await stored(row.id)).toHaveLength(0);
  });

  it("stream pieces are appended in order", async () => {
    const row = await makeJob(ctx, endpoint);
    for (const pieces of [["1", "2"], [], ["3"]])
      await db().transaction((tx) => appendStream(tx, row, pieces));
    const { rows } = await db().execute(
      sql`select seq, data from job_stream_chunk where job_id = ${row.id} order by seq`,
    );
    expect(rows).toEqual([
      { seq: 0, data: "1" },
      { seq: 1, data: "2" },
      { seq: 2, data: "3" },
    ]);
  });
});

describe("the counters", () => {
  const STATUSES = ["SENDING", "IN_QUEUE", "IN_PROGRESS", "COMPLETED", "FAILED", "A_NEW_WORD"];
  const step = fc.oneof(
    fc.record({ do: fc.constant("add" as const), status: fc.constantFrom(...STATUSES) }),
    fc.record({
      do: fc.constant("move" as const),
      from: fc.constantFrom(...STATUSES),
      status: fc.constantFrom(...STATUSES),
      most: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({ do: fc.constant("drop" as const), status: fc.constantFrom(...STATUSES) }),
  );

  it("law: after any history they equal what count(*) says", async () => {
    const here = await makeContext();
    const places = [await makeEndpoint(here), await makeEndpoint(here)];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.nat(1), async (steps, which) => {
        for (const one of steps) {
          if (one.do === "add") await makeJob(here, places[which]!, { status: one.status });
          else if (one.do === "move")
            await db().execute(sql`
              update job set status = ${one.status} where id in (
                select id from job where workspace_id = ${here.workspace.id} and status = ${one.from} limit ${one.most})`);
          else
            await db().execute(sql`
              delete from job where workspace_id = ${here.workspace.id} and status = ${one.status}`);
        }
        const counted = await db().execute(sql`
          select endpoint_id, status, count(*)::int as count from job
          where workspace_id = ${here.workspace.id} group by 1, 2 order by 1, 2`);
        const kept = await db().execute(sql`
          select endpoint_id, status, count::int as count from job_counter
          where workspace_id = ${here.workspace.id} and count <> 0 order by 1, 2`);
        expect(kept.rows).toEqual(counted.rows);
      }),
      { numRuns: 15 },
    );
  });

  it("hold while 20 writers work at once", async () => {
    const here = await makeContext();
    const place = await makeEndpoint(here);
    const rows = await Promise.all(Array.from({ length: 20 }, () => makeJob(here, place)));
    await Promise.all(
      rows.map((row) =>
        db().transaction(async (tx) =>
          writeState(tx, row, { ...stateOf(row), status: "COMPLETED" }, await bumpRev(tx, row.workspaceId)),
        ),
      ),
    );
    const kept = await db()
      .select({ status: jobCounter.status, count: jobCounter.count })
      .from(jobCounter)
      .where(eq(jobCounter.endpointId, place.id));
    expect(kept.filter((row) => row.count !== 0)).toEqual([{ status: "COMPLETED", count: 20 }]);
  });
});
