"use client";

import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { usePlace } from "@/components/shell/place";
import { buttonClass } from "@/components/ui/button";
import { byteWords } from "@/components/ui/byte-words";
import { CodeBlock } from "@/components/ui/code-block";
import { ErrorState } from "@/components/ui/error-state";
import { SkeletonRows } from "@/components/ui/skeleton";
import { HEAD_BYTES, jobOutputHeadOptions, jobOutputPath } from "@/lib/jobs/queries";
import type { JobDetail } from "@/lib/jobs/schema";

/** How a stored output begins, as the provider spelled it, and all of it as a file. Costs the same whatever its size. */
export function OutputHead({ job, why }: { job: Pick<JobDetail, "id" | "outputBytes">; why?: string }) {
  const { slug } = usePlace();
  const { data, error, refetch, isFetching } = useQuery(jobOutputHeadOptions(slug, job.id));
  const bytes = job.outputBytes ?? 0;
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-sm text-muted">
        <a href={jobOutputPath(slug, job.id)} className={buttonClass("plain", "sm")}>
          <Download aria-hidden className="size-3.5" /> Download {byteWords(bytes)}
        </a>
        <span className="min-w-0">
          {why && `${why} `}
          {bytes > HEAD_BYTES && `The first ${byteWords(HEAD_BYTES)} are shown; the download has all.`}
        </span>
      </div>
      {error ? (
        <ErrorState
          title="The output could not be loaded"
          message={error.message}
          onRetry={() => void refetch()}
          busy={isFetching}
        />
      ) : data === undefined ? (
        <SkeletonRows rows={4} label="The output is loading" />
      ) : (
        <CodeBlock
          text={data}
          what={bytes > HEAD_BYTES ? "the shown part" : "output"}
          label="Output as the provider spelled it"
          wrap
          className="[&_pre]:break-all"
        />
      )}
    </div>
  );
}
