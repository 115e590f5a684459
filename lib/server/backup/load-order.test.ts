import { expect, it } from "vitest";
import { loadOrder } from "@/lib/server/backup/load-order";

const table = (name: string, ...references: string[]) => ({ name, references });

it("puts each table after those that it references, and is the same whatever came first", () => {
  const tables = [
    table("event", "job"),
    table("job", "workspace", "job", "elsewhere"),
    table("alone"),
    table("workspace"),
  ];
  const names = ["alone", "workspace", "job", "event"];
  expect(loadOrder(tables).map(({ name }) => name)).toEqual(names);
  expect(loadOrder(tables.reverse()).map(({ name }) => name)).toEqual(names);
});

it("says so when there is no such order", () => {
  expect(() => loadOrder([table("a", "b"), table("b", "a"), table("c")])).toThrow("circle: a, b");
});
