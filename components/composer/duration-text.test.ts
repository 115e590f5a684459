import fc from "fast-check";
import { expect, it } from "vitest";
import { formatDuration, parseDuration } from "@/components/composer/duration-text";

it.each<[text: string, ms: number | null | undefined]>([
  ["", undefined],
  ["   ", undefined],
  ["10 minutes", 600_000],
  ["10m", 600_000],
  ["1h 30m", 5_400_000],
  ["1.5 hours", 5_400_000],
  ["2 days, 4 hours", 187_200_000],
  ["90 S", 90_000],
  ["600000 ms", 600_000],
  ["600000", null],
  ["ten minutes", null],
  ["10 parsecs", null],
  ["-5 s", null],
  ["5 constructor", null],
])("%j means %s ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

it("what is spoken can be typed back", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 7 * 86_400_000 }),
      (ms) => parseDuration(formatDuration(ms)) === ms,
    ),
  );
});
