import { appendFileSync } from "node:fs";
import type rows from "@/faults/rows.json";

/** How often a fault is injected: 4 in `npm test`, 200 in `npm run faults`; JOBDECK_FAULT_RUNS says otherwise. */
export const RUNS = Number(process.env.JOBDECK_FAULT_RUNS ?? 4);
export const IS_LONG = RUNS >= 20;

/** A row of the fault matrix. All of them are in rows.json; `npm run faults` fails when one of them reports nothing. */
export type Row = keyof typeof rows;

export type Report = {
  row: Row;
  /** What exactly was done, for people: several reports may share a row. */
  title: string;
  /** How often the fault was really injected, counted where it happened and not where it was planned. 0 fails. */
  runs: number;
  /** One sentence per broken promise; `checkInvariants` makes them, a test may add its own. */
  violations: readonly string[];
  /** The longest time from journal to verdict, where the test reads it. */
  slowestVerdictMs?: number;
};

/**
 * One line of the table that `npm run faults` prints at the end. Call it before the assertions about the outcome, so that
 * a broken promise is in the table, too. Does nothing but that: a test still asserts for itself.
 */
export function report({ violations, ...line }: Report): void {
  const file = process.env.JOBDECK_FAULT_REPORT;
  if (file) appendFileSync(file, `${JSON.stringify({ ...line, violations: violations.length })}\n`);
}
