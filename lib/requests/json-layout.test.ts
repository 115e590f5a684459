import fc from "fast-check";
import { expect, it } from "vitest";
import { formatJson, topLevelMembers } from "@/lib/requests/json-layout";

it("formats without changing a spelling, an order or a repetition", () => {
  expect(formatJson('{"b":1.0,"a":[1e3,{"x":{}}, []],"b":"a\\"{,"}')).toBe(
    '{\n  "b": 1.0,\n  "a": [\n    1e3,\n    {\n      "x": {}\n    },\n    []\n  ],\n  "b": "a\\"{,"\n}',
  );
});

it("formatted text means the same, and formatting it again changes nothing", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const formatted = formatJson(text);
      expect(JSON.parse(formatted)).toEqual(JSON.parse(text));
      expect(formatJson(formatted)).toBe(formatted);
    }),
  );
});

it("cuts an object into its members as they were written", () => {
  expect(
    topLevelMembers('{ "input": {"n": 1.0, "s": "},:"}, "policy" : {"ttl": 10000} , "k\\"": "v" }'),
  ).toEqual([
    { key: "input", raw: '{"n": 1.0, "s": "},:"}' },
    { key: "policy", raw: '{"ttl": 10000}' },
    { key: 'k"', raw: '"v"' },
  ]);
});

it("finds no members where there is no object", () => {
  for (const text of ["[1,2]", '"a"', "7", "{}"]) expect(topLevelMembers(text)).toEqual([]);
});

it("the members of any object are its entries", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const members = topLevelMembers(JSON.stringify(value, null, 1));
      expect(members.map(({ key, raw }) => [key, JSON.parse(raw)])).toEqual(
        Object.entries(JSON.parse(JSON.stringify(value))),
      );
    }),
  );
});

it("takes strings of 10 MB, plain or full of escapes", () => {
  for (const piece of ["a", "\\n", '\\"']) {
    const text = `{"image":"${piece.repeat(10_000_000 / piece.length)}"}`;
    expect(topLevelMembers(text)[0]?.raw.length).toBe(text.length - 10);
    expect(formatJson(text).length).toBe(text.length + 5);
  }
});

it("gives up on a text whose layout would fill the memory, soon", () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const before = process.cpuUsage();
  expect(formatJson(deep)).toBe(deep);
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(2_000);
  expect(formatJson("[[]]")).toBe("[\n  []\n]");
});
