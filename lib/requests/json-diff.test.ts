import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffJson } from "@/lib/requests/json-diff";

const changes = (before: string, after: string) =>
  diffJson(before, after).changes.map((change) => [change.path, change.before, change.after]);

describe("two inputs", () => {
  it.each<[name: string, before: string, after: string, found: (string | null)[][]]>([
    ["the same in another order and layout", '{"a":1,"b":[1, 2]}', '{ "b": [1,2],\n"a": 1 }', []],
    ["a changed value", '{"a":{"b":1}}', '{"a":{"b":2}}', [["a.b", "1", "2"]]],
    [
      "added and removed",
      '{"a":1}',
      '{"b":null}',
      [
        ["a", "1", null],
        ["b", null, "null"],
      ],
    ],
    ["a number in another spelling", '{"n":1.0}', '{"n":1}', [["n", "1.0", "1"]]],
    ["a text in another spelling", '{"t":"\\u00e9"}', '{"t":"é"}', []],
    ["another kind of value", '{"a":[1]}', '{"a":{"0":1}}', [["a", "[1]", '{"0":1}']]],
    ["an element in the middle", '{"a":[1,2,3]}', '{"a":[1,9,2,3]}', [["a[1]", null, "9"]]],
    ["an element changed in place", '{"a":[1,2,3]}', '{"a":[1,5,3]}', [["a[1]", "2", "5"]]],
    ["an element less", '{"a":[1,2,3]}', '{"a":[2,3]}', [["a[0]", "1", null]]],
    ["a key that is no name", '{"a b":{"":1}}', '{"a b":{"":2}}', [['["a b"][""]', "1", "2"]]],
    ["a key given twice, of which the last counts", '{"a":1,"a":2}', '{"a":2}', []],
    [
      "__proto__ is a key like any other",
      '{"__proto__":{"x":1}}',
      '{"__proto__":{"x":2}}',
      [["__proto__.x", "1", "2"]],
    ],
    ["empty ones", "{}", "{}", []],
  ])("%s", (_name, before, after, found) => expect(changes(before, after)).toEqual(found));

  it("law: nothing differs from itself, however its keys are ordered", () => {
    const turned = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(turned)
        : typeof value === "object" && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, inner]) => [key, turned(inner)]),
            )
          : value;
    fc.assert(
      fc.property(fc.object({ withNullPrototype: false }), (object) => {
        const text = JSON.stringify(object) ?? "{}";
        expect(changes(text, JSON.stringify(turned(JSON.parse(text)), null, 2))).toEqual([]);
      }),
    );
  });

  it("law: what differs is found, and the other way round with the sides exchanged", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const [left, right] = [JSON.stringify({ a }), JSON.stringify({ a: b })];
        const there = changes(left, right);
        expect(there.length > 0).toBe(JSON.stringify(turnedKeys(a)) !== JSON.stringify(turnedKeys(b)));
        const back = changes(right, left).map(([path, before, after]) => [path, after, before]);
        expect(new Set(back.map(String))).toEqual(new Set(there.map(String)));
      }),
    );
  });

  it("is bounded for the deep and for the very different", () => {
    const deep = (n: number, core: string) => `{"a":${"[".repeat(n)}${core}${"]".repeat(n)}}`;
    expect(diffJson(deep(100_000, "1"), deep(100_000, "2")).changes).toHaveLength(1);
    expect(diffJson(deep(100_000, "1"), deep(100_000, "1")).changes).toEqual([]);
    // At each depth the lists differ in length: what is common is looked for without starting over again and again.
    const ragged = (core: string) => `${"[".repeat(50)}${core}${", 1]".repeat(50)}`;
    expect(diffJson(ragged("2"), ragged("[3], 4")).changes.length).toBeGreaterThan(0);
    const shifted = (n: number) =>
      Array.from({ length: 40 }).reduce<string>(
        (text, _, i) => (i % 2 === n ? `[${text}]` : `[0, ${text}]`),
        "1",
      );
    expect(diffJson(shifted(0), shifted(1)).changes.length).toBeGreaterThan(0);
    const many = (from: number) => JSON.stringify(Array.from({ length: 5000 }, (_, i) => i + from));
    const { changes: found, isCut } = diffJson(`{"a":${many(0)}}`, `{"a":${many(1)}}`);
    expect([found.length, isCut]).toEqual([200, true]);
  });
});

function turnedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turnedKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [key, turnedKeys(inner)]);
}
