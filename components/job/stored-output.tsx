"use client";

import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { OutputView } from "@/components/job/output-view";
import { usePlace } from "@/components/shell/place";
import { buttonClass } from "@/components/ui/button";
import { byteWords } from "@/components/ui/byte-words";
import { ErrorState } from "@/components/ui/error-state";
import { Notice } from "@/components/ui/notice";
import { SkeletonRows } from "@/components/ui/skeleton";
import { jobOutputOptions, jobOutputPath } from "@/lib/jobs/queries";
import type { JobDetail } from "@/lib/jobs/schema";

/** Above this a page would only stutter; the download has everything. */
const SHOWN_MAX_BYTES = 16 * 1024 * 1024;

/** An output that is kept but too large to travel with the job: fetched apart, or offered as a file. */
export function StoredOutput({ job }: { job: Pick<JobDetail, "id" | "outputBytes"> }) {
  const { slug } = usePlace();
  const bytes = job.outputBytes ?? 0;
  const fits = bytes <= SHOWN_MAX_BYTES;
  const { data, error, refetch, isFetching } = useQuery({ ...jobOutputOptions(slug, job.id), enabled: fits });
  if (!fits)
    return (
      <Notice
        title={`The output has ${byteWords(bytes)}`}
        actions={
          <a href={jobOutputPath(slug, job.id)} className={buttonClass("plain", "sm")}>
            <Download aria-hidden className="size-3.5" /> Download it as JSON
          </a>
        }
      >
        That is too much to show on a page. It is kept whole.
      </Notice>
    );
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
    <OutputView text={data} />
  );
}
