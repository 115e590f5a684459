"use client";

import { useQuery } from "@tanstack/react-query";
import { JobOutput } from "@/components/job/job-output";
import { JobProblem } from "@/components/job/job-problem";
import { ProgressView } from "@/components/job/progress-view";
import { shortId } from "@/components/job/short-id";
import { StreamView } from "@/components/job/stream-view";
import { TimeBar } from "@/components/job/time-bar";
import { usePlace } from "@/components/shell/place";
import { AppLink } from "@/components/ui/app-link";
import { useMediaQuery } from "@/components/ui/media-query";
import { StateBadge } from "@/components/ui/state-badge";
import { isTerminal } from "@/lib/jobs/lifecycle";
import { jobDetailOptions } from "@/lib/jobs/queries";

/** The job that came of sending, beside the form: change a value, send again, look. */
export function SentJob({ id }: { id: string }) {
  const { slug } = usePlace();
  const isWide = useMediaQuery("(min-width: 80rem)");
  const { data: job } = useQuery(jobDetailOptions(slug, id));
  return (
    <section aria-label="The job that was sent" className="rounded-lg border p-3">
      <div className="flex items-center justify-between gap-3 text-sm" aria-live="polite">
        <StateBadge status={job?.status ?? "SENDING"} />
        <AppLink href={`/${slug}/jobs/${id}`} className="font-medium text-accent-ink hover:underline">
          Open job <span className="font-mono text-xs">{shortId(id)}</span>
        </AppLink>
      </div>
      {job && (
        <div className="mt-3 space-y-3">
          <TimeBar job={job} />
          <JobProblem job={job} />
          {isTerminal(job.status) ? null : <ProgressView job={job} />}
          {isWide &&
            (isTerminal(job.status) ? <JobOutput job={job} /> : <StreamView id={id} status={job.status} />)}
        </div>
      )}
    </section>
  );
}
