import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { IS_LONG, report } from "@/faults/report";
import { type Provider, rateOver, type Stand, spoiled, startStand } from "@/faults/upstream-stand";
import { readPressure } from "@/lib/endpoints/pressure";

const JOBS = IS_LONG ? 1_000 : 100;
const CALM_MS = IS_LONG ? 10_000 : 2_000;
const STORM_MS = IS_LONG ? 60_000 : 3_000;
const BACK = IS_LONG ? { share: 0.9, withinMs: 60_000 } : { share: 0.5, withinMs: 30_000 };

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
}, 120_000);
afterAll(() => stand?.close(), 60_000);

type Storm = { name: string; headers?: Record<string, string> };
const STORMS: Storm[] = [
  { name: "without Retry-After" },
  { name: "with Retry-After in seconds", headers: { "retry-after": "1" } },
];

async function blow({ name, headers }: Storm) {
  const at: Provider = await stand.provider();
  const { upstream, endpoint } = at;
  await stand.submit(
    at,
    Array.from({ length: JOBS }, () => ({ sim: { runMs: 3_600_000 } })),
  );
  await stand.untilAll(at, "IN_PROGRESS", 120_000);
  const former = await rateOver(at, "status", CALM_MS);
  upstream.setFaults([
    { operation: "status", fault: { kind: "status", status: 429, ...(headers && { headers }) } },
  ]);
  await sleep(1_000);
  const during = await rateOver(at, "status", STORM_MS - 1_000);
  const told = await readPressure(stand.ctx, endpoint.id);
  const states = await stand.states(at);
  upstream.setFaults([]);
  const endedAt = performance.now();
  let back = 0;
  while (back < former * BACK.share && performance.now() - endedAt < BACK.withinMs)
    back = await rateOver(at, "status", 1_000);
  const backMs = Math.round(performance.now() - endedAt);
  upstream.finishAll();
  await stand.untilAll(at, "COMPLETED", 120_000);
  return { name, refused: spoiled(at, "status"), former, during, back, backMs, told, states };
}

it(
  "row 7: a storm of 429s slows the polls within a second and fails nothing; the rate comes back",
  async () => {
    const storms = [];
    if (IS_LONG) for (const storm of STORMS) storms.push(await blow(storm));
    else storms.push(...(await Promise.all(STORMS.map(blow))));
    const findings = await stand.check();
    for (const { name, refused, former, during, back, backMs } of storms) {
      const [from, to, again] = [former, during, back].map((rate) => rate.toFixed(0));
      const title = `429 for ${STORM_MS / 1000} s at ${JOBS} jobs ${name}: ${from}/s, ${to}/s, ${again}/s after ${backMs} ms`;
      report({ row: "7", title, runs: refused, ...findings });
      process.stdout.write(`${title}\n`);
    }
    for (const { refused, former, during, back, told, states } of storms) {
      expect(refused).toBeGreaterThan(0);
      expect(during).toBeLessThan(former * 0.25);
      expect(told.rates.find(({ operation }) => operation === "status")?.slowedUntil).not.toBeNull();
      expect(Object.keys(states)).toEqual(["IN_PROGRESS"]);
      expect(back).toBeGreaterThanOrEqual(former * BACK.share);
    }
    expect(findings.violations).toEqual([]);
    expect(findings.states).toEqual({ COMPLETED: storms.length * JOBS });
  },
  STORMS.length * (300_000 + STORM_MS),
);
