/**
 * Numbers that are a function of (seed, index), not of the order of calls: job 17 of seed 1 runs equally long for the
 * product and for its peer, however their requests interleave.
 */
export function uniform(seed: number, index: number): number {
  let x = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  for (let round = 0; round < 2; round++) {
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad) >>> 0;
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97) >>> 0;
  }
  return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
}

/** Log-normal by Box-Muller. `sigma` is the deviation of the logarithm; 0 gives the median always. */
export function logNormal(seed: number, index: number, median: number, sigma: number): number {
  const u = Math.max(uniform(seed, index * 2), 1e-12);
  const v = uniform(seed, index * 2 + 1);
  return median * Math.exp(sigma * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v));
}

/** `length` characters that compress badly and need no escaping in JSON. */
export function payload(seed: number, length: number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const block = Array.from(
    { length: Math.min(length, 8192) },
    (_, i) => alphabet[Math.floor(uniform(seed, i) * 64)],
  ).join("");
  return block.repeat(Math.ceil(length / Math.max(block.length, 1))).slice(0, length);
}
