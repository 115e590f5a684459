/**
 * Two clocks. Real time runs for everything that a client feels at once: run times, round trips, rate windows.
 * Provider time runs `scale` times faster for what takes minutes or days: retention, ttl, the pause between webhook
 * attempts. With scale 60 a retention of 30 minutes is over after 30 seconds.
 */
export type Clock = {
  /** Epoch milliseconds with fractions, never going backwards. */
  now(): number;
  /** Real milliseconds that `providerMs` of provider time last. */
  realMs(providerMs: number): number;
  after(realMs: number, run: () => void): NodeJS.Timeout;
};

export function createClock(scale: number): Clock {
  if (!(scale > 0)) throw new RangeError(`The time scale must be above 0, not ${scale}.`);
  return {
    now: () => performance.timeOrigin + performance.now(),
    realMs: (providerMs) => providerMs / scale,
    after: (realMs, run) => setTimeout(run, Math.min(realMs, 2 ** 31 - 1)),
  };
}
