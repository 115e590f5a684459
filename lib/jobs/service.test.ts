import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import { db } from "@/lib/db/client";
import { endpoint as endpointTable } from "@/lib/db/tables/endpoints";
import { job, webhookDelivery } from "@/lib/db/tables/jobs";
import type { TestDatabase } from "@/lib/db/testing";
import type { EndpointRecord } from "@/lib/endpoints/connection";
import { writeOutput } from "@/lib/jobs/output-store";
import { cancelJob, markNotSent, resendJob, retryJob, runAgain, submitJob } from "@/lib/jobs/service";
import { appendStream } from "@/lib/jobs/store";
import {
  makeContext,
  makeEndpoint,
  makeJob,
  makeSpec,
  openTestDatabase,
  readEvents,
  readRow,
  readWatch,
} from "@/lib/jobs/testing";
import { type Script, type ScriptedServer, says, scriptedServer } from "@/lib/upstream/testing";

let database: TestDatabase;
let provider: ScriptedServer;
let ctx: Context;
let endpoint: EndpointRecord;

beforeAll(async () => {
  provider = await scriptedServer();
  database = await openTestDatabase();
  ctx = await makeContext({ name: "Ada" });
  endpoint = await makeEndpoint(ctx, { baseUrl: `${provider.origin}/v2`, apiKey: "rpa_service" });
});
beforeEach(() => {
  provider.heard.length = 0;
  provider.script(acceptsAll);
});
afterAll(async () => {
  await database.close();
  await provider.close();
});

const acceptsAll: Script = (request, response) =>
  says(200, { id: `up-${randomUUID()}`, status: "IN_QUEUE" })(request, response);
const submit = (over: Partial<Parameters<typeof submitJob>[1]> = {}, as = ctx) =>
  submitJob(as, { clientKey: randomUUID(), endpointId: endpoint.id, request: makeSpec(), ...over });
const asked = () => provider.heard.map(({ method, path }) => `${method} ${path}`);

const S3 = {
  accessId: "AKIA1",
  accessSecret: "planted-secret",
  bucketName: "b",
  endpointUrl: "https://s3.example",
};

describe("submitting", () => {
  it("journals, sends and answers with the state", async () => {
    const done = await submit();
    expect(done.status).toBe("IN_QUEUE");
    expect(asked()).toEqual(["POST /v2/ep1/run"]);
    expect(provider.heard[0]?.headers.authorization).toBe("Bearer rpa_service");
    expect((await readEvents(done.id)).map((event) => event.kind)).toEqual(["created", "accepted"]);
  });

  it("the same client key is the same job and one request, also when 20 calls race", async () => {
    const clientKey = randomUUID();
    const done = await Promise.all(Array.from({ length: 20 }, () => submit({ clientKey })));
    expect(new Set(done.map((one) => one.id)).size).toBe(1);
    expect(asked()).toHaveLength(1);
  });

  it("the same client key for another request is a conflict and sends nothing", async () => {
    const clientKey = randomUUID();
    await submit({ clientKey });
    provider.heard.length = 0;
    const other = submit({ clientKey, request: makeSpec({ inputText: '{"prompt":"another"}' }) });
    await expect(other).rejects.toMatchObject({ code: "conflict" });
    const elsewhere = await makeEndpoint(ctx);
    await expect(submit({ clientKey, endpointId: elsewhere.id })).rejects.toMatchObject({ code: "conflict" });
    expect(asked()).toEqual([]);
  });

  it("over 10 MB with everything around the input is refused before it is journaled", async () => {
    const clientKey = randomUUID();
    const text = `{"x":"${"x".repeat(10 * 1024 * 1024 - 8)}"}`;
    expect(Buffer.byteLength(text)).toBe(10 * 1024 * 1024);
    const refused = submit({ clientKey, request: makeSpec({ inputText: text }) });
    await expect(refused).rejects.toMatchObject({ code: "too_large" });
    expect(await db().select().from(job).where(eq(job.clientKey, clientKey))).toEqual([]);
  });

  it("to an endpoint of another workspace is not possible", async () => {
    const stranger = await makeContext();
    await expect(submit({}, stranger)).rejects.toMatchObject({ code: "not_found" });
    expect(asked()).toEqual([]);
  });

  it("to a paused endpoint waits in line, to a removed one is refused", async () => {
    const paused = await makeEndpoint(ctx, { baseUrl: endpoint.baseUrl, pausedAt: new Date() });
    expect(await submit({ endpointId: paused.id })).toMatchObject({ status: "SENDING" });
    const removed = await makeEndpoint(ctx, { baseUrl: endpoint.baseUrl, removedAt: new Date() });
    await expect(submit({ endpointId: removed.id })).rejects.toMatchObject({ code: "conflict" });
    expect(asked()).toEqual([]);
  });

  it("with a provider that refuses or breaks is an answer, not an error", async () => {
    provider.script(says(400, { error: "no prompt" }));
    expect((await submit()).status).toBe("REJECTED");
    provider.script((_request, response) => response.socket?.resetAndDestroy());
    expect((await submit()).status).toBe("UNCONFIRMED");
    provider.script(says(429, "", { "retry-after": "1" }));
    expect((await submit()).status).toBe("SENDING");
  });
});

describe("the S3 secret of an edited request", () => {
  // A budget of its own: the test above had this provider slow us down.
  let at: EndpointRecord;
  beforeAll(async () => {
    at = await makeEndpoint(ctx, { baseUrl: endpoint.baseUrl, apiKey: "rpa_s3" });
  });
  const edited = async (s3: Partial<typeof S3>, from?: string) => {
    const origin = await makeJob(ctx, at, { status: "FAILED", spec: { s3: S3 } });
    return submit({
      endpointId: at.id,
      originJobId: from ?? origin.id,
      request: makeSpec({ s3: { ...S3, accessSecret: "", ...s3 } }),
    });
  };

  it("is taken from the origin job for the same key id and address", async () => {
    await edited({ bucketName: "another" });
    expect(JSON.parse(provider.heard[0]!.body).s3Config).toEqual({ ...S3, bucketName: "another" });
  });

  it.each<[name: string, s3: Partial<typeof S3>]>([
    ["another address", { endpointUrl: "https://evil.example" }],
    ["another key id", { accessId: "AKIA2" }],
  ])("is not given to %s", async (_name, s3) => {
    await expect(edited(s3)).rejects.toMatchObject({
      code: "invalid",
      fields: { "request.s3.accessSecret": expect.any(String) },
    });
    expect(asked()).toEqual([]);
  });

  it("is not taken from a job of another workspace", async () => {
    const stranger = await makeContext();
    const theirs = await makeJob(stranger, await makeEndpoint(stranger), { spec: { s3: S3 } });
    await expect(edited({}, theirs.id)).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("cancelling", () => {
  it.each(["COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT", "REJECTED", "EXPIRED", "LOST", "UNCONFIRMED"])(
    "a %s job is a conflict and asks nobody",
    async (status) => {
      const row = await makeJob(ctx, endpoint, { status });
      await expect(cancelJob(ctx, row)).rejects.toMatchObject({ code: "conflict" });
      expect(asked()).toEqual([]);
      expect((await readRow(row.id)).status).toBe(status);
    },
  );

  it.each(["IN_QUEUE", "IN_PROGRESS", "A_NEW_WORD"])(
    "a %s job asks the provider, whose word counts",
    async (status) => {
      const row = await makeJob(ctx, endpoint, { status });
      provider.script(says(200, { id: row.upstreamId, status: "CANCELLED" }));
      expect(await cancelJob(ctx, row)).toEqual({ id: row.id, status: "CANCELLED" });
      expect(asked()).toEqual([`POST /v2/ep1/cancel/${row.upstreamId}`]);
      expect(await readWatch(row.id)).toBeUndefined();
      expect(await readEvents(row.id)).toEqual([
        { kind: "status", detail: { from: status, to: "CANCELLED", by: "Ada" } },
      ]);
    },
  );

  it("an unsent job never leaves; one that is being sent cannot be stopped", async () => {
    const unsent = await makeJob(ctx, endpoint, { status: "SENDING" });
    expect(await cancelJob(ctx, unsent)).toMatchObject({ status: "CANCELLED" });
    const leaving = await makeJob(ctx, endpoint, { status: "SENDING", sendStartedAt: new Date() });
    await expect(cancelJob(ctx, leaving)).rejects.toMatchObject({ code: "conflict" });
    expect(asked()).toEqual([]);
  });

  it.each(["COMPLETED", "FAILED"])(
    "that comes too late (%s) leaves the result to be fetched at once",
    async (word) => {
      const row = await makeJob(ctx, endpoint, {
        status: "IN_PROGRESS",
        watch: { nextPollAt: new Date(Date.now() + 60_000) },
      });
      provider.script(says(200, { id: row.upstreamId, status: word }));
      expect(await cancelJob(ctx, row)).toMatchObject({ status: "IN_PROGRESS" });
      expect((await readWatch(row.id))?.nextPollAt.getTime()).toBeLessThanOrEqual(Date.now());
      expect((await readEvents(row.id)).map((event) => event.kind)).toEqual(["cancel_requested"]);
    },
  );

  it("that the provider only takes note of is asked for, and stamps a new rev", async () => {
    const row = await makeJob(ctx, endpoint, { status: "IN_PROGRESS" });
    provider.script(says(200, { id: row.upstreamId, status: "IN_PROGRESS" }));
    expect(await cancelJob(ctx, row)).toMatchObject({ status: "IN_PROGRESS" });
    const now = await readRow(row.id);
    expect(now.cancelRequestedAt).not.toBeNull();
    expect(now.rev).toBeGreaterThan(row.rev);
  });

  it.each<[name: string, script: Script, code: string]>([
    ["404", says(404, ""), "conflict"],
    ["400", says(400, { error: "no" }), "conflict"],
    ["429", says(429, ""), "too_many"],
    ["401", says(401, ""), "upstream"],
    ["500", says(500, ""), "upstream"],
  ])("that the provider answers with %s changes nothing and says so", async (_name, script, code) => {
    // A key of its own: a 429 makes all cancels with this key wait.
    const at = await makeEndpoint(ctx, {
      baseUrl: `${provider.origin}/v2`,
      apiKey: `rpa_cancel-${code}-${_name}`,
    });
    const row = await makeJob(ctx, at, { status: "IN_PROGRESS" });
    provider.script(script);
    await expect(cancelJob(ctx, row)).rejects.toMatchObject({ code });
    expect(await readRow(row.id)).toEqual(row);
  });
});

describe("retrying", () => {
  it.each([
    "IN_QUEUE",
    "IN_PROGRESS",
    "COMPLETED",
    "CANCELLED",
    "REJECTED",
    "EXPIRED",
    "LOST",
    "UNCONFIRMED",
    "SENDING",
  ])("a %s job is a conflict and asks nobody", async (status) => {
    const row = await makeJob(ctx, endpoint, { status });
    await expect(retryJob(ctx, row)).rejects.toMatchObject({ code: "conflict" });
    expect(asked()).toEqual([]);
  });

  it.each(["FAILED", "TIMED_OUT"])(
    "a %s job queues it again and forgets the attempt before",
    async (status) => {
      const row = await makeJob(ctx, endpoint, {
        status,
        error: "boom",
        progress: '"half"',
        workerId: "w1",
        delayMs: 5,
        executionMs: 6,
        startedAt: new Date(),
        cancelRequestedAt: new Date(),
      });
      await db().transaction(async (tx) => {
        await writeOutput(tx, row, { bytes: 3, chunks: [Buffer.from("old")] });
        await appendStream(tx, row, ['"old"']);
        await tx.insert(webhookDelivery).values({
          jobId: row.id,
          workspaceId: row.workspaceId,
          attempts: 1,
          deliveredAt: new Date(),
        });
      });
      provider.script(says(200, { id: row.upstreamId, status: "IN_QUEUE" }));
      expect(await retryJob(ctx, row)).toEqual({ id: row.id, status: "IN_QUEUE" });
      expect(asked()).toEqual([`POST /v2/ep1/retry/${row.upstreamId}`]);
      expect(await readRow(row.id)).toMatchObject({
        status: "IN_QUEUE",
        upstreamId: row.upstreamId,
        ...{ error: null, progress: null, workerId: null, delayMs: null, executionMs: null },
        ...{
          startedAt: null,
          finishedAt: null,
          cancelRequestedAt: null,
          outputState: "none",
          outputBytes: null,
        },
      });
      expect(await readWatch(row.id)).toMatchObject({ phase: "queue" });
      const left = await db().execute(sql`
      select 'output' from job_output_chunk where job_id = ${row.id}
      union all select 'stream' from job_stream_chunk where job_id = ${row.id}
      union all select 'delivery' from webhook_delivery where job_id = ${row.id}`);
      expect(left.rows).toEqual([]);
    },
  );

  it("that the provider refuses keeps everything", async () => {
    const row = await makeJob(ctx, endpoint, { status: "FAILED", error: "boom" });
    provider.script(says(400, { error: "expired" }));
    await expect(retryJob(ctx, row)).rejects.toThrow(/expired/);
    expect(await readRow(row.id)).toEqual(row);
  });
});

describe("a job in doubt", () => {
  const doubtful = (over: Parameters<typeof makeJob>[2] = {}, at = endpoint) =>
    makeJob(ctx, at, { status: "UNCONFIRMED", sendStartedAt: new Date(), sendNonce: randomUUID(), ...over });
  // The tests before had this provider slow us down.
  let calm: EndpointRecord;
  beforeAll(async () => {
    calm = await makeEndpoint(ctx, { baseUrl: endpoint.baseUrl, apiKey: "rpa_calm" });
  });

  it("is sent once more when a person says so, once for two clicks", async () => {
    const row = await doubtful({}, calm);
    const clicks = await Promise.allSettled([resendJob(ctx, row), resendJob(ctx, row)]);
    expect(clicks.map((click) => click.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(asked()).toEqual(["POST /v2/ep1/run"]);
    expect((await readRow(row.id)).status).toBe("IN_QUEUE");
    expect((await readEvents(row.id)).map((event) => event.kind)).toEqual(["resent", "accepted"]);
  });

  it("is not sent again at an endpoint that was removed, and waits at one that is paused", async () => {
    const at = await makeEndpoint(ctx, { baseUrl: endpoint.baseUrl, removedAt: new Date() });
    const row = await doubtful({}, at);
    await expect(resendJob(ctx, row)).rejects.toMatchObject({ code: "conflict" });
    expect((await readRow(row.id)).status).toBe("UNCONFIRMED");
    await db()
      .update(endpointTable)
      .set({ removedAt: null, pausedAt: new Date() })
      .where(eq(endpointTable.id, at.id));
    expect(await resendJob(ctx, row)).toMatchObject({ status: "SENDING" });
    expect(asked()).toEqual([]);
  });

  it("is over when a person knows that it was never sent", async () => {
    const row = await doubtful({ watch: { phase: "heal", hintUpstreamId: "h" } });
    expect(await markNotSent(ctx, row)).toEqual({ id: row.id, status: "REJECTED" });
    expect((await readRow(row.id)).error).toBe("Ada marked this job as not sent.");
    expect(await readWatch(row.id)).toBeUndefined();
    expect(asked()).toEqual([]);
  });

  it.each(["SENDING", "IN_QUEUE", "COMPLETED", "REJECTED"])("is not what a %s job is", async (status) => {
    const row = await makeJob(ctx, endpoint, { status });
    await expect(resendJob(ctx, row)).rejects.toMatchObject({ code: "conflict" });
    await expect(markNotSent(ctx, row)).rejects.toMatchObject({ code: "conflict" });
    expect(asked()).toEqual([]);
  });
});

describe("running again", () => {
  it("makes a new job of the same request, secrets included, that knows where it comes from", async () => {
    const calm = await makeEndpoint(ctx, { baseUrl: endpoint.baseUrl, apiKey: "rpa_again" });
    const spec = { inputText: '{"n":1.0}', s3: S3, ttlMs: 60_000, lowPriority: true };
    const row = await makeJob(ctx, calm, { status: "COMPLETED", spec });
    const again = await runAgain(ctx, { id: row.id, clientKey: randomUUID() });
    expect(again.id).not.toBe(row.id);
    expect((await readRow(again.id)).originJobId).toBe(row.id);
    expect(provider.heard[0]?.body).toBe(
      `{"input":{"n":1.0},"policy":{"ttl":60000,"lowPriority":true},"s3Config":${JSON.stringify(S3)}}`,
    );
  });
});

it.each<[name: string, act: (stranger: Context, id: string) => Promise<unknown>]>([
  ["cancelled", (stranger, id) => cancelJob(stranger, { id })],
  ["retried", (stranger, id) => retryJob(stranger, { id })],
  ["sent again", (stranger, id) => resendJob(stranger, { id })],
  ["marked as not sent", (stranger, id) => markNotSent(stranger, { id })],
  ["run again", (stranger, id) => runAgain(stranger, { id, clientKey: randomUUID() })],
])("a job of another workspace cannot be %s", async (_name, act) => {
  const stranger = await makeContext();
  for (const status of ["IN_QUEUE", "FAILED", "UNCONFIRMED"]) {
    const row = await makeJob(ctx, endpoint, { status });
    await expect(act(stranger, row.id)).rejects.toMatchObject({ code: "not_found" });
    expect(await readRow(row.id)).toEqual(row);
  }
  expect(asked()).toEqual([]);
});
