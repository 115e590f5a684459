import { describe, expect, it } from "vitest";
import { type PoolPlan, type PoolState, planPool, restartPauseMs } from "@/lib/local-endpoint/plan";

const quiet: PoolState = {
  ...{ waiting: 0, open: 0, maxWorkers: 2, jobsPerWorker: 1, idleTimeoutMs: 30_000, pauseMs: 0 },
  workers: [],
};
const worker = (id: string, more: Partial<PoolState["workers"][number]> = {}) => ({
  ...{ id, running: 0, idleMs: 0, overdueMs: null },
  ...more,
});
const nothing: PoolPlan = { spawn: 0, end: [], kill: [] };

describe("planPool", () => {
  it.each<[string, Partial<PoolState>, Partial<PoolPlan>]>([
    ["no work, no workers", {}, {}],
    ["one waiting job starts one worker", { waiting: 1, open: 1 }, { spawn: 1 }],
    ["no more than the endpoint allows", { waiting: 9, open: 9 }, { spawn: 2 }],
    ["a worker that is starting counts", { waiting: 1, open: 1, workers: [worker("a")] }, {}],
    [
      "a busy worker makes room for another",
      { waiting: 1, open: 2, workers: [worker("a", { running: 1 })] },
      { spawn: 1 },
    ],
    [
      "eight jobs fit into one worker that takes eight",
      { waiting: 8, open: 8, jobsPerWorker: 8 },
      { spawn: 1 },
    ],
    ["low priority alone starts nothing", { waiting: 0, open: 3 }, {}],
    ["nothing starts during the pause after a crash", { waiting: 1, open: 1, pauseMs: 10 }, {}],
    ["an idle worker is ended", { workers: [worker("a", { idleMs: 30_000 })] }, { end: ["a"] }],
    ["not a moment before", { workers: [worker("a", { idleMs: 29_999 })] }, {}],
    ["a busy one is not idle", { open: 1, workers: [worker("a", { running: 1, idleMs: 99_999 })] }, {}],
    ["a worker has time to obey", { workers: [worker("a", { overdueMs: 2_499 })] }, {}],
    ["one that does not is killed", { workers: [worker("a", { overdueMs: 2_500 })] }, { kill: ["a"] }],
    [
      "and replaced when there is work",
      { waiting: 1, open: 1, maxWorkers: 1, workers: [worker("a", { overdueMs: 9_000, idleMs: 99_999 })] },
      { kill: ["a"], spawn: 1 },
    ],
  ])("%s", (_name, state, plan) => expect(planPool({ ...quiet, ...state })).toEqual({ ...nothing, ...plan }));
});

it("waits longer after each crash, up to half a minute", () => {
  expect([0, 1, 2, 3, 9].map(restartPauseMs)).toEqual([0, 1000, 2000, 4000, 30_000]);
});
