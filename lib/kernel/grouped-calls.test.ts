import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { GroupedCalls } from "@/lib/kernel/grouped-calls";

/** Doubles numbers; 13 is refused. */
function doubling() {
  const groups: number[][] = [];
  const calls = new GroupedCalls<number, number>(async (items) => {
    groups.push(items);
    await sleep(2);
    if (items.includes(13)) throw new Error("13 is refused");
    return items.map((item) => item * 2);
  });
  return { calls, groups };
}

it("answers each caller with its own result, in as few groups as callers came at once", async () => {
  const { calls, groups } = doubling();
  const numbers = Array.from({ length: 50 }, (_, i) => 100 + i);
  expect(await Promise.all(numbers.map((n) => calls.call(n)))).toEqual(numbers.map((n) => n * 2));
  expect(groups.length).toBeLessThanOrEqual(2);
  expect(groups.flat()).toEqual(numbers);
});

it("tells a failure to the one whose it is", async () => {
  const { calls } = doubling();
  const answers = await Promise.allSettled([1, 13, 2].map((n) => calls.call(n)));
  expect(answers.map((answer) => (answer.status === "fulfilled" ? answer.value : "refused"))).toEqual([
    2,
    "refused",
    4,
  ]);
  expect(await calls.call(3)).toBe(6);
});

it("tries nobody alone while the database is away", async () => {
  let attempts = 0;
  const calls = new GroupedCalls<number, number>(async () => {
    attempts++;
    throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  });
  const answers = await Promise.allSettled([1, 2, 3, 4].map((n) => calls.call(n)));
  expect(answers.every((answer) => answer.status === "rejected")).toBe(true);
  expect(attempts).toBeLessThanOrEqual(2);
});
