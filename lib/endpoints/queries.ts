import { queryOptions } from "@tanstack/react-query";
import type { EndpointRow, Health, Pressure } from "@/lib/endpoints/schema";
import { getJson } from "@/lib/kernel/api";

export const endpointKeys = {
  all: (slug: string) => ["endpoints", slug] as const,
  list: (slug: string) => [...endpointKeys.all(slug), "list"] as const,
  pressure: (slug: string, id: string) => [...endpointKeys.all(slug), "pressure", id] as const,
  health: (slug: string, id: string) => [...endpointKeys.all(slug), "health", id] as const,
};

const api = (slug: string) => `/api/w/${encodeURIComponent(slug)}/endpoints`;

/** The provider does not like to be asked for its health more often than this. */
const HEALTH_INTERVAL_MS = 15_000;
const PRESSURE_INTERVAL_MS = 2_000;
/** Only whether one is paused or in trouble changes by itself. */
const LIST_INTERVAL_MS = 10_000;

export const endpointListOptions = (slug: string) =>
  queryOptions({
    queryKey: endpointKeys.list(slug),
    queryFn: async ({ signal }) => (await getJson<{ endpoints: EndpointRow[] }>(api(slug), signal)).endpoints,
    refetchInterval: LIST_INTERVAL_MS,
  });

export const endpointPressureOptions = (slug: string, id: string) =>
  queryOptions({
    queryKey: endpointKeys.pressure(slug, id),
    queryFn: ({ signal }) => getJson<Pressure>(`${api(slug)}/${id}/pressure`, signal),
    refetchInterval: PRESSURE_INTERVAL_MS,
  });

export const endpointHealthOptions = (slug: string, id: string) =>
  queryOptions({
    queryKey: endpointKeys.health(slug, id),
    queryFn: ({ signal }) => getJson<Health>(`${api(slug)}/${id}/health`, signal),
    refetchInterval: HEALTH_INTERVAL_MS,
    retry: false,
  });
