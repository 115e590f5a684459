import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import { db } from "@/lib/db/client";
import { endpoint as endpointTable } from "@/lib/db/tables/endpoints";
import type { TestDatabase } from "@/lib/db/testing";
import { reportTrouble } from "@/lib/endpoints/circuit";
import type { EndpointRecord } from "@/lib/endpoints/connection";
import { readPressure } from "@/lib/endpoints/pressure";
import { pressureSchema } from "@/lib/endpoints/schema";
import { listEndpoints, readEndpoint, resumeEndpoint } from "@/lib/endpoints/service";
import { makeContext, makeEndpoint, makeJob, openTestDatabase } from "@/lib/jobs/testing";
import { slowDown, takeTokens } from "@/lib/upstream/budget";

let database: TestDatabase;
let ctx: Context;
let serial = 0;
beforeAll(async () => {
  database = await openTestDatabase();
  ctx = await makeContext();
});
afterAll(() => database.close());

const anEndpoint = () => makeEndpoint(ctx, { apiKey: `rpa_pressure-${serial++}` });
const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
const read = (at: EndpointRecord) => readPressure(ctx, at.id);

it("shows what was asked, what may be and what a 429 did, per operation", async () => {
  const at = await anEndpoint();
  await takeTokens(db(), { ...at, operation: "status" }, 40);
  await takeTokens(db(), { ...at, operation: "run" }, 1);
  await slowDown(db(), { ...at, operation: "run" }, 5_000);
  const { rates } = pressureSchema.strict().parse(await read(at));
  expect(rates.map(({ operation, limitPerSecond }) => [operation, limitPerSecond])).toEqual([
    ["run", 100],
    ["status", 200],
    ["cancel", 10],
  ]);
  const [run, status, cancel] = rates;
  expect(status!.perSecond).toBeGreaterThan(0);
  expect(status).toMatchObject({ pausedUntil: null, slowedUntil: null });
  expect(run!.pausedUntil).not.toBeNull();
  expect(run!.slowedUntil).not.toBeNull();
  expect(run!.allowedPerSecond).toBeLessThan(70);
  expect(cancel).toMatchObject({ perSecond: 0, pausedUntil: null });
});

it("says how overdue the most overdue job of each kind is, and not of those that somebody has in hand", async () => {
  const at = await anEndpoint();
  const job = (status: string, watch: object) => makeJob(ctx, at, { status, watch });
  await job("IN_PROGRESS", { nextPollAt: ago(4) });
  await job("IN_PROGRESS", { nextPollAt: ago(-60) });
  await job("IN_PROGRESS", { nextPollAt: ago(900), leaseUntil: ago(-20) });
  await job("IN_PROGRESS", { nextPollAt: new Date(0) });
  await job("IN_QUEUE", { nextPollAt: ago(-30) });
  await job("SENDING", { nextPollAt: ago(70), held: true });
  const { lag } = await read(at);
  expect(lag.running.jobs).toBe(4);
  expect(lag.running.lateMs).toBeGreaterThanOrEqual(4_000);
  expect(lag.running.lateMs).toBeLessThan(60_000);
  expect(lag.queued).toEqual({ jobs: 1, lateMs: 0 });
  expect(lag.unsent).toEqual({ jobs: 1, lateMs: null });
});

it("shows a circuit only once it is open, here and in lists, until somebody resumes", async () => {
  const at = await anEndpoint();
  const fail = () => reportTrouble(db(), at, "status", { words: "HTTP 503" });
  for (let i = 0; i < 4; i++) await fail();
  expect((await read(at)).circuits).toEqual([]);
  expect((await readEndpoint(ctx, at.id)).trouble).toBeNull();
  await fail();
  expect((await read(at)).circuits).toMatchObject([{ operation: "status", words: "HTTP 503" }]);
  const row = (await listEndpoints(ctx)).find(({ id }) => id === at.id);
  expect(row?.trouble).toMatchObject({ words: "HTTP 503" });
  await resumeEndpoint(ctx, { id: at.id });
  expect((await read(at)).circuits).toEqual([]);
});

it("is nothing for another workspace, nor of an endpoint that was removed", async () => {
  const at = await anEndpoint();
  const stranger = await makeContext();
  await expect(readPressure(stranger, at.id)).rejects.toMatchObject({ code: "not_found" });
  await db().update(endpointTable).set({ removedAt: new Date() }).where(eq(endpointTable.id, at.id));
  await expect(read(at)).rejects.toMatchObject({ code: "not_found" });
});
