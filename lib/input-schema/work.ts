/**
 * Schemas and patterns come from strangers, and some are written to never end. Whatever walks them counts its steps
 * here; a count, unlike a clock, gives the same answer on every machine.
 */
export type Work = { left: number };

/** Thrown by `spend`, and caught by whoever handed out the work. Never leaves this room. */
export class WorkSpent extends Error {}

/** One for all: taking down where it was thrown would cost more than the steps that it saves. */
const SPENT = new WorkSpent();

export function spend(work: Work, steps: number): void {
  work.left -= steps;
  if (work.left < 0) throw SPENT;
}
