"use client";

import { timeSegments } from "@/components/job/time-segments";
import { useNow } from "@/components/ui/clock";
import { durationWords, timerWords } from "@/components/ui/time-words";
import { isTerminal } from "@/lib/jobs/lifecycle";
import type { JobRow } from "@/lib/jobs/schema";

/** "1.2 s · 3.4 s", or a timer in the part that is going on. */
export function JobTimes({ job }: { job: JobRow }) {
  return isTerminal(job.status) ? <Words job={job} now={null} /> : <Live job={job} />;
}

/** Only rows that move listen to the clock. */
function Live({ job }: { job: JobRow }) {
  return <Words job={job} now={useNow()} />;
}

function Words({ job, now }: { job: JobRow; now: number | null }) {
  const [sending, wait, run] = timeSegments(job, now).map(({ ms, running }) =>
    running ? (now === null ? "" : timerWords(ms)) : durationWords(ms),
  );
  if (wait === undefined) return isTerminal(job.status) ? null : <span>{sending}</span>;
  return (
    <span className="whitespace-nowrap">
      <span className="text-muted">{wait}</span>
      {run !== undefined && <> · {run}</>}
    </span>
  );
}
