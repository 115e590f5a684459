import type { Count } from "@/lib/server/backup/manifest";
import type { RowMeter } from "@/lib/server/backup/row-meter";

/** A large table says how far it is after each of these. */
const INTERIM_MS = 5_000;

/** Lines about tables that are copied: one when a table is done, and some on the way of a long one. */
export function progress(say: (line: string) => void, now: () => number = () => performance.now()) {
  let saidAt = now();
  const line = (table: string, meter: RowMeter, end: string): void => {
    saidAt = now();
    say(
      `  ${table.padEnd(28)} ${meter.rows.toLocaleString("en-US").padStart(12)} rows ${size(meter.bytes).padStart(10)}${end}`,
    );
  };
  return {
    onChunk(table: string, meter: RowMeter): void {
      if (now() - saidAt >= INTERIM_MS) line(table, meter, " so far");
    },
    onTable: ({ table }: Count, meter: RowMeter): void => line(table, meter, ""),
  };
}

export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const [divisor, unit] = bytes < 1e6 ? [1e3, "kB"] : bytes < 1e9 ? [1e6, "MB"] : [1e9, "GB"];
  return `${(bytes / (divisor as number)).toFixed(1)} ${unit}`;
}

export const sum = (counts: readonly Count[]): string =>
  `${counts.reduce((total, { rows }) => total + rows, 0).toLocaleString("en-US")} rows in ${counts.length} tables`;
