"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { JobProblem } from "@/components/job/job-problem";
import { OutputView } from "@/components/job/output-view";
import { ProgressView } from "@/components/job/progress-view";
import { shortId } from "@/components/job/short-id";
import { StreamView } from "@/components/job/stream-view";
import { TimeBar } from "@/components/job/time-bar";
import { usePlace } from "@/components/shell/place";
import { StateBadge } from "@/components/ui/state-badge";
import { isTerminal } from "@/lib/jobs/lifecycle";
import { jobDetailOptions } from "@/lib/jobs/queries";

/** The job that came of sending, beside the form: change a value, send again, look. */
export function SentJob({ id }: { id: string }) {
  const { slug } = usePlace();
  const { data: job } = useQuery(jobDetailOptions(slug, id));
  return (
    <section aria-label="The job that was sent" className="rounded-lg border p-3">
      <div className="flex items-center justify-between gap-3 text-sm" aria-live="polite">
        <StateBadge status={job?.status ?? "SENDING"} />
        <Link href={`/${slug}/jobs/${id}`} className="font-medium text-accent-ink hover:underline">
          Open job <span className="font-mono text-xs">{shortId(id)}</span>
        </Link>
      </div>
      {job && (
        <div className="mt-3 space-y-3">
          <TimeBar job={job} />
          <JobProblem job={job} />
          {!isTerminal(job.status) && <ProgressView job={job} />}
          <div className="hidden xl:block">
            {job.output === null ? (
              <StreamView id={id} status={job.status} />
            ) : (
              <OutputView text={job.output} />
            )}
          </div>
        </div>
      )}
    </section>
  );
}
