import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_CARRY, nextPollInMs, type PollView, planPolls, smoothStarts } from "@/lib/collector/plan";

const view = (fields: Partial<PollView> = {}): PollView => ({
  running: 20,
  queued: 980,
  ratePerSecond: 200,
  tickMs: 100,
  startsPerSecond: 4,
  webhooks: false,
  carry: NO_CARRY,
  ...fields,
});

describe("planPolls", () => {
  it.each<[name: string, fields: Partial<PollView>, plan: Partial<ReturnType<typeof planPolls>>]>([
    [
      "asks nothing when nothing is active",
      { running: 0, queued: 0 },
      { running: 0, headWindow: 0, trickleMost: 0 },
    ],
    [
      "lets running jobs have what head and trickle do not need",
      { running: 500 },
      { budget: 20, running: 19 },
    ],
    [
      "gives the head more when the queue turns over fast",
      { running: 500, startsPerSecond: 60 },
      { running: 14, trickle: 1 },
    ],
    [
      "never leaves the running jobs less than a third",
      { running: 500, startsPerSecond: 900 },
      { running: 7 },
    ],
    ["does not look past a short queue", { queued: 2 }, { headWindow: 2, trickle: 0, trickleMost: 0 }],
    ["does not sweep a deep queue with an idle budget", { running: 0, queued: 5000 }, { trickleMost: 2 }],
    ["comes round a very deep queue in ten minutes", { queued: 100_000 }, { trickleMost: 17 }],
    ["takes no more than a second's requests after a stall", { tickMs: 60_000 }, { budget: 200 }],
    ["follows the limiter down", { ratePerSecond: 12 }, { budget: 1 }],
    [
      "asks about once a second of a small load that calls back",
      { webhooks: true, tickMs: 1000 },
      { budget: 2 },
    ],
    [
      "adds half a request per job to a load that calls back",
      { webhooks: true, startsPerSecond: 40, tickMs: 1000 },
      { budget: 20 },
    ],
  ])("%s", (_name, fields, plan) => expect(planPolls(view(fields))).toMatchObject(plan));

  const fraction = fc.double({ min: 0, max: 0.999, noNaN: true });
  const anyView = fc.record({
    running: fc.nat(200_000),
    queued: fc.nat(200_000),
    ratePerSecond: fc.double({ min: 0, max: 1000, noNaN: true }),
    tickMs: fc.integer({ min: 1, max: 60_000 }),
    startsPerSecond: fc.double({ min: 0, max: 5000, noNaN: true }),
    webhooks: fc.boolean(),
    carry: fc.record({ budget: fraction, head: fraction, trickle: fraction }),
  });

  it("never plans more than the budget, never less than nothing, never more than there is", () => {
    fc.assert(
      fc.property(anyView, (v) => {
        const plan = planPolls(v);
        const { carry, ...counts } = plan;
        for (const rest of Object.values(carry)) {
          expect(rest).toBeGreaterThanOrEqual(0);
          expect(rest).toBeLessThan(1);
        }
        for (const count of Object.values(counts)) {
          expect(count).toBeGreaterThanOrEqual(0);
          expect(Number.isInteger(count)).toBe(true);
        }
        expect(plan.running + plan.trickle).toBeLessThanOrEqual(plan.budget);
        expect(plan.running).toBeLessThanOrEqual(v.running);
        expect(plan.headWindow + plan.trickleMost).toBeLessThanOrEqual(v.queued);
        expect(plan.budget).toBeLessThanOrEqual(Math.ceil(v.ratePerSecond + v.carry.budget));
      }),
    );
  });

  it("keeps a rate below one request a tick over many ticks", () => {
    let carry = NO_CARRY;
    let budgets = 0;
    for (let tick = 0; tick < 100; tick++) {
      const plan = planPolls(view({ ratePerSecond: 3, carry }));
      carry = plan.carry;
      budgets += plan.budget;
    }
    expect(budgets).toBe(30);
  });

  it("starves no class that has jobs, however short the tick and small the budget", () => {
    for (const ratePerSecond of [5, 190])
      for (const tickMs of [20, 100]) {
        let carry = NO_CARRY;
        let head = 0;
        let deep = 0;
        let running = 0;
        for (let t = 0; t < 60_000; t += tickMs) {
          const plan = planPolls(view({ running: 500, queued: 100_000, ratePerSecond, tickMs, carry }));
          carry = plan.carry;
          running += plan.running;
          deep += plan.trickle;
          head += plan.budget - plan.running - plan.trickle;
        }
        expect(running).toBeGreaterThan(ratePerSecond * 60 * 0.15);
        expect(head).toBeGreaterThan(ratePerSecond * 60 * 0.004);
        expect(deep).toBeCloseTo(ratePerSecond * 60 * 0.05, -1);
      }
  });
});

describe("nextPollInMs", () => {
  const seen = (fields: Partial<Parameters<typeof nextPollInMs>[0]>) =>
    nextPollInMs({ phase: "run", ageMs: 0, untilGoneMs: Infinity, webhooks: false, ...fields });

  it.each<[name: string, fields: Parameters<typeof seen>[0], ms: number]>([
    ["a job that just started is asked every 150 ms", { ageMs: 0 }, 150],
    ["a job of a minute every 1.9 s", { ageMs: 60_000 }, 1875],
    ["a job of an hour every 5 s", { ageMs: 3_600_000 }, 5000],
    ["a job that calls back every 15 s", { webhooks: true }, 15_000],
    ["a long job that calls back every minute", { ageMs: 3_600_000, webhooks: true }, 60_000],
    ["a job deep in the queue every 30 s", { phase: "queue" }, 30_000],
    ["a queued job that calls back every 2 min", { phase: "queue", webhooks: true }, 120_000],
    [
      "a job that is about to be removed within a quarter of its time",
      { phase: "queue", untilGoneMs: 8000 },
      2000,
    ],
    ["a job past its removal no faster than a new one", { untilGoneMs: -5000 }, 150],
  ])("%s", (_name, fields, ms) => expect(seen(fields)).toBe(ms));
});

describe("the head of the queue", () => {
  const head = (fields: Partial<PollView>) => {
    const { headWindow, headIntervalMs } = planPolls(view(fields));
    return { headWindow, headIntervalMs };
  };

  it.each<[name: string, fields: Partial<PollView>, expected: ReturnType<typeof head>]>([
    [
      "is two jobs four times a second when nothing starts",
      { startsPerSecond: 0 },
      { headWindow: 2, headIntervalMs: 250 },
    ],
    ["covers the starts between two looks", { startsPerSecond: 20 }, { headWindow: 7, headIntervalMs: 250 }],
    [
      "takes its turn with the running jobs when the budget is short",
      { running: 95, startsPerSecond: 20 },
      { headWindow: 13, headIntervalMs: 540 },
    ],
    [
      "becomes the plain sweep when jobs end faster than anybody may ask",
      { running: 100, startsPerSecond: 500 },
      { headWindow: 921, headIntervalMs: 5105 },
    ],
    [
      "is looked at every 5 s where the provider calls back",
      { webhooks: true },
      { headWindow: 22, headIntervalMs: 5000 },
    ],
  ])("%s", (_name, fields, expected) => expect(head(fields)).toEqual(expected));
});

describe("smoothStarts", () => {
  it("comes near a steady rate within ten seconds, whatever the tick", () => {
    for (const tickMs of [50, 100, 1000]) {
      let rate = 0;
      for (let t = 0; t < 10_000; t += tickMs) rate = smoothStarts(rate, (20 * tickMs) / 1000, tickMs);
      expect(rate).toBeCloseTo(20 * (1 - Math.exp(-2)), 1);
    }
  });
});
