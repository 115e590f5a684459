import { eventWords } from "@/components/job/event-words";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { StateDot } from "@/components/ui/state-badge";
import { durationWords } from "@/components/ui/time-words";
import type { JobDetail } from "@/lib/jobs/schema";

/** What happened when. The gap to the event before it stands beside each, since gaps are what one looks for. */
export function JobTimeline({ job }: { job: JobDetail }) {
  return (
    <ol className="text-sm">
      {job.events.map((event, index) => {
        const { title, more } = eventWords(event);
        const before = job.events[index - 1];
        const gap = before ? new Date(event.at).getTime() - new Date(before.at).getTime() : null;
        const to = typeof event.detail.to === "string" ? event.detail.to : "unknown";
        return (
          <li
            key={event.id}
            className="grid grid-cols-[1rem_minmax(0,1fr)_auto] gap-x-2 border-b py-2 last:border-b-0"
          >
            <span className="flex h-5 items-center">
              <StateDot status={to} />
            </span>
            <div className="min-w-0">
              <p className="font-medium">{title}</p>
              {more && <p className="text-xs break-words text-muted">{more}</p>}
            </div>
            <div className="text-right text-xs text-muted">
              <AbsoluteTime at={event.at} />
              {gap !== null && <p className="text-faint">+{durationWords(gap)}</p>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
