"use client";

import { JobsTable } from "@/components/jobs/jobs-table";
import { NewJobs } from "@/components/jobs/new-jobs";
import { useLiveJobs } from "@/components/jobs/use-live-jobs";
import { Attention } from "@/components/overview/attention";
import { FirstSteps } from "@/components/overview/first-steps";
import { StateCounts } from "@/components/overview/state-counts";
import { PageHeader } from "@/components/shell/page-header";
import { usePlace } from "@/components/shell/place";
import { AppLink } from "@/components/ui/app-link";
import { ErrorState } from "@/components/ui/error-state";
import { SkeletonRows } from "@/components/ui/skeleton";
import type { EndpointRow } from "@/lib/endpoints/schema";

type OverviewProps = { workspaceName: string; endpoints: readonly EndpointRow[] };

const RECENT = 10;
const NO_FILTER = {};
const nothing = () => {};

export function Overview({ workspaceName, endpoints }: OverviewProps) {
  const { slug } = usePlace();
  const live = useLiveJobs(slug, NO_FILTER);
  const hasConnected = endpoints.some(({ kind }) => kind !== "local");
  if (live.list.isPending) return <SkeletonRows label="The overview is loading" />;
  if (live.list.isError && live.jobs.length === 0)
    return (
      <ErrorState
        title="The overview could not be loaded"
        message={live.list.error.message}
        onRetry={() => void live.list.refetch()}
      />
    );
  const isNew = live.jobs.length === 0;
  return (
    <div className="max-w-6xl">
      <PageHeader title={workspaceName} lead={isNew ? "Two steps and it runs." : undefined} />
      <Attention counts={live.counts} endpoints={endpoints} />
      {isNew && <FirstSteps endpoints={endpoints} hasJobs={false} hasConnected={hasConnected} />}
      {!isNew && (
        <>
          <StateCounts counts={live.counts} />
          <section className="mt-8" aria-labelledby="recent">
            <div className="mb-1 flex items-baseline justify-between">
              <h2 id="recent" className="text-lg font-semibold">
                Recent jobs
              </h2>
              <AppLink href={`/${slug}/jobs`} className="text-sm text-accent-ink hover:underline">
                All jobs
              </AppLink>
            </div>
            <NewJobs waiting={live.waiting} onShow={() => void live.reload()} />
            <JobsTable slug={slug} jobs={live.jobs.slice(0, RECENT)} onEnd={nothing} />
          </section>
          {!hasConnected && (
            <div className="mt-8">
              <FirstSteps endpoints={endpoints} hasJobs hasConnected={false} />
            </div>
          )}
        </>
      )}
    </div>
  );
}
