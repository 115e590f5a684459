"use client";

import { OutputView } from "@/components/job/output-view";
import { notKeptWords } from "@/components/job/output-words";
import { ProgressView } from "@/components/job/progress-view";
import { StoredOutput } from "@/components/job/stored-output";
import { StreamView } from "@/components/job/stream-view";
import { Notice } from "@/components/ui/notice";
import { stateMeaning } from "@/components/ui/state-badge";
import { isTerminal } from "@/lib/jobs/lifecycle";
import type { JobDetail } from "@/lib/jobs/schema";

/** The Output tab: the result as what it is, or why there is none (yet). */
export function JobOutput({ job }: { job: JobDetail }) {
  if (job.output !== null) return <OutputView text={job.output} job={job} />;
  if (job.outputState === "stored") return <StoredOutput job={job} />;
  if (job.outputState === "too_large")
    return (
      <Notice tone="warning" title={notKeptWords(job)}>
        The job is done, but its output was not kept. Let the worker upload large results, for example with S3
        storage, and return a link; or have the limit raised (JOBDECK_MAX_OUTPUT_MB) and run the job again.
      </Notice>
    );
  if (!isTerminal(job.status))
    return (
      <div className="space-y-4">
        <p className="text-sm text-muted">{stateMeaning(job.status)}</p>
        <ProgressView job={job} />
        <StreamView id={job.id} status={job.status} />
      </div>
    );
  return (
    <StreamView
      id={job.id}
      status={job.status}
      otherwise={
        <p className="text-sm text-muted">
          {job.status === "COMPLETED"
            ? "The worker finished without an output. If it should have returned one, it may have been refused for its size."
            : "There is no output."}
        </p>
      }
    />
  );
}
