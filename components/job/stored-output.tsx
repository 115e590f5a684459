"use client";

import { useQuery } from "@tanstack/react-query";
import { OutputHead } from "@/components/job/output-head";
import { OutputView } from "@/components/job/output-view";
import { usePlace } from "@/components/shell/place";
import { ErrorState } from "@/components/ui/error-state";
import { SkeletonRows } from "@/components/ui/skeleton";
import { jobOutputOptions } from "@/lib/jobs/queries";
import type { JobDetail } from "@/lib/jobs/schema";

/** Pictures have some megabytes. Above this the head is shown, and the download has everything. */
const SHOWN_MAX_BYTES = 16 * 1024 * 1024;

/** An output that is kept but too large to travel with the job: fetched apart, or its head and a file. */
export function StoredOutput({ job }: { job: Pick<JobDetail, "id" | "outputBytes"> }) {
  const { slug } = usePlace();
  const fits = (job.outputBytes ?? 0) <= SHOWN_MAX_BYTES;
  const { data, error, refetch, isFetching } = useQuery({ ...jobOutputOptions(slug, job.id), enabled: fits });
  if (!fits) return <OutputHead job={job} why="Too large to be shown here whole; it is kept whole." />;
  if (error)
    return (
      <ErrorState
        title="The output could not be loaded"
        message={error.message}
        onRetry={() => void refetch()}
        busy={isFetching}
      />
    );
  return data === undefined ? (
    <SkeletonRows rows={4} label="The output is loading" />
  ) : (
    <OutputView text={data} job={job} />
  );
}
