import { describe, expect, it } from "vitest";
import { Callbacks } from "@/lib/collector/callbacks";

const ids = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `job-${from + i}`);
const all = async (jobIds: string[]) => new Set(jobIds);
const none = async () => new Set<string>();

describe("whether callbacks work", () => {
  it("is not believed before any came", () => expect(new Callbacks().work).toBe(false));

  it("is believed when most jobs that ended were announced, and no longer when none are", async () => {
    const callbacks = new Callbacks();
    callbacks.ended(ids(10), 0);
    await callbacks.judge(10_000, all);
    expect(callbacks.work).toBe(true);
    callbacks.ended(ids(10, 10), 20_000);
    await callbacks.judge(30_000, none);
    expect(callbacks.work).toBe(false);
  });

  it("gives callbacks time: an end is judged after five seconds, once", async () => {
    const callbacks = new Callbacks();
    const asked: string[][] = [];
    const note = async (jobIds: string[]) => {
      asked.push(jobIds);
      return new Set(jobIds);
    };
    callbacks.ended(["early"], 10_000);
    callbacks.ended(["late"], 13_000);
    await callbacks.judge(14_999, note);
    expect(asked).toEqual([]);
    await callbacks.judge(15_000, note);
    await callbacks.judge(30_000, note);
    await callbacks.judge(40_000, note);
    expect(asked).toEqual([["early"], ["late"]]);
  });

  it("asks about at most 200 at a time, the newest", async () => {
    const callbacks = new Callbacks();
    callbacks.ended(ids(500), 0);
    let asked: string[] = [];
    await callbacks.judge(60_000, async (jobIds) => {
      asked = jobIds;
      return new Set();
    });
    expect(asked).toEqual(ids(200, 300));
  });
});
