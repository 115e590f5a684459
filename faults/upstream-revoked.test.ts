import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { IS_LONG, report } from "@/faults/report";
import { until } from "@/faults/until";
import { type Stand, startStand } from "@/faults/upstream-stand";
import { readPressure } from "@/lib/endpoints/pressure";
import { listEndpoints, resumeEndpoint } from "@/lib/endpoints/service";

const JOBS = IS_LONG ? 500 : 40;
const QUIET_MS = IS_LONG ? 20_000 : 2_000;

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
}, 120_000);
afterAll(() => stand?.close(), 60_000);

it("row 15: a key revoked in flight pauses the endpoint, says so, asks no more, keeps every job, and goes on", async () => {
  const at = await stand.provider();
  const { upstream, endpoint } = at;
  await stand.submit(
    at,
    Array.from({ length: JOBS }, () => ({ sim: { runMs: 3_600_000 } })),
  );
  await stand.untilAll(at, "IN_PROGRESS", 90_000);
  upstream.revokeKey();
  await until(
    "the endpoint is paused",
    30_000,
    async () => (await readPressure(stand.ctx, endpoint.id)).pausedAt !== null,
  );
  // What was under way, and what the survey's half second lets through.
  await sleep(1_000);
  const refused = upstream.counters().operations.status.unauthorized;
  const told = await readPressure(stand.ctx, endpoint.id);
  const row = (await listEndpoints(stand.ctx)).find(({ id }) => id === endpoint.id);
  // New wishes are kept in line, unsent.
  await stand.submit(at, [{ sim: { runMs: 1 } }]);
  await sleep(QUIET_MS);
  const afterwards = upstream.counters().operations;
  const waiting = await stand.states(at);
  upstream.restoreKey();
  await resumeEndpoint(stand.ctx, { id: endpoint.id });
  upstream.finishAll();
  await stand.untilAll(at, "COMPLETED", 90_000);
  const findings = await stand.check();
  report({ row: "15", title: `401 to ${JOBS} jobs in flight`, runs: refused, ...findings });
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThanOrEqual(100 + JOBS / 10);
  expect(afterwards.status.unauthorized).toBe(refused);
  expect(afterwards.run.unauthorized).toBe(0);
  expect(told.pausedReason).toMatch(/refused the API key \(HTTP 401\)/);
  expect(row?.pausedReason).toBe(told.pausedReason);
  expect(waiting).toEqual({ IN_PROGRESS: JOBS, SENDING: 1 });
  expect(findings.violations.filter((words) => !words.startsWith("I3"))).toEqual([]);
}, 240_000);
