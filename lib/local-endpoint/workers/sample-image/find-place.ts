import { createSampler, type Formula } from "@/lib/local-endpoint/workers/sample-image/escape-time";

/** Cells per side that are looked at before each step inward, and points per side within a cell. */
const CELLS = 6;
const POINTS = 5;

/**
 * Walk from the whole set towards a place worth looking at: at each step the view goes to one of the liveliest cells
 * of what it shows. Lively means that neighbouring points differ in when they leave, but are not all in the set.
 * @param random decides between good cells, so every source of numbers ends somewhere else.
 * @param steps how often to go inward; each time the view shrinks by `factor`.
 */
export function findPlace(
  random: () => number,
  { formula, steps, factor }: { formula: Formula; steps: number; factor: number },
): { center: [number, number]; zoom: number } {
  let center: [number, number] = formula.kind === "julia" ? [0, 0] : [-0.7, 0];
  let zoom = 1;
  for (let step = 0; step < steps; step++) {
    const sampler = createSampler(formula, 200 + 120 * step, 3 / zoom / CELLS / POINTS);
    const cell = 3 / zoom / CELLS;
    const cells: { at: [number, number]; score: number }[] = [];
    for (let row = 0; row < CELLS; row++)
      for (let column = 0; column < CELLS; column++) {
        const at: [number, number] = [
          center[0] + (column - CELLS / 2 + 0.5) * cell,
          center[1] + (row - CELLS / 2 + 0.5) * cell,
        ];
        cells.push({ at, score: liveliness(sampler, at, cell) });
      }
    cells.sort((a, b) => b.score - a.score);
    center = cells[Math.floor(random() ** 1.5 * 6)]!.at;
    zoom *= factor;
  }
  return { center, zoom };
}

function liveliness(sampler: ReturnType<typeof createSampler>, at: [number, number], size: number): number {
  const sample = { escape: 0, light: 0 };
  const heights: number[] = [];
  let inside = 0;
  for (let row = 0; row < POINTS; row++)
    for (let column = 0; column < POINTS; column++) {
      sampler(
        at[0] + (column / (POINTS - 1) - 0.5) * size,
        at[1] + (row / (POINTS - 1) - 0.5) * size,
        sample,
      );
      if (sample.escape < 0) inside++;
      else heights.push(Math.log2(1 + Math.max(0, sample.escape)));
    }
  if (heights.length < 3) return 0;
  const mean = heights.reduce((a, b) => a + b, 0) / heights.length;
  const spread = heights.reduce((a, b) => a + (b - mean) ** 2, 0) / heights.length;
  const share = inside / (POINTS * POINTS);
  // A little of the set in view gives the eye something to rest on; a lot of it is a black hole.
  return Math.sqrt(spread) * mean * (share > 0.2 ? 0.2 : 1);
}
