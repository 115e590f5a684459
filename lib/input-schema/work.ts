/**
 * Schemas and patterns come from strangers, and some are written to never end. Whatever walks them counts its steps
 * here; a count, unlike a clock, gives the same answer on every machine.
 */
export type Work = { left: number };

/** Thrown by `spend`, and caught by whoever handed out the work. Never leaves this room. */
export class WorkSpent extends Error {}

export function spend(work: Work, steps: number): void {
  work.left -= steps;
  if (work.left < 0) throw new WorkSpent();
}
