import { appendFileSync } from "node:fs";
import type { Findings } from "@/faults/invariants";

/** How often a fault is injected: 6 in `npm test`, 50 in `npm run faults`; JOBDECK_FAULT_RUNS says otherwise. */
export const RUNS = Number(process.env.JOBDECK_FAULT_RUNS ?? 6);
export const IS_LONG = RUNS >= 50;

/** One line of the table that `npm run faults` prints at the end. */
export function report(row: string, runs: number, findings: Findings): void {
  const { violations, states, slowestVerdictMs } = findings;
  const line = { row, runs, violations: violations.length, states, slowestVerdictMs };
  const file = process.env.JOBDECK_FAULT_REPORT;
  if (file) appendFileSync(file, `${JSON.stringify(line)}\n`);
}
