import type { ConnectionReport } from "@/lib/endpoints/schema";
import type { HealthOutcome } from "@/lib/upstream/client";

/** From here on a person should know that the endpoint answers slowly. */
const SLOW_MS = 3_000;

/** What an answer to `/health` says about the address, the id and the key. */
export function diagnose(outcome: HealthOutcome, ms: number): ConnectionReport {
  const seconds = (ms / 1000).toFixed(1);
  switch (outcome.kind) {
    case "healthy": {
      const health = { jobs: outcome.jobs, workers: outcome.workers };
      return ms > SLOW_MS
        ? { outcome: "slow", ms, health, message: `The endpoint works but took ${seconds} s to answer.` }
        : { outcome: "ok", ms, health, message: `The endpoint answered in ${ms} ms.` };
    }
    case "unauthorized":
      return {
        outcome: "wrong_key",
        ms,
        message: `The provider refused the API key (HTTP ${outcome.httpStatus}). Check that it was copied whole and may use this endpoint.`,
      };
    case "missing":
      return {
        outcome: "wrong_id",
        ms,
        message:
          "The provider knows no endpoint with this id. Copy the id from its console; it looks like vsrx8zdokf21gz.",
      };
    case "throttled":
      return {
        outcome: "throttled",
        ms,
        message: "The provider answers but asks us to slow down (429). Wait a few seconds, then test again.",
      };
    case "unreachable":
      return outcome.refusedAddress
        ? {
            outcome: "refused_address",
            ms,
            message: `${outcome.words} The operator can open a range with JOBDECK_ALLOW_PRIVATE_ADDRESSES; plain http works only there.`,
          }
        : {
            outcome: "unreachable",
            ms,
            message: `No connection to the address. ${outcome.words} Check the base URL and that the server can reach it.`,
          };
    case "unclear":
      return outcome.words === "No answer in time."
        ? {
            outcome: "slow",
            ms,
            message: `No answer within ${seconds} s. The endpoint may be starting; test again in a minute.`,
          }
        : {
            outcome: "not_an_endpoint",
            ms,
            message: `Something answered, but not as an endpoint does. ${outcome.words} Check the base URL and its path.`,
          };
  }
}
