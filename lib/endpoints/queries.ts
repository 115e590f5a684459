import { queryOptions } from "@tanstack/react-query";
import type { Health } from "@/lib/endpoints/schema";
import { getJson } from "@/lib/kernel/api";

export const endpointKeys = {
  all: (slug: string) => ["endpoints", slug] as const,
  health: (slug: string, id: string) => [...endpointKeys.all(slug), "health", id] as const,
};

const api = (slug: string) => `/api/w/${encodeURIComponent(slug)}/endpoints`;

/** The provider does not like to be asked for its health more often than this. */
const HEALTH_INTERVAL_MS = 15_000;

export const endpointHealthOptions = (slug: string, id: string) =>
  queryOptions({
    queryKey: endpointKeys.health(slug, id),
    queryFn: ({ signal }) => getJson<Health>(`${api(slug)}/${id}/health`, signal),
    refetchInterval: HEALTH_INTERVAL_MS,
    retry: false,
  });
