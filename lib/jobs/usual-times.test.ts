import { afterAll, beforeAll, expect, it } from "vitest";
import type { TestDatabase } from "@/lib/db/testing";
import { makeContext, makeEndpoint, makeJob, openTestDatabase } from "@/lib/jobs/testing";
import { readUsualTimes } from "@/lib/jobs/usual-times";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

it("is the median and the ninth of ten of completed jobs, per endpoint, of this workspace alone", async () => {
  const ctx = await makeContext();
  const [busy, fresh] = [await makeEndpoint(ctx), await makeEndpoint(ctx)];
  for (let second = 1; second <= 10; second++)
    await makeJob(ctx, busy, { status: "COMPLETED", delayMs: 500, executionMs: second * 1000 - 500 });
  await makeJob(ctx, busy, { status: "FAILED", delayMs: 1, executionMs: 1 });
  await makeJob(ctx, busy, { status: "COMPLETED", delayMs: null, executionMs: 1 });
  for (let i = 0; i < 2; i++) await makeJob(ctx, fresh, { status: "COMPLETED", delayMs: 1, executionMs: 1 });
  expect(await readUsualTimes(ctx)).toEqual({ [busy.id]: { jobs: 10, medianMs: 5000, slowMs: 9000 } });
  expect(await readUsualTimes(await makeContext())).toEqual({});
});

it("looks at the newest 100 jobs only", async () => {
  const ctx = await makeContext();
  const at = await makeEndpoint(ctx);
  const old = new Date(Date.now() - 3600_000);
  for (let i = 0; i < 5; i++)
    await makeJob(ctx, at, { status: "COMPLETED", createdAt: old, delayMs: 0, executionMs: 90_000 });
  for (let i = 0; i < 100; i++)
    await makeJob(ctx, at, { status: "COMPLETED", delayMs: 0, executionMs: 1000 });
  expect(await readUsualTimes(ctx)).toEqual({ [at.id]: { jobs: 100, medianMs: 1000, slowMs: 1000 } });
});
