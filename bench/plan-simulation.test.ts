import { describe, expect, it } from "vitest";
import { plannedPolls, type Scenario, simulate, uniformSweep } from "@/bench/plan-simulation";

const scenario = (active: number, fields: Partial<Scenario> = {}): Scenario => ({
  active,
  workers: 50,
  medianMs: 4000,
  sigma: 0.6,
  ratePerSecond: 200,
  tickMs: 100,
  roundTripMs: 20,
  writeMs: 10,
  disorder: 0,
  seconds: 60,
  seed: 1,
  ...fields,
});

function ratio(s: Scenario): number {
  return simulate(s, uniformSweep()).meanLagMs / simulate(s, plannedPolls(s)).meanLagMs;
}

describe("the collector's plan against a uniform sweep, in virtual time", () => {
  it.each([
    ["12 times fresher at 1,000 active jobs", 1000, 12],
    ["32 times fresher at 5,000 active jobs", 5000, 32],
  ] as const)("%s", (_name, active, least) => expect(ratio(scenario(active))).toBeGreaterThanOrEqual(least));

  it("still several times fresher when the queue does not keep its order", () => {
    expect(ratio(scenario(1000, { disorder: 0.02 }))).toBeGreaterThan(3);
  });

  it("costs a small load fewer requests than the sweep", () => {
    const small = scenario(30, { workers: 20 });
    expect(simulate(small, plannedPolls(small)).requestsPerJob).toBeLessThan(
      simulate(small, uniformSweep()).requestsPerJob / 2,
    );
  });

  it.each([
    ["that keep their word", 0],
    ["of which a third is lost", 0.3],
  ])(
    "asks less than twice per job, the look after the callback included, with callbacks %s",
    (_name, webhookLoss) => {
      const load = scenario(1000, { webhookLoss });
      const { requestsPerJob, p95LagMs } = simulate(load, plannedPolls(load));
      expect(requestsPerJob).toBeLessThan(2);
      expect(p95LagMs).toBeLessThan(20_000);
    },
  );

  it("is not behind the sweep where jobs end faster than the limit lets anybody ask", () => {
    expect(ratio(scenario(1000, { workers: 200, medianMs: 1000 }))).toBeGreaterThan(0.9);
  });
});
