"use client";

import { ListTree, SquarePen } from "lucide-react";
import { parseAsArrayOf, parseAsString, useQueryStates } from "nuqs";
import { useCallback, useMemo } from "react";
import { EndpointHints } from "@/components/endpoints/endpoint-hints";
import { JobsTable } from "@/components/jobs/jobs-table";
import { NewJobs } from "@/components/jobs/new-jobs";
import { STATE_FILTER_ID, StateFilter } from "@/components/jobs/state-filter";
import { useLiveJobs } from "@/components/jobs/use-live-jobs";
import { useOutage } from "@/components/shell/outage-banner";
import { useMay, usePlace } from "@/components/shell/place";
import { useShortcut } from "@/components/shell/shortcuts";
import { Button, ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Select } from "@/components/ui/select";
import { SkeletonRows } from "@/components/ui/skeleton";
import type { EndpointRow } from "@/lib/endpoints/schema";

type JobsViewProps = { endpoints: readonly EndpointRow[] };

const EVERY = "every";

export function JobsView({ endpoints }: JobsViewProps) {
  const { slug } = usePlace();
  const [{ state, endpoint }, setQuery] = useQueryStates(
    { state: parseAsArrayOf(parseAsString).withDefault([]), endpoint: parseAsString },
    { history: "push" },
  );
  const filter = useMemo(
    () => ({ ...(state.length > 0 && { state }), ...(endpoint && { endpoint }) }),
    [state, endpoint],
  );
  const live = useLiveJobs(slug, filter);
  const outage = useOutage();
  const { jobs, counts, waiting, reload, staleBecause } = live;
  useShortcut("/", "Go to the filter", () =>
    document.getElementById(STATE_FILTER_ID)?.querySelector("button")?.focus(),
  );
  const showNew = () => {
    window.scrollTo({ top: 0 });
    void reload();
  };
  const isFiltered = state.length > 0 || endpoint !== null;

  return (
    <div>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
        <StateFilter
          counts={counts}
          chosen={state}
          onChange={(states) => void setQuery({ state: states.length > 0 ? states : null })}
        />
        {endpoints.length > 1 && (
          <Select
            label="Endpoint"
            className="max-w-52 md:w-auto"
            value={endpoint ?? EVERY}
            onChange={(id) => void setQuery({ endpoint: id === EVERY ? null : id })}
            options={[
              { value: EVERY, label: "All endpoints" },
              ...endpoints.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        )}
      </div>
      {staleBecause && !outage && jobs.length > 0 && (
        <div className="mb-3">
          <ErrorState
            title="The list has stopped moving"
            message={`${staleBecause.message} Trying again by itself.`}
          />
        </div>
      )}
      <EndpointHints endpoints={endpoints} only={endpoint} />
      <NewJobs waiting={waiting} onShow={showNew} />
      <JobsBody
        live={live}
        isFiltered={isFiltered}
        onClear={() => void setQuery({ state: null, endpoint: null })}
      />
    </div>
  );
}

type JobsBodyProps = { live: ReturnType<typeof useLiveJobs>; isFiltered: boolean; onClear: () => void };

/** Loading, failed, empty, filtered-empty and full are five different screens. */
function JobsBody({ live: { jobs, list }, isFiltered, onClear }: JobsBodyProps) {
  const { slug } = usePlace();
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (list.isPending) return <SkeletonRows rows={10} label="Jobs are loading" />;
  if (list.isError && jobs.length === 0)
    return (
      <ErrorState
        title="The jobs could not be loaded"
        message={list.error.message}
        onRetry={() => void list.refetch()}
        busy={list.isFetching}
      />
    );
  if (jobs.length === 0)
    return isFiltered ? (
      <EmptyState title="No job matches the filter" action={<Button onClick={onClear}>Show all jobs</Button>}>
        New ones that match appear here by themselves.
      </EmptyState>
    ) : (
      <NoJobs slug={slug} />
    );
  const count = `${jobs.length.toLocaleString("en")} ${jobs.length === 1 ? "job" : "jobs"}`;
  return (
    <>
      <JobsTable slug={slug} jobs={jobs} onEnd={onEnd} />
      <p role="status" className="py-3 text-center text-xs text-faint">
        {isFetchingNextPage ? "Loading older jobs…" : !hasNextPage && `${count}, all shown`}
      </p>
    </>
  );
}

function NoJobs({ slug }: { slug: string }) {
  const maySubmit = useMay("jobs:submit");
  return (
    <EmptyState
      icon={<ListTree aria-hidden />}
      title="No jobs yet"
      action={
        maySubmit && (
          <ButtonLink look="primary" href={`/${slug}/compose`} icon={<SquarePen aria-hidden />}>
            Compose a request
          </ButtonLink>
        )
      }
    >
      Every request that is sent from this workspace becomes a line here, and stays.
    </EmptyState>
  );
}
