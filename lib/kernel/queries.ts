import type { Query, QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/lib/kernel/api";

/** `server`: nobody answers. `database`: Jobdeck answers, but cannot read. */
export type Outage = "server" | "database";

/** Refusals (401, 404, …) are the page's own matter and no outage. */
function outageOf(error: unknown): Outage | null {
  if (!(error instanceof ApiError) || error.error.code !== "unavailable") return null;
  return error.status === 0 ? "server" : "database";
}

const ofQuery = (query: Query): Outage | null =>
  query.isActive() ? outageOf(query.state.fetchFailureReason ?? query.state.error) : null;

/**
 * What the queries of the open page suffer from at present. A query that is being asked again keeps its last failure
 * until it succeeds, so the answer does not flicker between two attempts.
 */
export function currentOutage(client: QueryClient): Outage | null {
  const found = client.getQueryCache().getAll().map(ofQuery);
  return found.find((outage) => outage === "server") ?? found.find((outage) => outage !== null) ?? null;
}
