import { setImmediate as nextTurn } from "node:timers/promises";
import { createSampler, type Sample } from "@/lib/local-endpoint/workers/sample-image/escape-time";
import {
  gradientOffset,
  gradientTable,
  PALETTES,
  toByte,
  toLinear,
} from "@/lib/local-endpoint/workers/sample-image/palette";
import type { View } from "@/lib/local-endpoint/workers/sample-image/view";

/** How long the event loop is kept before pings, stop orders and progress get their turn. */
const SLICE_MS = 12;
/** Pixels that differ from a neighbour by more than this (in the height that colours come from) are sampled again. */
const EDGE = 0.06;
/** Where the further samples of such a pixel lie, in pixels from its centre. */
const EXTRA = [
  [-0.25, -0.25],
  [0.25, -0.25],
  [-0.25, 0.25],
  [0.25, 0.25],
] as const;
/** Points of the set have no height of their own. */
const INSIDE = -1;

/**
 * Render a view to RGB bytes in slices of the event loop.
 * Two passes: one sample per pixel, then four more where the picture is busy. Colours are spread over the heights that
 * really occur, so every place uses the whole palette.
 * @param onProgress 0…1
 * @throws the signal's reason when it aborts.
 */
export async function renderView(
  view: View,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (done: number) => void } = {},
): Promise<Uint8Array> {
  const { width, height } = view;
  const breathe = createBreather(signal);
  const locate = createLocator(view);
  const sampler = createSampler(view.formula, view.iterations, pixelSize(view));
  const sample: Sample = { escape: 0, light: 0 };
  const heights = new Float32Array(width * height);
  const lights = new Float32Array(width * height);
  const take = (column: number, row: number) => {
    sampler(...locate(column, row), sample);
    return sample.escape < 0 ? INSIDE : Math.log2(1 + Math.max(0, sample.escape));
  };

  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      heights[row * width + column] = take(column, row);
      lights[row * width + column] = sample.light;
    }
    onProgress?.((row / height) * 0.5);
    await breathe();
  }

  const paint = createPainter(view, heights);
  const pixels = new Uint8Array(width * height * 3);
  const colour = new Float32Array(3);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = row * width + column;
      colour.fill(0);
      paint(heights[at]!, lights[at]!, colour);
      let samples = 1;
      if (isEdge(heights, width, height, column, row)) {
        for (const [dx, dy] of EXTRA) paint(take(column + dx, row + dy), sample.light, colour);
        samples += EXTRA.length;
      }
      for (let channel = 0; channel < 3; channel++)
        pixels[at * 3 + channel] = toByte(colour[channel]! / samples);
    }
    onProgress?.(0.5 + (row / height) * 0.5);
    await breathe();
  }
  return pixels;
}

/** Zoom 1 shows 3.2 units of the plane on the shorter side. */
const pixelSize = ({ width, height, zoom }: View): number => 3.2 / zoom / Math.min(width, height);

/** Pixel → point of the plane. */
function createLocator(view: View) {
  const { width, height, center, turn } = view;
  const scale = pixelSize(view);
  const cos = Math.cos(turn) * scale;
  const sin = Math.sin(turn) * scale;
  return (column: number, row: number): [number, number] => {
    const x = column - (width - 1) / 2;
    const y = row - (height - 1) / 2;
    return [center[0] + x * cos + y * sin, center[1] + x * sin - y * cos];
  };
}

/** Adds the linear-light colour of one sample to `into`. */
function createPainter(view: View, heights: Float32Array) {
  const palette = PALETTES[view.palette];
  const table = gradientTable(palette);
  const inside = palette.inside.map(toLinear);
  const outside = heights.filter((value) => value !== INSIDE).sort();
  const low = outside[Math.floor(outside.length * 0.01)] ?? 0;
  const high = outside[Math.floor(outside.length * 0.985)] ?? 1;
  const range = Math.max(0.2, high - low);
  return (value: number, light: number, into: Float32Array) => {
    if (value === INSIDE) {
      for (let channel = 0; channel < 3; channel++) into[channel]! += inside[channel]!;
      return;
    }
    const from = gradientOffset((value - low) / range);
    const shade = 0.3 + 0.85 * light * light;
    for (let channel = 0; channel < 3; channel++) into[channel]! += table[from + channel]! * shade;
  };
}

function isEdge(heights: Float32Array, width: number, height: number, column: number, row: number): boolean {
  const at = row * width + column;
  const here = heights[at]!;
  return (
    (column > 0 && Math.abs(heights[at - 1]! - here) > EDGE) ||
    (column < width - 1 && Math.abs(heights[at + 1]! - here) > EDGE) ||
    (row > 0 && Math.abs(heights[at - width]! - here) > EDGE) ||
    (row < height - 1 && Math.abs(heights[at + width]! - here) > EDGE)
  );
}

function createBreather(signal: AbortSignal | undefined) {
  let began = performance.now();
  return async () => {
    signal?.throwIfAborted();
    if (performance.now() - began < SLICE_MS) return;
    await nextTurn();
    signal?.throwIfAborted();
    began = performance.now();
  };
}
