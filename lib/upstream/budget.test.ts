import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/lib/db/testing";
import { RATE_LIMITS, RATE_WINDOW_MS } from "@/lib/requests/limits";
import {
  type BudgetKey,
  fullRate,
  pauseAfterThrottle,
  readBudgets,
  slowDown,
  takeTokens,
} from "@/lib/upstream/budget";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const freshKey = (operation: BudgetKey["operation"] = "status"): BudgetKey => ({
  credentialFingerprint: randomUUID(),
  upstreamId: "ep1",
  operation,
});
const take = (key: BudgetKey, want: number) => takeTokens(database.db, key, want);
const isOf = (key: BudgetKey) => sql`key like ${`${key.credentialFingerprint}:%`}`;
/** Let time pass for one bucket. */
const pass = (key: BudgetKey, seconds: number) =>
  database.db.execute(sql`
    update rate_budget set refilled_at = refilled_at - ${seconds} * interval '1 second',
      paused_until = paused_until - ${seconds} * interval '1 second',
      throttled_at = throttled_at - ${seconds} * interval '1 second' where ${isOf(key)}`);
const rateOf = async (key: BudgetKey) => (await take(key, 0)).ratePerSecond;

describe("the shared budget", () => {
  it.each(Object.keys(RATE_LIMITS) as BudgetKey["operation"][])(
    "a full bucket and a window of refill stay within the provider's limit for %s",
    (operation) => {
      const { ratePerSecond, burst } = fullRate(operation);
      const { perWindow } = RATE_LIMITS[operation];
      // One token at least, or the smallest limits could never be used.
      expect(ratePerSecond * (RATE_WINDOW_MS / 1000) + burst).toBeLessThanOrEqual(
        Math.max(perWindow, perWindow * 0.95 + 1),
      );
    },
  );

  it("law: ten takers at once never get more than the burst and what flowed in meanwhile", async () => {
    const key = freshKey();
    const { ratePerSecond, burst } = fullRate("status");
    const startedAt = performance.now();
    let granted = 0;
    await Promise.all(
      Array.from({ length: 10 }, async (_, i) => {
        for (let n = 0; n < 8; n++) {
          const got = await take(key, 5 + ((i * n) % 17));
          granted += got.granted;
          await sleep((i + n) % 5);
        }
      }),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    expect(granted).toBeLessThanOrEqual(Math.ceil(burst + ratePerSecond * seconds));
    // and it was the bucket, not the takers, that was the limit
    expect(granted).toBeGreaterThanOrEqual(burst);
  });

  it("hands out whole tokens, never more than wanted, never more than the burst", async () => {
    const key = freshKey();
    const { burst } = fullRate("status");
    expect((await take(key, 3)).granted).toBe(3);
    await pass(key, 3600);
    expect((await take(key, 10_000)).granted).toBe(burst);
    expect((await take(key, 0)).granted).toBe(0);
  });

  it("keeps keys, endpoints and operations apart", async () => {
    const key = freshKey();
    await take(key, 10_000);
    const others = [{ ...key, upstreamId: "ep2" }, { ...key, operation: "run" as const }, freshKey()];
    for (const other of others) expect((await take(other, 1)).granted).toBe(1);
    expect((await take({ ...key }, 10_000)).granted).toBeLessThan(fullRate("status").burst / 2);
  });

  it("a 429 halves the rate, once per storm, and it comes back within half a minute", async () => {
    const key = freshKey();
    const { ratePerSecond } = fullRate("status");
    await take(key, 1);
    await Promise.all(Array.from({ length: 5 }, () => slowDown(database.db, key, 0)));
    expect(await rateOf(key)).toBeGreaterThanOrEqual(ratePerSecond / 2);
    expect(await rateOf(key)).toBeLessThan(ratePerSecond * 0.6);
    await pass(key, 10);
    await slowDown(database.db, key, 0);
    expect(await rateOf(key)).toBeLessThan(ratePerSecond * 0.5);
    await pass(key, 30);
    expect(await rateOf(key)).toBe(ratePerSecond);
  });

  it("never falls so low that nothing gets through", async () => {
    const key = freshKey("cancel");
    await take(key, 1);
    for (let i = 0; i < 8; i++) {
      await slowDown(database.db, key, 0);
      await database.db.execute(sql`update rate_budget set throttled_at = null where ${isOf(key)}`);
    }
    await pass(key, 2);
    expect((await take(key, 10)).granted).toBeGreaterThanOrEqual(1);
  });

  it("hands out nothing during a pause, and not the pause's tokens after it", async () => {
    const key = freshKey();
    await take(key, 1);
    await slowDown(database.db, key, 20_000);
    expect((await take(key, 10)).granted).toBe(0);
    await pass(key, 19);
    expect((await take(key, 10)).granted).toBe(0);
    await pass(key, 1.1);
    const { granted } = await take(key, 10_000);
    expect(granted).toBeGreaterThan(0);
    expect(granted).toBeLessThan(fullRate("status").burst);
  });

  it("a shorter pause does not end a longer one", async () => {
    const key = freshKey();
    await take(key, 1);
    await slowDown(database.db, key, 60_000);
    await pass(key, 2);
    await slowDown(database.db, key, 10);
    await pass(key, 5);
    expect((await take(key, 10)).granted).toBe(0);
  });

  it("a longer pause counts though the storm was heard of a moment before", async () => {
    const key = freshKey();
    await take(key, 1);
    await slowDown(database.db, key, 10);
    const slowed = await rateOf(key);
    await slowDown(database.db, key, 60_000);
    await pass(key, 2);
    expect((await take(key, 10)).granted).toBe(0);
    expect(await rateOf(key)).toBeGreaterThanOrEqual(slowed);
  });

  it("a pause is as long as the provider said, or a second, and a bit", () => {
    expect(pauseAfterThrottle(7000, () => 0)).toBe(7000);
    expect(pauseAfterThrottle(null, () => 0.5)).toBe(1250);
  });
});

describe("what is read of it", () => {
  const read = async (key: BudgetKey) => (await readBudgets(database.db, key, [key.operation]))[0]!;
  /** Let the counted buckets grow old; the tokens stay as they are. */
  const age = (key: BudgetKey, buckets: number) =>
    database.db.execute(sql`update rate_budget set bucket = bucket - ${buckets} where ${isOf(key)}`);

  it("is the full rate and no request where nothing was ever asked", async () => {
    expect(await read(freshKey("run"))).toMatchObject({
      perSecond: 0,
      allowedPerSecond: fullRate("run").ratePerSecond,
      limitPerSecond: 100,
      pausedUntil: null,
      slowedUntil: null,
    });
  });

  it("counts what all takers were granted, not what they wanted", async () => {
    const key = freshKey();
    const { burst } = fullRate("status");
    const takers = await Promise.all(Array.from({ length: 6 }, () => take(key, 30)));
    const granted = takers.reduce((sum, one) => sum + one.granted, 0);
    expect(granted).toBeGreaterThanOrEqual(burst);
    expect(granted).toBeLessThan(180);
    // Over a bucket's edge some of it may have aged a little already.
    const { perSecond } = await read(key);
    expect(perSecond).toBeGreaterThan((granted / 5) * 0.5);
    expect(perSecond).toBeLessThanOrEqual(granted / 5);
  });

  it("forgets a request within ten seconds", async () => {
    const key = freshKey();
    const { granted } = await take(key, 50);
    await age(key, 1);
    expect((await read(key)).perSecond).toBeLessThanOrEqual(granted / 5);
    await age(key, 1);
    expect((await read(key)).perSecond).toBe(0);
    await take(key, 1);
    expect((await read(key)).perSecond).toBeLessThanOrEqual(1 / 5);
  });

  it("says how long nothing is asked after a 429, and when the rate is full again", async () => {
    const key = freshKey();
    await take(key, 1);
    await slowDown(database.db, key, 20_000);
    const told = await read(key);
    expect(told.allowedPerSecond).toBeLessThan(told.fullPerSecond * 0.6);
    const untilMs = (at: Date | null) => (at?.getTime() ?? 0) - Date.now();
    expect(untilMs(told.pausedUntil)).toBeGreaterThan(15_000);
    expect(untilMs(told.slowedUntil)).toBeGreaterThan(10_000);
    expect(untilMs(told.slowedUntil)).toBeLessThan(16_000);
    await pass(key, 40);
    expect(await read(key)).toMatchObject({ pausedUntil: null, slowedUntil: null });
  });
});
