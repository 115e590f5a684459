import { expect, it } from "vitest";
import { alternate, mean, median, percentile, spread } from "@/bench/report";

it("alternates product and peer", async () => {
  const order: string[] = [];
  const side = (name: string) => async (round: number) => {
    order.push(`${name}${round}`);
    return round;
  };
  const rounds = await alternate(2, side("A"), side("B"));
  expect(order).toEqual(["A0", "B0", "A1", "B1"]);
  expect(rounds).toEqual([
    { product: 0, peer: 0 },
    { product: 1, peer: 1 },
  ]);
});

it.each([
  ["of an odd number is the middle", [3, 1, 2], 2],
  ["of an even number is between the middle two", [4, 1, 2, 3], 2.5],
  ["of nothing is not a number", [], NaN],
])("the median %s", (_name, values, expected) => expect(median(values)).toBe(expected));

it("reports percentiles that were really seen", () => {
  expect(percentile([5, 1, 3], 0.5)).toBe(3);
  expect(percentile([5, 1, 3], 1)).toBe(5);
  expect(percentile([5, 1, 3], 0)).toBe(1);
});

it("shows how much the rounds wandered", () => {
  expect(spread([10, 14, 12])).toEqual({ median: 12, least: 10, most: 14 });
  expect(mean([1, 3])).toBe(2);
});
