import { expect, it } from "vitest";
import { notKeptWords } from "@/components/job/output-words";

const MB = 1024 * 1024;

it.each<[bytes: number | null, limit: number | null, words: string]>([
  [312 * MB, 128 * MB, "Output of 312 MB is over this installation's limit of 128 MB"],
  [512 * MB, 128 * MB, "Output of at least 512 MB is over this installation's limit of 128 MB"],
  [312 * MB, null, "Output of 312 MB was larger than this installation kept"],
  [null, null, "The output was larger than this installation kept"],
])("says of %s bytes over %s", (outputBytes, outputLimitBytes, words) =>
  expect(notKeptWords({ outputBytes, outputLimitBytes })).toBe(words),
);
