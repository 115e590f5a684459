"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { shortId } from "@/components/job/short-id";
import { usePlace } from "@/components/shell/place";
import { AppLink } from "@/components/ui/app-link";
import { ErrorState } from "@/components/ui/error-state";
import { RelativeTime } from "@/components/ui/relative-time";
import { Skeleton } from "@/components/ui/skeleton";
import { StateBadge } from "@/components/ui/state-badge";
import { jobListOptions } from "@/lib/jobs/queries";

const SHOWN = 15;

/** The last requests to an endpoint: each opens the composer filled with it. What is being written now stays a draft. */
export default function SentBefore({ endpointId }: { endpointId: string }) {
  const { slug } = usePlace();
  const list = useInfiniteQuery({ ...jobListOptions(slug, { endpoint: endpointId }), staleTime: 0 });
  if (list.isPending) return <Skeleton className="h-24 w-full" />;
  if (list.isError)
    return (
      <ErrorState
        title="The last requests could not be loaded"
        message={list.error.message}
        onRetry={() => void list.refetch()}
        busy={list.isFetching}
      />
    );
  const jobs = list.data.pages[0]?.jobs.slice(0, SHOWN) ?? [];
  if (jobs.length === 0) return <p className="text-sm text-muted">Nothing was sent to this endpoint yet.</p>;
  return (
    <ul className="divide-y text-sm">
      {jobs.map((job) => (
        <li key={job.id} className="py-1.5">
          <AppLink
            href={`/${slug}/compose?from=${job.id}`}
            className="flex min-w-0 flex-wrap items-baseline gap-x-3 rounded hover:bg-hover coarse:min-h-10 coarse:items-center"
          >
            <span className="sr-only">Fill with job {shortId(job.id)}: </span>
            <span className="min-w-0 flex-1 basis-40 truncate font-mono text-xs">
              {job.inputSummary || "{}"}
            </span>
            <span className="flex items-baseline gap-3 text-xs text-muted">
              <StateBadge status={job.status} />
              <RelativeTime at={job.createdAt} />
            </span>
          </AppLink>
        </li>
      ))}
    </ul>
  );
}
