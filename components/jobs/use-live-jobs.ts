"use client";

import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { newcomers, type Pages, patchPages } from "@/components/jobs/list-changes";
import { CHANGES_INTERVAL_MS, fetchJobChanges, jobKeys, jobListOptions } from "@/lib/jobs/queries";
import type { JobFilter } from "@/lib/jobs/schema";

const NO_IDS: ReadonlySet<string> = new Set();

/**
 * The jobs of a filter, kept fresh by asking once a second what changed. Known rows are patched; new ones wait until
 * the person wants them. React Query stops asking while the tab is hidden and asks at once when it comes back.
 */
export function useLiveJobs(slug: string, filter: JobFilter) {
  const client = useQueryClient();
  const options = jobListOptions(slug, filter);
  const { queryKey } = options;
  const list = useInfiniteQuery(options);
  const listKey = JSON.stringify(queryKey);
  const [waiting, setWaiting] = useState({ listKey, ids: NO_IDS });
  const ids = waiting.listKey === listKey ? waiting.ids : NO_IDS;

  /** The newest page, and only that: what waited is now in it. */
  const reload = useCallback(async () => {
    setWaiting({ listKey, ids: NO_IDS });
    client.setQueryData<Pages>(queryKey, (data) =>
      data ? { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) } : data,
    );
    await client.refetchQueries({ queryKey, exact: true });
  }, [client, queryKey, listKey]);

  const changes = useQuery({
    queryKey: [...jobKeys.all(slug), "changes", filter],
    queryFn: async ({ signal }) => {
      const data = client.getQueryData<Pages>(queryKey);
      if (!data) return null;
      const since = Math.max(...data.pages.map((page) => page.rev));
      const delta = await fetchJobChanges(slug, since, signal, filter.endpoint);
      if (delta.reset) {
        await reload();
        return null;
      }
      const added = newcomers(data, delta, filter);
      client.setQueryData<Pages>(queryKey, (current) => current && patchPages(current, delta));
      const isEmpty = data.pages.every((page) => page.jobs.length === 0);
      // An empty list has no rows that could move: what comes is shown at once.
      if (added.length > 0 && isEmpty) await reload();
      else if (added.length > 0)
        setWaiting((before) => ({
          listKey,
          ids: new Set([...(before.listKey === listKey ? before.ids : []), ...added]),
        }));
      return null;
    },
    enabled: list.data !== undefined,
    refetchInterval: CHANGES_INTERVAL_MS,
    refetchOnWindowFocus: "always",
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });

  const jobs = useMemo(() => list.data?.pages.flatMap((page) => page.jobs) ?? [], [list.data]);
  return {
    jobs,
    counts: list.data?.pages[0]?.counts ?? {},
    waiting: ids.size,
    reload,
    list,
    /** Set while the deltas fail: what is shown may be out of date. */
    staleBecause: changes.error,
  };
}
