import { expect, it } from "vitest";
import { progressShare, progressWords } from "@/components/job/progress-value";

it.each<[value: unknown, share: number | null, words: string]>([
  [{ progress: 45 }, 0.45, ""],
  [{ progress: 0 }, 0, ""],
  [0.5, 0.5, ""],
  [1, 0.01, ""],
  [100, 1, ""],
  ["Step 3/12", 0.25, "Step 3/12"],
  ["denoising 40%", 0.4, "denoising 40%"],
  [{ step: 5, total: 20, message: "Sampling" }, 0.25, "Sampling"],
  [{ percent: "80 %" }, 0.8, ""],
  ["loading weights", null, "loading weights"],
  [{ eta: 4 }, null, '{"eta":4}'],
  [250, null, "250"],
  [{ step: 5, total: 0 }, null, '{"step":5,"total":0}'],
  [null, null, "null"],
])("reads %j", (value, share, words) => {
  expect(progressShare(value)).toBe(share);
  expect(progressWords(value)).toBe(words);
});

it.each([
  ["brackets", `${"[".repeat(30_000)}${"]".repeat(30_000)}`],
  ["progress in progress", `${'{"progress":'.repeat(30_000)}1${"}".repeat(30_000)}`],
])("is not thrown by %s that go too deep", (_name, text) => {
  expect(progressShare(JSON.parse(text))).toBeNull();
  expect(progressWords(JSON.parse(text)).length).toBeLessThanOrEqual(200);
});
