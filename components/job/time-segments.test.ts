import { expect, it } from "vitest";
import { timeSegments } from "@/components/job/time-segments";

const at = (second: number): string => new Date(1_800_000_000_000 + second * 1000).toISOString();
const now = 1_800_000_000_000 + 60_000;
const job = (over: object) => ({
  status: "IN_QUEUE",
  createdAt: at(0),
  queuedAt: null,
  startedAt: null,
  finishedAt: null,
  delayMs: null,
  executionMs: null,
  ...over,
});
const flat = (over: object, clock: number | null = now) =>
  timeSegments(job(over), clock).map(({ ms, running }) => [ms, running]);

it("a job being sent has one part that runs", () => {
  expect(flat({ status: "SENDING" })).toEqual([[60_000, true]]);
});

it("a queued job waits in its second part", () => {
  expect(flat({ queuedAt: at(1) })).toEqual([
    [1000, false],
    [59_000, true],
  ]);
});

it("a running job shows the provider's figure for the wait and our clock for the run", () => {
  expect(flat({ status: "IN_PROGRESS", queuedAt: at(1), startedAt: at(11), delayMs: 9800 })).toEqual([
    [1000, false],
    [9800, false],
    [49_000, true],
  ]);
});

it("a finished job shows the provider's figures and nothing runs", () => {
  const over = {
    status: "COMPLETED",
    queuedAt: at(1),
    startedAt: at(11),
    finishedAt: at(15),
    delayMs: 9800,
    executionMs: 3391,
  };
  expect(flat(over)).toEqual([
    [1000, false],
    [9800, false],
    [3391, false],
  ]);
});

it("a job cancelled in the queue ends there", () => {
  expect(flat({ status: "CANCELLED", queuedAt: at(1), finishedAt: at(5) })).toEqual([
    [1000, false],
    [4000, false],
  ]);
});

it("before the browser's clock is known, running parts are empty instead of wrong", () => {
  expect(flat({ queuedAt: at(1) }, null)).toEqual([
    [1000, false],
    [0, true],
  ]);
});

it("clocks that disagree never make a negative part", () => {
  expect(flat({ queuedAt: at(120) })).toEqual([
    [120_000, false],
    [0, true],
  ]);
});
