import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { eq, inArray, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import { Lane, type LaneCounts } from "@/lib/collector/lane";
import { db } from "@/lib/db/client";
import { endpoint as endpointTable } from "@/lib/db/tables/endpoints";
import { jobOutputChunk, jobOutputDraft, jobStreamChunk } from "@/lib/db/tables/jobs";
import type { TestDatabase } from "@/lib/db/testing";
import { readCircuits, reportTrouble } from "@/lib/endpoints/circuit";
import type { EndpointRecord } from "@/lib/endpoints/connection";
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
import { type Script, type ScriptedServer, says, scriptedServer } from "@/lib/upstream/testing";

let database: TestDatabase;
let provider: ScriptedServer;
let ctx: Context;
let serial = 0;

beforeAll(async () => {
  provider = await scriptedServer();
  database = await openTestDatabase();
  ctx = await makeContext();
});
beforeEach(() => {
  provider.heard.length = 0;
});
afterAll(async () => {
  await database.close();
  await provider.close();
});

/** A key of its own per endpoint: no test slows another one down. */
const anEndpoint = (over: Partial<EndpointRecord> = {}) =>
  makeEndpoint(ctx, { baseUrl: `${provider.origin}/v2`, apiKey: `rpa_lane-${serial++}`, ...over });
const openLane = (at: EndpointRecord, counts: Partial<LaneCounts> = {}) => {
  const lane = new Lane(randomUUID(), at);
  lane.update(at, { sending: 0, queued: 5, running: 5, ...counts });
  return lane;
};
/** Tick until what a test waits for is so; what is under way is let finish each time. */
async function until(lane: Lane, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 8000; Date.now() < deadline; await sleep(15)) {
    lane.wake();
    await lane.tick();
    await lane.settle();
    if (await isSo()) return;
  }
  throw new Error("not so in time");
}
const isStatus = (id: string, status: string) => async () => (await readRow(id)).status === status;
const countStatus = async (at: EndpointRecord, status: string) =>
  (await db().execute(sql`select 1 from job where endpoint_id = ${at.id} and status = ${status}`)).rows
    .length;
const wasAsked = () => provider.heard.length > 0;
const completed: Script = ({ path }, response) =>
  says(200, `{"id":"${path.split("/").at(-1)}","status":"COMPLETED","executionTime":7,"output":{"n":1.0}}`)(
    { method: "", path, headers: {}, body: "" },
    response,
  );

describe("a lane", () => {
  it("asks for the status with the key and keeps the result as it was spelled", async () => {
    const at = await anEndpoint();
    const row = await makeJob(ctx, at, { status: "IN_PROGRESS" });
    provider.script(completed);
    await until(openLane(at), isStatus(row.id, "COMPLETED"));
    expect(provider.heard.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET /v2/ep1/status/${row.upstreamId}`,
    ]);
    const [chunk] = await db().select().from(jobOutputChunk).where(eq(jobOutputChunk.jobId, row.id));
    expect(chunk?.data.toString()).toBe('{"n":1.0}');
    expect(await readRow(row.id)).toMatchObject({ executionMs: 7, outputState: "stored" });
  });

  it("stores an output of many chunks while it comes, and leaves no draft behind", async () => {
    const at = await anEndpoint();
    const ended = await makeJob(ctx, at, { status: "IN_PROGRESS" });
    const running = await makeJob(ctx, at, { status: "IN_PROGRESS" });
    const large = JSON.stringify("0123456789".repeat(150_000));
    // Where the status comes last, the one that still runs cannot be told from the other before.
    provider.script(({ path }, response) => {
      const id = path.split("/").at(-1)!;
      const status = id === ended.upstreamId ? "COMPLETED" : "IN_PROGRESS";
      return says(200, `{"delayTime":5,"id":"${id}","output":${large},"status":"${status}"}`)(
        { method: "", path, headers: {}, body: "" },
        response,
      );
    });
    await until(openLane(at), isStatus(ended.id, "COMPLETED"));
    await until(openLane(at), async () => (await readRow(running.id)).delayMs === 5);
    expect(await readRow(ended.id)).toMatchObject({ outputState: "stored", outputBytes: large.length });
    const chunks = await db()
      .select()
      .from(jobOutputChunk)
      .where(inArray(jobOutputChunk.jobId, [ended.id, running.id]))
      .orderBy(jobOutputChunk.seq);
    expect(Buffer.concat(chunks.map((chunk) => chunk.data)).toString() === large).toBe(true);
    expect(await db().select().from(jobOutputDraft)).toEqual([]);
  });

  it("shared by two collectors asks once and records once", async () => {
    const at = await anEndpoint();
    const rows = [];
    for (let i = 0; i < 12; i++) rows.push(await makeJob(ctx, at, { status: "IN_PROGRESS" }));
    provider.script(completed);
    const lanes = [openLane(at), openLane(at)];
    const areOver = async () => {
      const { rows: live } = await db().execute(
        sql`select 1 from job where endpoint_id = ${at.id} and status <> 'COMPLETED'`,
      );
      return live.length === 0;
    };
    await Promise.all(lanes.map((lane) => until(lane, areOver)));
    expect(provider.heard).toHaveLength(rows.length);
    const { rows: events } = await db().execute(
      sql`select job_id from job_event where job_id in (select id from job where endpoint_id = ${at.id})`,
    );
    expect(events).toHaveLength(rows.length);
  });

  it.each<[name: string, over: Partial<EndpointRecord>]>([
    ["paused", { pausedAt: new Date() }],
    ["removed", { removedAt: new Date() }],
  ])("of an endpoint that is %s asks nothing", async (_name, over) => {
    const at = await anEndpoint(over);
    await makeJob(ctx, at, { status: "IN_PROGRESS" });
    await makeJob(ctx, at, { status: "SENDING" });
    const lane = openLane(at, { sending: 1 });
    for (let i = 0; i < 5; i++) {
      lane.wake();
      await lane.tick();
      if (over.pausedAt) await lane.send();
      await sleep(20);
    }
    await lane.settle();
    expect(provider.heard).toEqual([]);
  });

  it("whose key is refused pauses the endpoint at the first answer and keeps the jobs", async () => {
    const at = await anEndpoint();
    const rows = [await makeJob(ctx, at, { status: "IN_PROGRESS" })];
    provider.script(says(401, { error: "revoked" }));
    const lane = openLane(at);
    await until(lane, wasAsked);
    rows.push(await makeJob(ctx, at, { status: "IN_PROGRESS" }));
    for (let i = 0; i < 5; i++) {
      lane.wake();
      await lane.tick();
      await sleep(10);
    }
    expect(provider.heard).toHaveLength(1);
    const [now] = await db().select().from(endpointTable).where(eq(endpointTable.id, at.id));
    expect(now?.pausedReason).toBe("The provider refused the API key (HTTP 401). revoked");
    for (const row of rows) expect((await readRow(row.id)).status).toBe("IN_PROGRESS");
  });

  it("that is told 429 waits as long as it was told, and fails no job", async () => {
    const at = await anEndpoint();
    const row = await makeJob(ctx, at, { status: "IN_PROGRESS" });
    provider.script(says(429, "", { "retry-after": "60" }));
    const lane = openLane(at);
    await until(lane, wasAsked);
    await db().execute(sql`update job_watch set next_poll_at = now() where job_id = ${row.id}`);
    for (let i = 0; i < 5; i++) {
      lane.wake();
      await lane.tick();
      await lane.settle();
      await sleep(10);
    }
    expect(provider.heard).toHaveLength(1);
    expect((await readRow(row.id)).status).toBe("IN_PROGRESS");
  });

  it.each<[name: string, script: Script, misses: number]>([
    ["500", says(500, ""), 0],
    ["a web page", says(200, "<html>"), 1],
    ["an empty object", says(200, {}), 1],
    ["a reset", (_request, response) => response.socket?.resetAndDestroy(), 0],
  ])("that is answered with %s changes nothing and asks again later", async (_name, script, misses) => {
    const at = await anEndpoint();
    const row = await makeJob(ctx, at, { status: "IN_PROGRESS" });
    provider.script(script);
    await until(openLane(at), wasAsked);
    expect(await readRow(row.id)).toEqual(row);
    expect(await readWatch(row.id)).toMatchObject({ leaseOwner: null, misses });
  });

  it("looks at a running job as one, though it was called queued again", async () => {
    const at = await anEndpoint();
    const row = await makeJob(ctx, at, { status: "IN_PROGRESS" });
    provider.script(says(200, { id: row.upstreamId, status: "IN_QUEUE" }));
    const lane = openLane(at);
    await until(lane, wasAsked);
    expect((await readRow(row.id)).status).toBe("IN_PROGRESS");
    expect(secondsUntil((await readWatch(row.id))?.nextPollAt)).toBeLessThan(6);
  });

  it("that fails five times in a row waits, and then asks about one job and goes on", async () => {
    const at = await anEndpoint();
    for (let i = 0; i < 20; i++) await makeJob(ctx, at, { status: "IN_PROGRESS" });
    provider.script(says(502, ""));
    const lane = openLane(at, { running: 20 });
    const isOpen = async () => (await readCircuits(db(), [at.id])).some(({ openedAt }) => openedAt !== null);
    await until(lane, isOpen);
    await lane.settle();
    const asked = provider.heard.length;
    await db().execute(sql`update job_watch set next_poll_at = now() where endpoint_id = ${at.id}`);
    for (let i = 0; i < 3; i++) await lane.tick();
    await lane.settle();
    expect(provider.heard).toHaveLength(asked);
    // Another collector learns it by the survey.
    const other = openLane(at);
    other.update(at, { sending: 0, queued: 0, running: 20 }, await readCircuits(db(), [at.id]));
    await other.tick();
    expect(provider.heard).toHaveLength(asked);
    provider.script(completed);
    await until(lane, () => provider.heard.length > asked);
    expect(provider.heard).toHaveLength(asked + 1);
    expect(await isOpen()).toBe(false);
    const areOver = async () =>
      (await db().execute(sql`select 1 from job where endpoint_id = ${at.id} and status <> 'COMPLETED'`)).rows
        .length === 0;
    await until(lane, areOver);
  });

  it("without a job to ask about asks for the endpoint's health", async () => {
    const at = await anEndpoint();
    await makeJob(ctx, at, { status: "SENDING" });
    for (let i = 0; i < 5; i++) await reportTrouble(db(), at, "status", { words: "HTTP 500" });
    const lane = openLane(at, { sending: 1, queued: 0, running: 0 });
    lane.update(at, { sending: 1, queued: 0, running: 0 }, await readCircuits(db(), [at.id]));
    provider.script(says(200, { jobs: {}, workers: {} }));
    await lane.send();
    await until(lane, wasAsked);
    expect(provider.heard.map(({ path }) => path)).toEqual(["/v2/ep1/health"]);
    expect(await readCircuits(db(), [at.id])).toEqual([]);
  });

  it("whose requests get lost sends few of them, then one at a time after a look at the health", async () => {
    const at = await anEndpoint();
    for (let i = 0; i < 30; i++) await makeJob(ctx, at, { status: "SENDING" });
    const lane = openLane(at, { sending: 30, queued: 0, running: 0 });
    provider.script(says(502, ""));
    for (let i = 0; i < 40; i++) {
      await lane.send();
      await lane.settle();
    }
    const lost = await countStatus(at, "UNCONFIRMED");
    // Four at once at most, and the fifth failure ends it.
    expect(lost).toBeGreaterThanOrEqual(5);
    expect(lost).toBeLessThanOrEqual(8);
    expect(await countStatus(at, "SENDING")).toBe(30 - lost);
    provider.heard.length = 0;
    provider.script((request, response) =>
      says(200, request.path.endsWith("/health") ? { jobs: {}, workers: {} } : { id: randomUUID() })(
        request,
        response,
      ),
    );
    for (const deadline = Date.now() + 8000; provider.heard.length < 2 && Date.now() < deadline; ) {
      await lane.send();
      await sleep(20);
    }
    await lane.settle();
    expect(provider.heard.map(({ path }) => path).slice(0, 2)).toEqual(["/v2/ep1/health", "/v2/ep1/run"]);
    for (let i = 0; i < 40 && (await countStatus(at, "SENDING")) > 0; i++) {
      await lane.send();
      await lane.settle();
    }
    expect(await countStatus(at, "IN_QUEUE")).toBe(30 - lost);
  });

  it("sets one job aside whose answers cannot be read, says so once, and goes on with the others", async () => {
    const at = await anEndpoint();
    const [odd, plain] = [
      await makeJob(ctx, at, { status: "IN_PROGRESS" }),
      await makeJob(ctx, at, { status: "IN_PROGRESS" }),
    ];
    provider.script((request, response) =>
      (request.path.endsWith(odd.upstreamId!) ? says(200, "{]") : completed)(request, response),
    );
    const lane = openLane(at);
    await until(lane, isStatus(plain.id, "COMPLETED"));
    await until(lane, async () => {
      if (((await readWatch(odd.id))?.misses ?? 0) >= 5) return true;
      await db().execute(sql`update job_watch set next_poll_at = now() where job_id = ${odd.id}`);
      return false;
    });
    expect((await readEvents(odd.id)).map(({ kind }) => kind)).toEqual(["unreadable"]);
    expect(await readRow(odd.id)).toMatchObject({ status: "IN_PROGRESS" });
    expect(secondsUntil((await readWatch(odd.id))?.nextPollAt)).toBeGreaterThan(5);
    expect(await readCircuits(db(), [at.id])).toEqual([]);
    provider.script(completed);
    await db().execute(sql`update job_watch set next_poll_at = now() where job_id = ${odd.id}`);
    await until(lane, isStatus(odd.id, "COMPLETED"));
  });

  it("sees an unknown word and goes on watching", async () => {
    const at = await anEndpoint();
    const row = await makeJob(ctx, at, { status: "IN_QUEUE" });
    provider.script(says(200, { id: row.upstreamId, status: "WARMING_UP" }));
    const lane = openLane(at);
    await until(lane, isStatus(row.id, "WARMING_UP"));
    expect(await readWatch(row.id)).toMatchObject({ phase: "run" });
    provider.script(completed);
    await until(lane, isStatus(row.id, "COMPLETED"));
  });

  it("heals an unconfirmed job by the hint of a webhook, and not with another job's id", async () => {
    const at = await anEndpoint();
    const known = await makeJob(ctx, at, { status: "COMPLETED" });
    const heal = (hintUpstreamId: string) =>
      makeJob(ctx, at, { status: "UNCONFIRMED", watch: { phase: "heal", hintUpstreamId } });
    const [mine, foreign] = [await heal("mine-1"), await heal(known.upstreamId!)];
    provider.script(completed);
    const lane = openLane(at, { running: 0, queued: 0 });
    await until(
      lane,
      async () => (await readWatch(mine.id)) === undefined && (await readWatch(foreign.id)) === undefined,
    );
    expect(await readRow(mine.id)).toMatchObject({ status: "COMPLETED", upstreamId: "mine-1" });
    expect(await readRow(foreign.id)).toEqual(foreign);
  });

  it("sends what waits in line, once between two collectors", async () => {
    const at = await anEndpoint();
    for (let i = 0; i < 8; i++) await makeJob(ctx, at, { status: "SENDING" });
    provider.script((_request, response) => says(200, { id: `sent-${randomUUID()}` })(_request, response));
    const lanes = [openLane(at, { sending: 8 }), openLane(at, { sending: 8 })];
    await Promise.all(lanes.map((lane) => lane.send()));
    await Promise.all(lanes.map((lane) => lane.settle()));
    expect(provider.heard.map(({ path }) => path)).toEqual(Array.from({ length: 8 }, () => "/v2/ep1/run"));
    const { rows } = await db().execute(sql`select distinct status from job where endpoint_id = ${at.id}`);
    expect(rows).toEqual([{ status: "IN_QUEUE" }]);
  });
});

describe("a job that ended without an output", () => {
  const piecesOf = (jobId: string) =>
    db().select({ data: jobStreamChunk.data }).from(jobStreamChunk).where(eq(jobStreamChunk.jobId, jobId));
  const streaming =
    (stream: Script): Script =>
    (request, response) =>
      request.path.includes("/stream/")
        ? stream(request, response)
        : says(200, { id: "x", status: "COMPLETED", output: [] })(request, response);

  it("leaves the pieces of its stream", async () => {
    const at = await anEndpoint();
    const row = await makeJob(ctx, at, { status: "IN_PROGRESS" });
    provider.script(
      streaming(says(200, { status: "COMPLETED", stream: [{ output: "a" }, { output: "b" }] })),
    );
    await until(openLane(at), isStatus(row.id, "COMPLETED"));
    expect(await piecesOf(row.id)).toEqual([{ data: '"a"' }, { data: '"b"' }]);
  });

  it("is not over before its stream could be asked for", async () => {
    const at = await anEndpoint();
    const row = await makeJob(ctx, at, { status: "IN_PROGRESS" });
    provider.script(streaming(says(429, "")));
    const lane = openLane(at);
    await until(lane, () => provider.heard.some(({ path }) => path.includes("/stream/")));
    expect((await readRow(row.id)).status).toBe("IN_PROGRESS");
    provider.script(streaming(says(200, { status: "COMPLETED", stream: [{ output: "late" }] })));
    await until(lane, isStatus(row.id, "COMPLETED"));
    expect(await piecesOf(row.id)).toEqual([{ data: '"late"' }]);
  });

  it("waits for a reader who is draining the stream", async () => {
    const at = await anEndpoint();
    const row = await makeJob(ctx, at, {
      status: "IN_PROGRESS",
      watch: { streamLeaseUntil: new Date(Date.now() + 20_000) },
    });
    provider.script(streaming(says(200, { status: "COMPLETED", stream: [] })));
    await until(openLane(at), wasAsked);
    expect((await readRow(row.id)).status).toBe("IN_PROGRESS");
    expect(provider.heard.filter(({ path }) => path.includes("/stream/"))).toEqual([]);
  });

  it("of an endpoint without streams is over all the same", async () => {
    const at = await anEndpoint();
    const row = await makeJob(ctx, at, { status: "IN_PROGRESS" });
    provider.script(streaming(says(404, "")));
    await until(openLane(at), isStatus(row.id, "COMPLETED"));
    expect(await piecesOf(row.id)).toEqual([]);
  });
});
