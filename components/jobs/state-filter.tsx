"use client";

import { cx } from "@/components/ui/class-names";
import { StateDot, stateWord } from "@/components/ui/state-badge";
import { KNOWN_STATUSES } from "@/lib/jobs/schema";

/** Where the `/` key leads. */
export const STATE_FILTER_ID = "state-filter";

type StateFilterProps = {
  counts: Record<string, number>;
  chosen: readonly string[];
  onChange: (states: string[]) => void;
};

/** The order in which a job goes through them. Unknown words come last. */
const ORDER = [
  ...["SENDING", "IN_QUEUE", "IN_PROGRESS", "COMPLETED", "FAILED", "TIMED_OUT", "CANCELLED"],
  ...["UNCONFIRMED", "REJECTED", "EXPIRED", "LOST"],
];

/** One toggle per state that has jobs (or is chosen), with its count. Several can be on. */
export function StateFilter({ counts, chosen, onChange }: StateFilterProps) {
  const unknown = Object.keys(counts).filter(
    (state) => !(KNOWN_STATUSES as readonly string[]).includes(state),
  );
  const shown = [...ORDER, ...unknown].filter((state) => (counts[state] ?? 0) > 0 || chosen.includes(state));
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return (
    <fieldset id={STATE_FILTER_ID} className="flex min-w-0 flex-wrap gap-1">
      <legend className="sr-only">Show only these states</legend>
      <Toggle on={chosen.length === 0} onClick={() => onChange([])}>
        All <Count>{total}</Count>
      </Toggle>
      {shown.map((state) => {
        const on = chosen.includes(state);
        return (
          <Toggle
            key={state}
            on={on}
            onClick={() => onChange(on ? chosen.filter((one) => one !== state) : [...chosen, state])}
          >
            <StateDot status={state} />
            {stateWord(state)} <Count>{counts[state] ?? 0}</Count>
          </Toggle>
        );
      })}
    </fieldset>
  );
}

function Toggle({ on, onClick, children }: { on: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      aria-pressed={on}
      onClick={onClick}
      className={cx(
        "inline-flex h-7 items-center gap-1.5 rounded-md border px-2 text-sm transition-colors coarse:h-10",
        on
          ? "border-control bg-pressed text-ink"
          : "border-transparent text-muted hover:bg-hover hover:text-ink",
      )}
    >
      {children}
    </button>
  );
}

const Count = ({ children }: { children: number }) => (
  <span className="text-xs text-faint">{children.toLocaleString("en")}</span>
);
