import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pool } from "@/lib/db/client";
import type { TestDatabase } from "@/lib/db/testing";
import { makeContext, makeEndpoint, makeJob, openTestDatabase } from "@/lib/jobs/testing";
import { newToken } from "@/lib/kernel/ids";
import { isKnownToken } from "@/lib/webhooks/known-tokens";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

/** How often the database was asked meanwhile. */
async function queriesDuring(work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const counted = () => count++;
  pool().on("acquire", counted);
  await work();
  pool().off("acquire", counted);
  return count;
}

it("knows a job's token among thousands of strangers', and asks the database a few times for all of them", async () => {
  const ctx = await makeContext();
  const token = newToken();
  await makeJob(ctx, await makeEndpoint(ctx), { hookToken: token });
  const answers: boolean[] = [];
  const strangers = Array.from({ length: 3_000 }, () => newToken());
  const queries = await queriesDuring(async () => {
    answers.push(...(await Promise.all([...strangers, token, ...strangers].map(isKnownToken))));
  });
  expect(answers.filter(Boolean)).toHaveLength(1);
  expect(answers[strangers.length]).toBe(true);
  expect(queries).toBeLessThan(20);
});

it("asks once for a token that a stranger repeats, and still knows a real one afterwards", async () => {
  const ctx = await makeContext();
  const [wrong, right] = [newToken(), newToken()];
  const queries = await queriesDuring(async () => {
    for (let i = 0; i < 50; i++) expect(await isKnownToken(wrong)).toBe(false);
  });
  expect(queries).toBe(1);
  // Many more strangers than are remembered push nothing real out.
  await Promise.all(Array.from({ length: 12_000 }, () => isKnownToken(randomUUID())));
  await makeJob(ctx, await makeEndpoint(ctx), { hookToken: right });
  for (let i = 0; i < 3; i++) expect(await isKnownToken(right)).toBe(true);
});
