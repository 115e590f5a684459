import { expect, it } from "vitest";
import { diagnose } from "@/lib/endpoints/diagnosis";
import type { ConnectionReport } from "@/lib/endpoints/schema";
import type { HealthOutcome } from "@/lib/upstream/client";

const healthy: HealthOutcome = { kind: "healthy", jobs: { inQueue: 1 }, workers: { idle: 2 } };
const unclear = (words: string): HealthOutcome => ({
  kind: "unclear",
  words,
  httpStatus: null,
  retryAfterMs: null,
});

it.each<
  [name: string, health: HealthOutcome, ms: number, outcome: ConnectionReport["outcome"], words: RegExp]
>([
  ["an answer in good time", healthy, 120, "ok", /answered in 120 ms/],
  ["an answer after exactly 3 s", healthy, 3000, "ok", /3000 ms/],
  ["an answer after more than 3 s", healthy, 3001, "slow", /took 3\.0 s/],
  ["no answer in time", unclear("No answer in time."), 20_000, "slow", /within 20\.0 s/],
  ["401", { kind: "unauthorized", httpStatus: 401, words: "" }, 1, "wrong_key", /HTTP 401/],
  ["403", { kind: "unauthorized", httpStatus: 403, words: "" }, 1, "wrong_key", /HTTP 403/],
  ["404", { kind: "missing" }, 1, "wrong_id", /no endpoint with this id/],
  ["429", { kind: "throttled", retryAfterMs: 1000 }, 1, "throttled", /slow down/],
  [
    "no connection",
    { kind: "unreachable", refusedAddress: false, words: "No connection (ECONNREFUSED)." },
    1,
    "unreachable",
    /ECONNREFUSED.*Check the base URL/,
  ],
  [
    "an address that this server does not allow",
    { kind: "unreachable", refusedAddress: true, words: "Private." },
    1,
    "refused_address",
    /JOBDECK_ALLOW_PRIVATE_ADDRESSES/,
  ],
  ["a web page", unclear("The answer is not the health of an endpoint."), 1, "not_an_endpoint", /path/],
  ["a redirect", unclear("The address redirects elsewhere."), 1, "not_an_endpoint", /redirects/],
])("%s is told as such", (_name, health, ms, outcome, words) => {
  const report = diagnose(health, ms);
  expect(report).toMatchObject({ outcome, ms });
  expect(report.message).toMatch(words);
  expect(report.health).toEqual(
    health.kind === "healthy" ? { jobs: health.jobs, workers: health.workers } : undefined,
  );
});
