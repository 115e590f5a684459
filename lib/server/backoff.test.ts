import { expect, it } from "vitest";
import { nextDelay } from "@/lib/server/backoff";

it("waits 100 ms after the first death and doubles up to 10 s", () => {
  const waits: number[] = [];
  for (let i = 0; i < 9; i++) waits.push(nextDelay(waits.at(-1), 50));
  expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
});

it("starts over after 30 s of health", () => {
  expect([nextDelay(6400, 29_999), nextDelay(6400, 30_000)]).toEqual([10_000, 100]);
});
