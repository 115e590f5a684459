const UNIT_MS = new Map([
  ["ms", 1],
  ...["s", "sec", "second"].map((name) => [name, 1000] as const),
  ...["m", "min", "minute"].map((name) => [name, 60_000] as const),
  ...["h", "hour"].map((name) => [name, 3_600_000] as const),
  ...["d", "day"].map((name) => [name, 86_400_000] as const),
]);

/**
 * "10 minutes", "1h 30m", "90 s", "600000 ms" → milliseconds.
 * @returns undefined for an empty text, null for one that is not a duration. A number without a unit is not: people
 *   mean seconds, programs milliseconds.
 */
export function parseDuration(text: string): number | null | undefined {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === "") return undefined;
  if (!/^(\d+(\.\d+)?\s*[a-z]+[\s,]*)+$/.test(trimmed)) return null;
  let total = 0;
  for (const [, amount, word] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const unit = UNIT_MS.get(word!) ?? UNIT_MS.get(word!.replace(/s$/, ""));
    if (unit === undefined) return null;
    total += Number(amount) * unit;
  }
  return Math.round(total);
}

const SPOKEN = [
  { one: "day", many: "days", ms: 86_400_000 },
  { one: "hour", many: "hours", ms: 3_600_000 },
  { one: "minute", many: "minutes", ms: 60_000 },
  { one: "second", many: "seconds", ms: 1000 },
  { one: "ms", many: "ms", ms: 1 },
] as const;

/** Milliseconds → "1 hour 30 minutes"; the exact inverse of {@link parseDuration}. */
export function formatDuration(ms: number): string {
  const words: string[] = [];
  let rest = ms;
  for (const { one, many, ms: size } of SPOKEN) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(`${count} ${count === 1 ? one : many}`);
  }
  return words.join(" ") || "0 ms";
}
