"use client";

import { progressShare, progressWords } from "@/components/job/progress-value";
import { CodeBlock } from "@/components/ui/code-block";
import type { JobDetail } from "@/lib/jobs/schema";

/** What the worker last said while it runs. Progress, never a result. */
export function ProgressView({ job }: { job: Pick<JobDetail, "progress"> }) {
  if (job.progress === null) return null;
  const value = parse(job.progress);
  const share = progressShare(value);
  const words = progressWords(value);
  if (share === null && words.length >= 200)
    return <CodeBlock text={job.progress} what="progress" label="Progress" wrap className="max-h-40" />;
  const percent = share === null ? null : Math.round(share * 100);
  return (
    <div className="text-sm">
      <div className="flex justify-between gap-3">
        <span className="min-w-0 break-words text-muted">{words || "Progress"}</span>
        {percent !== null && <span className="font-medium">{percent} %</span>}
      </div>
      {percent !== null && (
        <div
          role="progressbar"
          aria-label="Progress of the job"
          aria-valuenow={percent}
          aria-valuemin={0}
          aria-valuemax={100}
          className="mt-1 h-1.5 overflow-hidden rounded-full bg-hover"
        >
          <div className="h-full bg-state-in-progress transition-[width]" style={{ width: `${percent}%` }} />
        </div>
      )}
    </div>
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // a worker may say anything; then it is shown as text
  }
}
