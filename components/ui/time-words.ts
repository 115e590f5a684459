/** Pure words for instants and durations. All arguments are milliseconds. */

const STEPS = [
  { unit: "d", ms: 86_400_000 },
  { unit: "h", ms: 3_600_000 },
  { unit: "m", ms: 60_000 },
  { unit: "s", ms: 1000 },
] as const;

/**
 * A duration in its two largest units: `412 ms`, `3.4 s`, `2m 05s`, `1h 20m`, `3d 4h`.
 * Negative values (clocks that disagree) count as zero.
 */
export function durationWords(durationMs: number): string {
  const ms = Math.max(0, Math.round(durationMs));
  if (ms < 1000) return `${ms} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const rounded = Math.round(ms / 1000) * 1000;
  const at = STEPS.findIndex((step) => rounded >= step.ms);
  const big = STEPS[Math.min(Math.max(at, 0), 2)]!;
  const small = STEPS[STEPS.indexOf(big) + 1]!;
  const whole = Math.floor(rounded / big.ms);
  const rest = Math.floor((rounded % big.ms) / small.ms);
  return `${whole}${big.unit} ${small.unit === "s" ? String(rest).padStart(2, "0") : rest}${small.unit}`;
}

/** A running timer: whole seconds, so that digits do not flicker. `0:07`, `12:40`, `3:02:11`. */
export function timerWords(durationMs: number): string {
  const total = Math.max(0, Math.floor(durationMs / 1000));
  const seconds = String(total % 60).padStart(2, "0");
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** `just now`, `12 s ago`, `5 min ago`, `3 h ago`, `2 days ago`, or the same with `in …` for the future. */
export function relativeWords(atMs: number, nowMs: number): string {
  const gap = nowMs - atMs;
  const size = Math.abs(gap);
  if (size < 5000) return "just now";
  const words =
    size < 60_000
      ? `${Math.floor(size / 1000)} s`
      : size < 3_600_000
        ? `${Math.floor(size / 60_000)} min`
        : size < 86_400_000
          ? `${Math.floor(size / 3_600_000)} h`
          : size < 2 * 86_400_000
            ? "1 day"
            : `${Math.floor(size / 86_400_000)} days`;
  return gap >= 0 ? `${words} ago` : `in ${words}`;
}
