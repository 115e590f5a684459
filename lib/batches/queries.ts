import { queryOptions } from "@tanstack/react-query";
import type { BatchRow } from "@/lib/batches/schema";
import { getJson } from "@/lib/kernel/api";

const batchKeys = {
  all: (slug: string) => ["batches", slug] as const,
  detail: (slug: string, id: string) => [...batchKeys.all(slug), id] as const,
};

const REFRESH_MS = 2_000;

export const isLive = (row: BatchRow): boolean =>
  ["SENDING", "IN_QUEUE", "IN_PROGRESS"].some((status) => (row.counts[status] ?? 0) > 0);

export const batchListOptions = (slug: string) =>
  queryOptions({
    queryKey: batchKeys.all(slug),
    queryFn: ({ signal }) =>
      getJson<{ batches: BatchRow[] }>(`/api/w/${encodeURIComponent(slug)}/batches`, signal),
    refetchInterval: ({ state }) => (state.data?.batches.some(isLive) ? REFRESH_MS : false),
  });

export const batchOptions = (slug: string, id: string) =>
  queryOptions({
    queryKey: batchKeys.detail(slug, id),
    queryFn: ({ signal }) => getJson<BatchRow>(`/api/w/${encodeURIComponent(slug)}/batches/${id}`, signal),
    refetchInterval: ({ state }) => (!state.data || isLive(state.data) ? REFRESH_MS : false),
  });
