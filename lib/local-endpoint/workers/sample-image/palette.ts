type Rgb = readonly [number, number, number];
export type Palette = { inside: Rgb; stops: readonly Rgb[] };

const hex = (text: string): Rgb =>
  [0, 2, 4].map((at) => Number.parseInt(text.slice(at, at + 2), 16)) as unknown as Rgb;
const palette = (inside: string, stops: string): Palette => ({
  inside: hex(inside),
  stops: stops.split(" ").map(hex),
});

/** From far outside the set to its edge. The first and last stops are dark enough for the mirrored repeat to breathe. */
export const PALETTES = {
  ember: palette("0a0608", "14101f 3b1240 7d1d4f c43a3d f0803c fbc96b fff4d2 f0803c 5a1846"),
  ocean: palette("040b14", "071a33 0b3a66 0f6e8c 27a9a0 8fdcc0 f5f3dc e8b86a 8a4b3c 1a2340"),
  aurora: palette("05060f", "0b1026 17306b 1f6f8b 3cc08c b6ef8a fdf6c3 f59fb5 9a4fa8 2a1650"),
  dusk: palette("0b0712", "15132b 30326b 6b5aa8 b98ac9 f2c4c4 ffe9cf f3a870 b4525a 34203f"),
  forest: palette("060a06", "0c1a14 17402b 3b7a3f 9bb44c ecdf8a fff8dc d99b4a 7a4424 1b2418"),
  ink: palette("08090b", "0f1216 23313d 486579 8fa9b5 dfe7e6 ffffff c9b79c 6d5844 17191d"),
} satisfies Record<string, Palette>;

export type PaletteName = keyof typeof PALETTES;

const SIZE = 2048;

/** The gradient as a table of linear-light values: mixing colours and averaging samples is only right in linear light. */
export function gradientTable({ stops }: Palette): Float32Array {
  const table = new Float32Array(SIZE * 3);
  for (let at = 0; at < SIZE; at++) {
    const place = (at / (SIZE - 1)) * (stops.length - 1);
    const left = Math.min(stops.length - 2, Math.floor(place));
    const eased = smooth(place - left);
    for (let channel = 0; channel < 3; channel++) {
      const a = toLinear(stops[left]![channel]!);
      const b = toLinear(stops[left + 1]![channel]!);
      table[at * 3 + channel] = a + (b - a) * eased;
    }
  }
  return table;
}

/** Offset into {@link gradientTable} for `t`; beyond 0 and 1 the gradient runs back and forth. */
export function gradientOffset(t: number): number {
  const wrapped = Math.abs(((((t + 1) % 2) + 2) % 2) - 1);
  return Math.round(wrapped * (SIZE - 1)) * 3;
}

const smooth = (x: number): number => x * x * (3 - 2 * x) * 0.5 + x * 0.5;

export function toLinear(byte: number): number {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

export function toByte(linear: number): number {
  const value = linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.max(0, Math.min(255, Math.round(value * 255)));
}
