"use client";

import { type Segment, timeSegments } from "@/components/job/time-segments";
import { cx } from "@/components/ui/class-names";
import { useNow } from "@/components/ui/clock";
import { durationWords, timerWords } from "@/components/ui/time-words";
import type { JobRow } from "@/lib/jobs/schema";

const LOOK: Record<Segment["name"], string> = {
  Sending: "bg-state-sending",
  "Queue and cold start": "bg-state-in-queue-fill",
  Run: "bg-state-in-progress",
};

/** Where a job's time went, in proportion, with the numbers beside their colours. */
export function TimeBar({ job }: { job: JobRow }) {
  const segments = timeSegments(job, useNow());
  const total = segments.reduce((sum, { ms }) => sum + ms, 0);
  return (
    <div className="min-w-0">
      <div aria-hidden className="flex h-1.5 gap-px overflow-hidden rounded-full bg-hover">
        {segments.map(({ name, ms, running }) => (
          <span
            key={name}
            className={cx(LOOK[name], running && "animate-breathe")}
            // A part that exists is seen, however short it was.
            style={{ flexGrow: total > 0 ? Math.max(ms / total, 0.004) : 1, flexBasis: 0 }}
          />
        ))}
      </div>
      <dl className="mt-1.5 flex flex-wrap gap-x-4 gap-y-0.5 text-xs text-muted">
        {segments.map(({ name, ms, running }) => (
          <div key={name} className="flex items-center gap-1.5">
            <span aria-hidden className={cx("size-1.5 rounded-full", LOOK[name])} />
            <dt>{name}</dt>
            <dd className="font-medium text-ink">{running ? timerWords(ms) : durationWords(ms)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
