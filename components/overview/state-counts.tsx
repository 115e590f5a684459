"use client";

import { usePlace } from "@/components/shell/place";
import { AppLink } from "@/components/ui/app-link";
import { StateDot, stateWord } from "@/components/ui/state-badge";

/** Always shown, so that their places do not move; the rare ones only when there are any. */
const USUAL = ["IN_QUEUE", "IN_PROGRESS", "COMPLETED", "FAILED"];

export function StateCounts({ counts }: { counts: Record<string, number> }) {
  const { slug } = usePlace();
  const rare = Object.keys(counts).filter((state) => !USUAL.includes(state) && (counts[state] ?? 0) > 0);
  return (
    <ul aria-label="Jobs per state" className="grid grid-cols-2 border-y sm:grid-cols-4 lg:grid-cols-6">
      {[...USUAL, ...rare].map((state) => (
        <li key={state}>
          <AppLink
            href={`/${slug}/jobs?state=${encodeURIComponent(state)}`}
            className="block px-1 py-3 hover:bg-hover focus-visible:-outline-offset-2"
          >
            <span className="flex items-center gap-1.5 text-xs text-muted">
              <StateDot status={state} />
              {stateWord(state)}
            </span>
            <span className="mt-0.5 block text-xl font-semibold tracking-tight">
              {(counts[state] ?? 0).toLocaleString("en")}
            </span>
          </AppLink>
        </li>
      ))}
    </ul>
  );
}
