import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { GroupWriter } from "@/lib/kernel/group-writer";

it("writes the first item at once and everything that comes meanwhile in one group", async () => {
  const groups: number[][] = [];
  const writer = new GroupWriter<number>(async (items) => {
    groups.push(items);
    await sleep(5);
  });
  const first = writer.add(0);
  await sleep(1);
  await Promise.all([first, ...Array.from({ length: 9 }, (_, i) => writer.add(i + 1))]);
  expect(groups).toEqual([[0], [1, 2, 3, 4, 5, 6, 7, 8, 9]]);
  expect(writer.isBusy).toBe(false);
});

it("never writes two groups at once, and every item exactly once", async () => {
  let open = 0;
  const seen: number[] = [];
  const writer = new GroupWriter<number>(async (items) => {
    expect(++open).toBe(1);
    await sleep(Math.random() * 3);
    seen.push(...items);
    open--;
  });
  await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      await sleep(Math.random() * 20);
      await writer.add(i);
    }),
  );
  expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
});

it("tells a failure to the items of its group only", async () => {
  const writer = new GroupWriter<number>(async (items) => {
    await sleep(2);
    if (items.includes(0)) throw new Error("no");
  });
  const failing = writer.add(0);
  failing.catch(() => {});
  await sleep(1);
  const [first, second] = await Promise.allSettled([failing, writer.add(1)]);
  expect([first.status, second.status]).toEqual(["rejected", "fulfilled"]);
});
