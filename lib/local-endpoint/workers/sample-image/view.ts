import { seededRandom, seedFromText } from "@/lib/local-endpoint/workers/random";
import type { Formula } from "@/lib/local-endpoint/workers/sample-image/escape-time";
import { findPlace } from "@/lib/local-endpoint/workers/sample-image/find-place";
import type { ImageInput } from "@/lib/local-endpoint/workers/sample-image/input";
import { PALETTES, type PaletteName } from "@/lib/local-endpoint/workers/sample-image/palette";

/** Everything that decides a picture; the same view is the same picture, bit for bit. */
export type View = {
  width: number;
  height: number;
  seed: number;
  formula: Formula;
  center: readonly [number, number];
  zoom: number;
  /** Radians. */
  turn: number;
  iterations: number;
  palette: PaletteName;
};

/** The seed when a request names neither a seed nor a prompt. Chosen by looking. */
const DEFAULT_SEED = 33;

/** Fill in what the input leaves open. What it names is taken as it is; the seed decides the rest. */
export function resolveView(input: ImageInput): View {
  const seed = input.seed ?? (input.prompt ? seedFromText(input.prompt) : DEFAULT_SEED);
  const random = seededRandom(seed);
  // All draws happen in one order whatever the input names, so that naming one thing does not change the others.
  const names = Object.keys(PALETTES) as PaletteName[];
  const drawn = {
    palette: names[Math.floor(random() * names.length)]!,
    julia: random() < 0.4,
    steps: 3 + Math.floor(random() * 6),
    turn: (random() - 0.5) * Math.PI,
  };

  const formula = chooseFormula(input, drawn.julia, random);
  const placed = input.center !== undefined || input.zoom !== undefined;
  const steps = formula.kind === "julia" ? Math.min(1, drawn.steps - 3) : drawn.steps;
  const place = placed
    ? { center: formula.kind === "julia" ? ([0, 0] as const) : ([-0.7, 0] as const), zoom: 1 }
    : findPlace(random, { formula, steps, factor: formula.kind === "julia" ? 2 : 3.4 });
  const zoom = input.zoom ?? place.zoom;
  return {
    width: input.width,
    height: input.height,
    seed,
    formula,
    center: input.center ?? place.center,
    zoom,
    turn: input.turn ?? (placed ? 0 : drawn.turn),
    iterations: input.iterations ?? Math.round(400 + 140 * Math.max(0, Math.log2(zoom))),
    palette: (input.palette as PaletteName | undefined) ?? drawn.palette,
  };
}

/** A Julia set is liveliest when its constant lies at the edge of the Mandelbrot set, so that is where one is looked for. */
function chooseFormula(input: ImageInput, drawnJulia: boolean, random: () => number): Formula {
  const julia = input.fractal
    ? input.fractal === "julia"
    : input.c !== undefined || (drawnJulia && !input.center);
  if (!julia) return { kind: "mandelbrot" };
  const c = input.c ?? findPlace(random, { formula: { kind: "mandelbrot" }, steps: 3, factor: 4 }).center;
  return { kind: "julia", c };
}
