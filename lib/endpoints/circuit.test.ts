import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Context } from "@/lib/auth/context";
import { db } from "@/lib/db/client";
import type { TestDatabase } from "@/lib/db/testing";
import {
  claimProbe,
  forgetTrouble,
  giveProbeBack,
  isTrouble,
  maySendNow,
  noteSend,
  readCircuits,
  reportAnswer,
  reportTrouble,
} from "@/lib/endpoints/circuit";
import type { EndpointRecord } from "@/lib/endpoints/connection";
import { makeContext, makeEndpoint, openTestDatabase } from "@/lib/jobs/testing";

let database: TestDatabase;
let ctx: Context;
let at: EndpointRecord;
beforeAll(async () => {
  database = await openTestDatabase();
  ctx = await makeContext();
});
beforeEach(async () => {
  at = await makeEndpoint(ctx);
});
afterAll(() => database.close());

const fail = (more: { retryAfterMs?: number } = {}) =>
  reportTrouble(db(), at, "run", { words: "HTTP 502", ...more }, () => 0.5);
const open = async () => {
  for (let i = 0; i < 5; i++) await fail();
};
const state = async () => (await readCircuits(db(), [at.id]))[0];
/** As a process sees it that has not looked lately. */
const maySend = async (id: string) => (await readCircuits(db(), [id])).every(({ openedAt }) => !openedAt);
/** Let time pass for this circuit. */
const pass = (seconds: number) =>
  db().execute(sql`
    update endpoint_circuit set retry_at = retry_at - ${seconds} * interval '1 second',
      probe_until = probe_until - ${seconds} * interval '1 second',
      last_failure_at = last_failure_at - ${seconds} * interval '1 second' where endpoint_id = ${at.id}`);

describe("a circuit", () => {
  it("opens at the fifth failure in a row, and once, however many processes count", async () => {
    const first = await Promise.all([fail(), fail(), fail(), fail()]);
    expect(first.map(({ hasOpened }) => hasOpened)).toEqual([false, false, false, false]);
    expect(await maySend(at.id)).toBe(true);
    const rest = await Promise.all(Array.from({ length: 20 }, () => fail()));
    expect(rest.filter(({ hasOpened }) => hasOpened)).toHaveLength(1);
    expect(await maySend(at.id)).toBe(false);
    expect(await state()).toMatchObject({ operation: "run", words: "HTTP 502" });
  });

  it("does not open when an answer came in between, or a long time", async () => {
    for (let i = 0; i < 4; i++) await fail();
    await reportAnswer(db(), at.id, "run");
    for (let i = 0; i < 4; i++) await fail();
    await pass(61);
    for (let i = 0; i < 4; i++) expect((await fail()).hasOpened).toBe(false);
    expect((await fail()).hasOpened).toBe(true);
  });

  it("lets one ask when the pause is over, and nobody before", async () => {
    await open();
    expect(await claimProbe(db(), at.id, "run")).toBe(false);
    await pass(2);
    const asking = await Promise.all(Array.from({ length: 6 }, () => claimProbe(db(), at.id, "run")));
    expect(asking.filter(Boolean)).toHaveLength(1);
    await giveProbeBack(db(), at.id, "run");
    expect(await claimProbe(db(), at.id, "run")).toBe(true);
  });

  it("waits longer after each try that failed, up to a minute, and not for what was under way", async () => {
    await open();
    const pauses: number[] = [];
    for (let i = 0; i < 9; i++) {
      pauses.push(Math.round((await state())!.retryInMs / 100) / 10);
      await fail();
      expect((await state())!.retryInMs / 1000).toBeLessThanOrEqual(pauses.at(-1)! + 0.1);
      await pass(100);
      expect(await claimProbe(db(), at.id, "run")).toBe(true);
      await fail();
    }
    expect(pauses.map(Math.round)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it("waits at least as long as the provider said", async () => {
    for (let i = 0; i < 5; i++) await fail({ retryAfterMs: 90_000 });
    expect((await state())!.retryInMs).toBeGreaterThan(80_000);
  });

  it("whose prober died is tried by another after half a minute", async () => {
    await open();
    await pass(2);
    expect(await claimProbe(db(), at.id, "run")).toBe(true);
    await pass(29);
    expect(await claimProbe(db(), at.id, "run")).toBe(false);
    await pass(2);
    expect(await claimProbe(db(), at.id, "run")).toBe(true);
  });

  it("closes at the first answer, and by hand", async () => {
    await open();
    await reportAnswer(db(), at.id, "run");
    expect(await state()).toBeUndefined();
    await open();
    await forgetTrouble(db(), at.id);
    expect(await state()).toBeUndefined();
  });

  it("is opened by sends that fail, holds back the next one, and is closed by one that is answered", async () => {
    const lost = { kind: "unclear", words: "HTTP 502", httpStatus: 502, retryAfterMs: null } as const;
    expect(await maySendNow(db(), at.id)).toBe(true);
    for (let i = 0; i < 5; i++) await noteSend(db(), at, lost);
    expect(await maySendNow(db(), at.id)).toBe(false);
    await noteSend(db(), at, { kind: "rejected", httpStatus: 400, words: "no" });
    expect(await maySendNow(db(), at.id)).toBe(true);
    expect(await state()).toBeUndefined();
  });

  it.each<[operation: "run" | "status", httpStatus: number | null, isTheEndpoints: boolean]>([
    ["run", 200, true],
    ["run", null, true],
    ["status", null, true],
    ["status", 503, true],
    ["status", 408, true],
    ["status", 200, false],
    ["status", 302, false],
  ])("an unclear answer to %s with HTTP %s is the endpoint's trouble: %s", (operation, httpStatus, its) => {
    const unclear = { kind: "unclear", words: "?", httpStatus, retryAfterMs: null } as const;
    expect(isTrouble(operation, unclear)).toBe(its);
  });

  it("is one per operation and endpoint", async () => {
    await open();
    const other = await makeEndpoint(ctx);
    expect(await maySend(other.id)).toBe(true);
    expect((await reportTrouble(db(), at, "status", { words: "x" })).hasOpened).toBe(false);
    await reportAnswer(db(), at.id, "status");
    expect(await state()).toMatchObject({ operation: "run" });
  });
});
