import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { eq } from "drizzle-orm";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Context } from "@/lib/auth/context";
import { db } from "@/lib/db/client";
import { jobWatch, webhookReceipt } from "@/lib/db/tables/jobs";
import type { TestDatabase } from "@/lib/db/testing";
import type { EndpointRecord } from "@/lib/endpoints/connection";
import { sendJob } from "@/lib/jobs/send";
import { makeContext, makeEndpoint, makeJob, openTestDatabase, readRow, readWatch } from "@/lib/jobs/testing";
import { newToken } from "@/lib/kernel/ids";
import { log } from "@/lib/kernel/log";
import { errorResponse } from "@/lib/server/http/define-route";
import type { RunOutcome } from "@/lib/upstream/client";
import { hooksApp } from "@/lib/webhooks/http";

const MAX_BYTES = 2 * 1024 * 1024;

let database: TestDatabase;
let ctx: Context;
let endpoint: EndpointRecord;
let server: Server;
let origin: string;

beforeAll(async () => {
  database = await openTestDatabase();
  ctx = await makeContext();
  endpoint = await makeEndpoint(ctx);
  const app = new Hono().route("/hooks", hooksApp({ maxBytes: MAX_BYTES }));
  app.onError((error, c) => errorResponse(c, error));
  server = createServer(getRequestListener(app.fetch));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await database.close();
});

const call = async (token: string, body: string | object) => {
  const response = await fetch(`${origin}/hooks/${token}`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  await response.text();
  return response.status;
};
async function jobWithToken(over: Parameters<typeof makeJob>[2] = {}) {
  const hookToken = newToken();
  const later = { nextPollAt: new Date(Date.now() + 60_000) };
  const row = await makeJob(ctx, endpoint, { hookToken, watch: later, ...over });
  return { row, token: hookToken };
}
const receiptsOf = (jobId: string) =>
  db()
    .select({
      status: webhookReceipt.claimedStatus,
      upstreamId: webhookReceipt.claimedUpstreamId,
      bytes: webhookReceipt.bytes,
    })
    .from(webhookReceipt)
    .where(eq(webhookReceipt.jobId, jobId));

describe("a delivery", () => {
  it.each([
    ["unknown", newToken()],
    ["short", "abc"],
    ["long", "a".repeat(5000)],
    ["with other characters", "a".repeat(42) + encodeURIComponent("'")],
    ["the hash of something", "0".repeat(64)],
  ])("on a token that is %s is answered with 404", async (_name, token) =>
    expect(await call(token, { id: "x", status: "COMPLETED" })).toBe(404),
  );

  it("on an unknown token is not read, however large", async () =>
    expect(await call(newToken(), "x".repeat(MAX_BYTES + 1))).toBe(404));

  it("has no other method", async () => {
    const { token } = await jobWithToken();
    expect((await fetch(`${origin}/hooks/${token}`)).status).toBe(404);
  });

  it("about a job that runs asks for a look at once, and changes nothing else", async () => {
    for (const status of ["IN_QUEUE", "IN_PROGRESS", "A_NEW_WORD"]) {
      const { row, token } = await jobWithToken({ status });
      const body = { id: row.upstreamId, status: "COMPLETED", output: "done" };
      expect(await call(token, body)).toBe(200);
      expect(await readRow(row.id)).toEqual(row);
      expect((await readWatch(row.id))?.nextPollAt).toEqual(new Date(0));
      const bytes = Buffer.byteLength(JSON.stringify(body));
      expect(await receiptsOf(row.id)).toEqual([{ status: "COMPLETED", upstreamId: row.upstreamId, bytes }]);
    }
  });

  it.each<[name: string, body: string | object]>([
    ["lies about the state", { id: "x", status: "FAILED", error: "planted" }],
    ["names another id", { id: "somebody-else", status: "COMPLETED" }],
    ["is no JSON", "<html>"],
    ["is empty", ""],
    ["ends in the middle", '{"id":"x","sta'],
    ["is a list", "[1,2]"],
    ["has fields of wrong types", { id: { $ne: 1 }, status: 7 }],
    ["holds NUL", { id: "a\u0000b", status: "c\u0000d" }],
    ["has endless fields", { id: "x".repeat(5000), status: "y".repeat(5000) }],
    ["is deep", `{"id":"x","output":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
    ["brings __proto__", '{"__proto__":{"status":"COMPLETED"},"constructor":{"prototype":1}}'],
  ])("that %s is only a hint", async (_name, body) => {
    const { row, token } = await jobWithToken({ status: "IN_PROGRESS" });
    expect(await call(token, body)).toBe(200);
    expect(await readRow(row.id)).toEqual(row);
    expect(await readWatch(row.id)).toMatchObject({ phase: "run", hintUpstreamId: null });
  });

  it("with a huge input and output is scanned past", async () => {
    const { row, token } = await jobWithToken();
    const half = "x".repeat(900_000);
    expect(await call(token, { input: { half }, output: half, id: "u", status: "COMPLETED" })).toBe(200);
    expect(await receiptsOf(row.id)).toMatchObject([{ status: "COMPLETED", upstreamId: "u" }]);
  });

  it("over the limit is refused and leaves nothing", async () => {
    const { row, token } = await jobWithToken();
    const before = await readWatch(row.id);
    expect(await call(token, { output: "x".repeat(MAX_BYTES) })).toBe(413);
    expect(await receiptsOf(row.id)).toEqual([]);
    expect(await readWatch(row.id)).toEqual(before);
  });

  it("in a flood keeps 20 receipts and the job as it is", async () => {
    const { row, token } = await jobWithToken({ status: "IN_PROGRESS" });
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) => call(token, { id: `forged-${i}`, status: "COMPLETED" })),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(await receiptsOf(row.id)).toHaveLength(20);
    expect(await readRow(row.id)).toEqual(row);
  });

  it.each([
    { status: "IN_PROGRESS", atFirst: new Date(0) },
    { status: "UNCONFIRMED", atFirst: undefined },
  ])(
    "in a flood about a job $status has it looked at once per second, no more",
    async ({ status, atFirst }) => {
      const { row, token } = await jobWithToken({ status });
      for (let i = 0; i < 20; i++) await call(token, { id: `forged-${i}`, status: "COMPLETED" });
      if (atFirst) expect((await readWatch(row.id))?.nextPollAt).toEqual(atFirst);
      // As a poll leaves it.
      const polledAt = new Date();
      const later = new Date(polledAt.getTime() + 60_000);
      await db().update(jobWatch).set({ nextPollAt: later }).where(eq(jobWatch.jobId, row.id));
      for (let i = 0; i < 5; i++) await call(token, { id: "forged", status: "COMPLETED" });
      const next = (await readWatch(row.id))!.nextPollAt.getTime();
      expect(next).toBeGreaterThan(polledAt.getTime() + 900);
      expect(next).toBeLessThan(later.getTime());
    },
  );

  it("whose database fails leaves no token in the log", async () => {
    const { token } = await jobWithToken({ status: "IN_PROGRESS" });
    const logged = vi.spyOn(log, "error").mockImplementation(() => {});
    const broken = vi.spyOn(db(), "select").mockImplementation(() => {
      throw new Error("planted");
    });
    expect(await call(token, {})).toBe(500);
    broken.mockRestore();
    expect(logged).toHaveBeenCalledOnce();
    expect(logged.mock.calls[0]?.[0]).toMatchObject({ route: "/hooks/:token" });
    expect(JSON.stringify(logged.mock.calls)).not.toContain(token);
    logged.mockRestore();
  });

  it.each(["COMPLETED", "FAILED", "REJECTED", "LOST"])("about a %s job reopens nothing", async (status) => {
    const { row, token } = await jobWithToken({ status });
    expect(await call(token, { id: "other", status: "IN_PROGRESS" })).toBe(200);
    expect(await readRow(row.id)).toEqual(row);
    expect(await readWatch(row.id)).toBeUndefined();
  });
});

describe("a delivery that is faster than the acknowledgement", () => {
  const early = async (outcome: RunOutcome) => {
    const { row, token } = await jobWithToken({ status: "SENDING" });
    const claimed = { id: `up-${row.id}`, status: "COMPLETED" };
    await sendJob(row, endpoint, {
      run: async () => {
        expect(await call(token, claimed)).toBe(200);
        expect(await readRow(row.id)).toMatchObject({ status: "SENDING", upstreamId: null });
        return outcome;
      },
    });
    return { row, token, now: await readRow(row.id), watch: await readWatch(row.id) };
  };

  it("has the job looked at as soon as it is acknowledged", async () => {
    const { now, watch } = await early({ kind: "accepted", upstreamId: `acknowledged-${newToken()}` });
    expect(now.status).toBe("IN_QUEUE");
    expect(now.upstreamId).toMatch(/^acknowledged/);
    expect(watch?.nextPollAt.getTime()).toBeLessThanOrEqual(Date.now());
  });

  it("is the way out of doubt when the acknowledgement never comes", async () => {
    const { row, now, watch } = await early({
      kind: "unclear",
      words: "",
      httpStatus: null,
      retryAfterMs: null,
    });
    expect(now).toMatchObject({ status: "UNCONFIRMED", upstreamId: null });
    expect(watch).toMatchObject({ phase: "heal", hintUpstreamId: `up-${row.id}` });
  });
});

describe("a delivery about an unconfirmed job", () => {
  it("has the id that it names looked at, the newest of them", async () => {
    const { row, token } = await jobWithToken({ status: "UNCONFIRMED", watch: {} });
    await call(token, { id: "first", status: "COMPLETED" });
    await call(token, { id: "second", status: "COMPLETED" });
    expect(await readWatch(row.id)).toMatchObject({ phase: "heal", hintUpstreamId: "second" });
    expect(await readRow(row.id)).toEqual(row);
  });

  it("without an id helps nobody", async () => {
    const { row, token } = await jobWithToken({ status: "UNCONFIRMED", watch: {} });
    expect(await call(token, { status: "COMPLETED" })).toBe(200);
    expect(await readWatch(row.id)).toBeUndefined();
  });

  it("is not lost when the doubt is written at the same moment", async () => {
    for (let i = 0; i < 10; i++) {
      const { row, token } = await jobWithToken({ status: "SENDING" });
      const unclear: RunOutcome = { kind: "unclear", words: "", httpStatus: null, retryAfterMs: null };
      await Promise.all([
        sendJob(row, endpoint, { run: async () => unclear }),
        call(token, { id: `up-${row.id}`, status: "COMPLETED" }),
      ]);
      expect(await readWatch(row.id)).toMatchObject({ phase: "heal", hintUpstreamId: `up-${row.id}` });
    }
  });
});
