import { describe, expect, it } from "vitest";
import { settingDigest, settingWords, ttlWarning } from "@/components/composer/setting-words";

describe("what the settings will do", () => {
  it.each<[name: string, settings: object, says: RegExp[]]>([
    [
      "nothing set",
      {},
      [/as long as the endpoint allows/, /^24 hours after/, /may start/, /Nobody is called/],
    ],
    [
      "everything set",
      { executionTimeoutMs: 90_000, ttlMs: 600_000, lowPriority: true, webhook: "https://x.example" },
      [/1 minute 30 seconds is stopped/, /^10 minutes after/, /no worker of its own/, /Jobdeck calls/],
    ],
    [
      "a time that is none yet and a blank address",
      { executionTimeoutMs: Number.NaN, webhook: " " },
      [/as long as the endpoint allows/, /^24 hours/, /may start/, /Nobody/],
    ],
  ])("%s", (_name, settings, says) => {
    const words = settingWords(settings, "Jobdeck");
    expect(words).toHaveLength(says.length);
    for (const [index, pattern] of says.entries()) expect(words[index]).toMatch(pattern);
  });

  it("is short on the closed line, and silent when nothing is set", () => {
    expect(settingDigest({})).toBe("");
    expect(settingDigest({ webhook: "https://x", ttlMs: 60_000, lowPriority: true })).toBe(
      "webhook · lives 1 minute · low priority",
    );
  });
});

describe("a time to live that is shorter than the endpoint usually takes", () => {
  const usual = { jobs: 40, medianMs: 20_000, slowMs: 61_400 };
  it.each<[name: string, ttl: unknown, of: typeof usual | undefined, says: RegExp | null]>([
    ["enough for nine of ten", 61_400, usual, null],
    ["not enough for the slow ones", 30_000, usual, /One in ten .* last 40 .* 1 minute 1 second/],
    ["not even for half", 19_999, usual, /Half of .* 20 seconds/],
    ["not set", undefined, usual, null],
    ["no duration yet", Number.NaN, usual, null],
    ["nothing known of the endpoint", 10_000, undefined, null],
  ])("%s", (_name, ttl, of, says) => {
    const warning = ttlWarning(ttl, of);
    if (says) expect(warning).toMatch(says);
    else expect(warning).toBeNull();
  });
});
