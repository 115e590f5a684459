import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { isTerminal } from "@/lib/jobs/lifecycle";
import type { JobChanges, JobDetail, JobFilter, JobPage, JobStream } from "@/lib/jobs/schema";
import { getBytes, getJson, getText } from "@/lib/kernel/api";

const PAGE_SIZE = 50;
/** How often an open page asks what changed; a hidden tab does not ask. */
export const CHANGES_INTERVAL_MS = 1_000;

export const jobKeys = {
  all: (slug: string) => ["jobs", slug] as const,
  list: (slug: string, filter: JobFilter) => [...jobKeys.all(slug), "list", filter] as const,
  detail: (slug: string, id: string) => [...jobKeys.all(slug), "detail", id] as const,
};

const api = (slug: string) => `/api/w/${encodeURIComponent(slug)}`;

export function jobListPath(slug: string, filter: JobFilter, cursor?: string): string {
  const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
  if (filter.state?.length) query.set("state", filter.state.join(","));
  if (filter.endpoint) query.set("endpoint", filter.endpoint);
  if (filter.batch) query.set("batch", filter.batch);
  if (cursor) query.set("cursor", cursor);
  return `${api(slug)}/jobs?${query}`;
}

export const jobListOptions = (slug: string, filter: JobFilter) =>
  infiniteQueryOptions({
    queryKey: jobKeys.list(slug, filter),
    queryFn: ({ pageParam, signal }) => getJson<JobPage>(jobListPath(slug, filter, pageParam), signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    // Rows are kept fresh by deltas; refetching pages would re-order them under the pointer.
    staleTime: Number.POSITIVE_INFINITY,
  });

/** What changed since `rev`, over the whole workspace: one source per page, whatever the filter. */
export const fetchJobChanges = (
  slug: string,
  since: number,
  signal?: AbortSignal,
  endpoint?: string,
): Promise<JobChanges> =>
  getJson<JobChanges>(
    `${api(slug)}/jobs/changes?since=${since}${endpoint ? `&endpoint=${endpoint}` : ""}`,
    signal,
  );

export const jobDetailOptions = (slug: string, id: string) =>
  queryOptions({
    queryKey: jobKeys.detail(slug, id),
    queryFn: ({ signal }) => getJson<JobDetail>(`${api(slug)}/jobs/${id}`, signal),
    // Polls only while something can change.
    refetchInterval: ({ state }) =>
      state.data && isTerminal(state.data.status) ? false : CHANGES_INTERVAL_MS,
  });

export const fetchJobStream = (
  slug: string,
  id: string,
  after: number,
  signal?: AbortSignal,
): Promise<JobStream> => getJson<JobStream>(`${api(slug)}/jobs/${id}/stream?after=${after}`, signal);

/** Raw output, always as an attachment. */
export const jobOutputPath = (slug: string, id: string): string => `${api(slug)}/jobs/${id}/output`;

/** Enough to see what an output is, and little enough for any page. */
export const HEAD_BYTES = 64 * 1024;

/** How an output begins. A character that the cut goes through is left out. */
export const jobOutputHeadOptions = (slug: string, id: string) =>
  queryOptions({
    queryKey: [...jobKeys.detail(slug, id), "output-head"] as const,
    queryFn: async ({ signal }) => {
      const range = { range: `bytes=0-${HEAD_BYTES - 1}` };
      const bytes = await getBytes(jobOutputPath(slug, id), signal, range);
      return new TextDecoder().decode(bytes, { stream: true });
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The same as text, for outputs that are too large to come with the job. It never changes once it is stored. */
export const jobOutputOptions = (slug: string, id: string) =>
  queryOptions({
    queryKey: [...jobKeys.detail(slug, id), "output"] as const,
    queryFn: ({ signal }) => getText(jobOutputPath(slug, id), signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
