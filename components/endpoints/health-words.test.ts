import { expect, it } from "vitest";
import { readHealth } from "@/components/endpoints/health-words";

it.each<
  [name: string, queued: number, workers: Record<string, number>, tone: string | undefined, says: RegExp]
>([
  ["an idle endpoint needs no words", 0, { idle: 1 }, undefined, /^$/],
  ["a queue that is being worked on needs none", 9, { running: 2, initializing: 1 }, undefined, /^$/],
  [
    "unhealthy workers are a crash loop, whatever else runs",
    3,
    { unhealthy: 1, running: 1 },
    "danger",
    /crash/,
  ],
  [
    "throttled workers are missing capacity",
    1,
    { throttled: 2 },
    "warning",
    /^1 job waits .*no free machine/,
  ],
  ["a starting worker is a cold start", 2, { initializing: 1 }, "info", /starting/],
  ["no worker at all is scaling from zero", 2, {}, "info", /from zero/],
])("%s", (_name, inQueue, workers, tone, says) => {
  const reading = readHealth({ jobs: { inQueue }, workers });
  expect(reading?.tone).toBe(tone);
  expect(reading?.words ?? "").toMatch(says);
});
