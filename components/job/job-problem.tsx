import type { ReactNode } from "react";
import { problemWords, readError } from "@/components/job/problem-words";
import { CodeBlock } from "@/components/ui/code-block";
import { Notice } from "@/components/ui/notice";
import type { JobRow } from "@/lib/jobs/schema";

type JobProblemProps = { job: Pick<JobRow, "status" | "error">; actions?: ReactNode };

/** What went wrong, what it means for the job, and what to do about it. Nothing when nothing went wrong. */
export function JobProblem({ job, actions }: JobProblemProps) {
  const words = problemWords(job.status);
  if (!words) return null;
  const error = job.error ? readError(job.error) : null;
  return (
    <Notice tone={job.status === "UNCONFIRMED" ? "warning" : "danger"} title={words.title} actions={actions}>
      <p className="max-w-prose">{words.body}</p>
      {error && <p className="mt-1.5 font-mono text-xs break-words whitespace-pre-wrap">{error.message}</p>}
      {error?.detail && (
        <details className="mt-2">
          <summary className="text-xs text-muted">The worker's trace</summary>
          <CodeBlock text={error.detail} what="trace" label="The worker's trace" className="mt-1 max-h-72" />
        </details>
      )}
    </Notice>
  );
}
