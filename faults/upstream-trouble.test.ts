import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fault } from "@/bench/upstream/faults";
import { inParallel } from "@/faults/intents";
import { IS_LONG, report } from "@/faults/report";
import { until } from "@/faults/until";
import { type Provider, type Stand, spoiled, startStand } from "@/faults/upstream-stand";
import { db } from "@/lib/db/client";
import { readCircuits } from "@/lib/endpoints/circuit";
import { sendJob } from "@/lib/jobs/send";
import { makeJob, readRow } from "@/lib/jobs/testing";
import { createEndpointClient } from "@/lib/upstream/client";
import { trustedDispatcher } from "@/lib/upstream/transport";

const RUNS = IS_LONG ? 4 : 1;

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
}, 120_000);
afterAll(() => stand?.close(), 60_000);

type Case = { name: string; fault: Fault; becomes: string; slow?: boolean };

/** What may have been accepted is in doubt and never sent again; what certainly was not is refused or sent later. */
const CASES: Case[] = [
  ...[500, 502, 503, 504].map((status) => ({
    name: `${status}`,
    fault: { kind: "status", status } as const,
    becomes: "UNCONFIRMED",
  })),
  ...(["before-body", "during-body", "after-body", "during-reply"] as const).map((when) => ({
    name: `reset ${when}`,
    fault: { kind: "reset", when } as const,
    becomes: "UNCONFIRMED",
  })),
  { name: "truncated", fault: { kind: "truncate" }, becomes: "UNCONFIRMED" },
  { name: "HTML", fault: { kind: "html" }, becomes: "UNCONFIRMED" },
  { name: "429", fault: { kind: "status", status: 429 }, becomes: "IN_PROGRESS" },
  { name: "400", fault: { kind: "status", status: 400 }, becomes: "REJECTED" },
  { name: "slow drip", fault: { kind: "drip", msPerByte: 10 }, becomes: "IN_PROGRESS" },
  // The product's own patience, 20 s, is waited for in the long run only.
  { name: "never answered", fault: { kind: "never" }, becomes: "UNCONFIRMED", slow: true },
  { name: "answered after 60 s", fault: { kind: "delay", ms: 60_000 }, becomes: "UNCONFIRMED", slow: true },
];
const cases = CASES.filter(({ slow }) => IS_LONG || !slow);

it("row 8: an answer to /run that fails in any way leaves a job refused, in line or in doubt, and never sends it twice", async () => {
  const violations: string[] = [];
  const injected = await Promise.all(
    cases.map(async ({ name, fault, becomes }) => {
      const at = await stand.provider({ faults: [{ operation: "run", index: [0, RUNS - 1], fault }] });
      await stand.submit(
        at,
        Array.from({ length: RUNS }, () => ({ sim: { runMs: 3_600_000 } })),
      );
      await until(`jobs after ${name} are ${becomes}`, 90_000, async () => {
        const states = Object.keys(await stand.states(at));
        return states.length === 1 && states[0] === becomes;
      }).catch(async (error) => {
        violations.push(`${error.message}, but ${JSON.stringify(await stand.states(at))}`);
      });
      at.upstream.finishAll();
      return spoiled(at, "run");
    }),
  );
  // Time for whoever would send again what is in doubt.
  await sleep(IS_LONG ? 20_000 : 1_000);
  const findings = await stand.check();
  violations.push(...findings.violations);
  const runs = injected.reduce((sum, count) => sum + count, 0);
  report({
    row: "8",
    title: `/run answered with ${cases.length} kinds of failure`,
    runs,
    ...findings,
    violations,
  });
  for (const count of injected) expect(count).toBe(RUNS);
  expect(violations).toEqual([]);
}, 240_000);

it("row 8: polls that fail in any way change nothing, leak no socket, and every job ends when the provider is well", async () => {
  const providers: Provider[] = [];
  const kinds = cases.filter(({ name }) => name !== "400");
  // Not all at once: they share one process's connections to the database.
  await inParallel(kinds, 3, async ({ fault }) => {
    const at = await stand.provider();
    await stand.submit(
      at,
      Array.from({ length: IS_LONG ? 20 : 4 }, () => ({ sim: { runMs: 3_600_000 } })),
    );
    await stand.untilAll(at, "IN_PROGRESS", 120_000);
    at.upstream.setFaults([{ operation: "status", fault }]);
    providers.push(at);
  });
  for (const at of providers)
    await until("the fault happened", 90_000, async () => spoiled(at, "status") > 0);
  await sleep(IS_LONG ? 60_000 : 1_500);
  const states = await Promise.all(providers.map(stand.states));
  for (const { upstream } of providers) {
    upstream.setFaults([]);
    upstream.finishAll();
  }
  for (const at of providers) await stand.untilAll(at, "COMPLETED", 150_000);
  const findings = await stand.check();
  const runs = providers.reduce((sum, at) => sum + spoiled(at, "status"), 0);
  report({
    row: "8",
    title: `/status answered with ${providers.length} kinds of failure`,
    runs,
    ...findings,
  });
  for (const found of states) expect(Object.keys(found)).toEqual(["IN_PROGRESS"]);
  expect(findings.violations).toEqual([]);
  // Idle connections close by themselves after some seconds; one that hangs would stay.
  for (const { upstream } of providers)
    await until("no connection is left", 60_000, async () => (await upstream.connections()) === 0);
}, 400_000);

it("row 8: a provider that never answers costs a job its certainty, and is not asked a second time", async () => {
  const at = await stand.provider({ faults: [{ operation: "run", fault: { kind: "never" } }] });
  const row = await makeJob(stand.ctx, at.endpoint, { status: "SENDING", watch: { held: true } });
  const client = createEndpointClient({
    baseUrl: at.upstream.url,
    upstreamId: at.endpoint.upstreamId,
    apiKey: at.upstream.key,
    dispatcher: trustedDispatcher,
    maxOutputBytes: 1_000_000,
    timeoutMs: 300,
  });
  expect(await sendJob(row, at.endpoint, client)).toMatchObject({ kind: "unclear" });
  expect((await readRow(row.id)).status).toBe("UNCONFIRMED");
  expect(await sendJob(row, at.endpoint, client)).toBeNull();
  expect(await client.status("any")).toMatchObject({ kind: "missing" });
  expect(at.upstream.counters().operations.run.requests).toBe(1);
}, 60_000);

it("row 8: when every request is lost, a few jobs are in doubt and the others wait", async () => {
  const at = await stand.provider();
  await stand.submit(at, [{ sim: { runMs: 3_600_000 } }]);
  await stand.untilAll(at, "IN_PROGRESS", 120_000);
  at.upstream.setFaults([{ operation: "run", fault: { kind: "html", status: 502 } }]);
  await stand.submit(
    at,
    Array.from({ length: 60 }, () => ({ sim: { runMs: 3_600_000 } })),
  );
  const circuits = await readCircuits(db(), [at.endpoint.id]);
  const lost = (await stand.states(at)).UNCONFIRMED ?? 0;
  expect(circuits.map(({ operation, openedAt }) => [operation, openedAt !== null])).toEqual([["run", true]]);
  expect(lost).toBeGreaterThanOrEqual(5);
  expect(lost).toBeLessThan(30);
  at.upstream.setFaults([]);
  await until("the others are sent", 60_000, async () => !("SENDING" in (await stand.states(at))));
  expect((await stand.states(at)).UNCONFIRMED ?? 0).toBeLessThanOrEqual(lost + 2);
  expect(at.upstream.duplicates().size).toBe(0);
}, 120_000);
