export type Formula = { kind: "mandelbrot" } | { kind: "julia"; c: readonly [number, number] };

/**
 * What happened to one point. Written into a shared object, because a picture asks a million times.
 * - `escape`: iterations until it left, with a smooth fraction; -1 for points that stay
 * - `light`: 0…1, how much the slope of the escape field faces the light from the upper left
 */
export type Sample = { escape: number; light: number };

const BAILOUT = 1e6;
const LIGHT = [Math.SQRT1_2, Math.SQRT1_2] as const;
/** Height of the light over the plane: higher is flatter. */
const LIGHT_HEIGHT = 1.4;

/**
 * Iterate z → z² + c with its derivative, which gives the slope for the shading.
 * Points inside are found early: by formula in the two largest discs, otherwise because their orbit repeats (Brent).
 * @param resolution distance of neighbouring points; an orbit that returns within a thousandth of it repeats.
 */
export function createSampler(
  formula: Formula,
  iterations: number,
  resolution: number,
): (x: number, y: number, out: Sample) => void {
  const same = Math.min(1e-6, resolution * 1e-3);
  const julia = formula.kind === "julia";
  return (x, y, out) => {
    out.escape = -1;
    out.light = 0;
    if (!julia && isInMainDiscs(x, y)) return;
    const cr = julia ? formula.c[0] : x;
    const ci = julia ? formula.c[1] : y;
    let zr = x;
    let zi = y;
    let dr = 1;
    let di = 0;
    const grows = julia ? 0 : 1; // the derivative is taken along c for Mandelbrot and along z for Julia
    let rememberedR = zr;
    let rememberedI = zi;
    let rememberAt = 8;
    for (let n = 0; n < iterations; n++) {
      const rr = zr * zr;
      const ii = zi * zi;
      const size = rr + ii;
      if (size > BAILOUT) {
        out.escape = n + 1 - Math.log2(Math.log2(size) / 2);
        // The gradient of |z| is z / dz up to a positive factor.
        const square = dr * dr + di * di;
        const ur = (zr * dr + zi * di) / square;
        const ui = (zi * dr - zr * di) / square;
        const length = Math.hypot(ur, ui) || 1;
        const facing = (-ur * LIGHT[0] + ui * LIGHT[1]) / length;
        out.light = Math.max(0, (facing + LIGHT_HEIGHT) / (1 + LIGHT_HEIGHT));
        return;
      }
      const nextDr = 2 * (zr * dr - zi * di) + grows;
      di = 2 * (zr * di + zi * dr);
      dr = nextDr;
      zi = 2 * zr * zi + ci;
      zr = rr - ii + cr;
      if (Math.abs(zr - rememberedR) < same && Math.abs(zi - rememberedI) < same) return;
      if (n === rememberAt) {
        rememberedR = zr;
        rememberedI = zi;
        rememberAt *= 2;
      }
    }
  };
}

/** The cardioid and the disc left of it. */
function isInMainDiscs(x: number, y: number): boolean {
  const yy = y * y;
  const q = (x - 0.25) * (x - 0.25) + yy;
  return q * (q + (x - 0.25)) <= 0.25 * yy || (x + 1) * (x + 1) + yy <= 0.0625;
}
