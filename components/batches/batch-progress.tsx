import { stateWord } from "@/components/ui/state-badge";
import type { BatchRow } from "@/lib/batches/schema";
import { isTerminal } from "@/lib/jobs/lifecycle";

/** How many jobs of a batch are over, whatever their verdict. */
export const countOver = (batch: BatchRow): number =>
  Object.entries(batch.counts).reduce((sum, [status, count]) => sum + (isTerminal(status) ? count : 0), 0);

/** "480 of 500 over: 470 completed, 10 failed" and a bar. */
export function BatchProgress({ batch }: { batch: BatchRow }) {
  const over = countOver(batch);
  const parts = Object.entries(batch.counts)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count.toLocaleString("en")} ${stateWord(status).toLowerCase()}`);
  return (
    <div className="space-y-1">
      <progress
        aria-label={`Jobs that are over in ${batch.name}`}
        max={batch.total}
        value={over}
        className="block h-1.5 w-full overflow-hidden rounded-full bg-pressed [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-pressed [&::-webkit-progress-value]:bg-accent"
      />
      <p className="text-xs text-muted tabular-nums">
        {over.toLocaleString("en")} of {batch.total.toLocaleString("en")} over
        {parts.length > 0 && `: ${parts.join(", ")}`}
      </p>
    </div>
  );
}
