import { expect, it } from "vitest";
import { durationWords, relativeWords, timerWords } from "@/components/ui/time-words";

it.each<[ms: number, words: string]>([
  [-20, "0 ms"],
  [412, "412 ms"],
  [3400, "3.4 s"],
  [59_949, "59.9 s"],
  [59_990, "1m 00s"],
  [125_000, "2m 05s"],
  [3_599_700, "1h 0m"],
  [4_800_000, "1h 20m"],
  [273_600_000, "3d 4h"],
])("a duration of %i ms reads %s", (ms, words) => expect(durationWords(ms)).toBe(words));

it.each<[ms: number, words: string]>([
  [-1, "0:00"],
  [7900, "0:07"],
  [760_000, "12:40"],
  [10_931_000, "3:02:11"],
])("a timer at %i ms shows %s", (ms, words) => expect(timerWords(ms)).toBe(words));

it.each<[gap: number, words: string]>([
  [0, "just now"],
  [-3000, "just now"],
  [12_000, "12 s ago"],
  [300_000, "5 min ago"],
  [10_800_000, "3 h ago"],
  [100_000_000, "1 day ago"],
  [200_000_000, "2 days ago"],
  [-7_200_000, "in 2 h"],
])("an instant %i ms back reads %s", (gap, words) => expect(relativeWords(1e12 - gap, 1e12)).toBe(words));
