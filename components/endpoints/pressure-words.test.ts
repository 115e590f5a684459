import { describe, expect, it } from "vitest";
import { holdOf, lateWords, perSecondWords } from "@/components/endpoints/pressure-words";

describe("a rate", () => {
  it.each<[perSecond: number, words: string]>([
    [0, "0"],
    [0.04, "< 0.1"],
    [0.2, "0.2"],
    [3, "3"],
    [9.94, "9.9"],
    [9.96, "10"],
    [189.6, "190"],
    [1234, "1,234"],
  ])("of %s is %s", (perSecond, words) => expect(perSecondWords(perSecond)).toBe(words));
});

describe("what holds an operation back", () => {
  const now = "2026-01-31T12:00:00.000Z";
  const rate = {
    operation: "status" as const,
    perSecond: 12,
    allowedPerSecond: 47.5,
    limitPerSecond: 200,
    pausedUntil: null,
    slowedUntil: null,
  };
  it("is nothing at the full rate", () => expect(holdOf(rate, now).tone).toBe("calm"));
  it("is the rate after a 429, and until when", () =>
    expect(holdOf({ ...rate, slowedUntil: "2026-01-31T12:00:22.300Z" }, now)).toEqual({
      tone: "slowed",
      words: "slowed to 48/s after a 429, full again in 23 s",
    }));
  it("is first of all the pause that the provider asked for", () =>
    expect(
      holdOf(
        { ...rate, pausedUntil: "2026-01-31T12:01:30.000Z", slowedUntil: "2026-01-31T12:00:20.000Z" },
        now,
      ),
    ).toEqual({ tone: "stopped", words: "429: nothing is asked for another 1m 30s" }));
});

describe("a lag", () => {
  it.each<[lateMs: number | null, words: string | undefined, isLate: boolean | undefined]>([
    [null, undefined, undefined],
    [0, "on time", false],
    [999, "on time", false],
    [2_400, "2.4 s late", true],
    [125_000, "2m 05s late", true],
  ])("of %s ms is %s", (lateMs, words, isLate) => {
    expect(lateWords(lateMs)?.words).toBe(words);
    expect(lateWords(lateMs)?.isLate).toBe(isLate);
  });
});
