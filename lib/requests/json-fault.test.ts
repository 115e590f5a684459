import fc from "fast-check";
import { expect, it } from "vitest";
import { findJsonFault, lineAndColumn } from "@/lib/requests/json-fault";

const accepts = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

it.each<[text: string, offset: number, expected: string]>([
  ["", 0, "a value"],
  ['{"a": 1,\n "b": }', 15, "a value"],
  ['{"a" 1}', 5, "a colon"],
  ['{"a": 1 "b": 2}', 8, "a comma or }"],
  ['{"a": 1,}', 8, "a name in double quotes"],
  ["{a: 1}", 1, "a name in double quotes"],
  ["[1, 2", 5, "a comma or ]"],
  ["[1,]", 3, "a value"],
  ['{"a": "open}', 12, "a closing double quote"],
  ['{"a": "line\nbreak"}', 11, "a closing double quote"],
  ['{"a": "\\x"}', 7, "a valid escape such as \\n"],
  ["{'a': 1}", 1, "a name in double quotes"],
  ["{} x", 3, "the end"],
  ["[01]", 2, "a comma or ]"],
  ["[tru]", 1, "a value"],
  ["[NaN]", 1, "a value"],
])("%j is wrong at %i, where %s should stand", (text, offset, expected) => {
  expect(findJsonFault(text)).toEqual({ offset, expected });
});

it("finds a fault exactly where JSON.parse refuses", () => {
  const scraps = fc.array(
    fc.constantFrom("{", "}", "[", "]", ",", ":", '"a"', '"', "1", "-", ".", "e", "true", "\\", "\n", " "),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        scraps.map((s) => s.join("")),
      ),
      (text) => (findJsonFault(text) === null) === accepts(text),
    ),
    { numRuns: 2000 },
  );
});

it("damaged documents agree too", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom("", "}", ",", '"', "x", ":"), (text, at, put) => {
      const cut = at % (text.length + 1);
      const damaged = text.slice(0, cut) + put + text.slice(cut + 1);
      return (findJsonFault(damaged) === null) === accepts(damaged);
    }),
    { numRuns: 2000 },
  );
});

it("is not slowed down by depth or length", () => {
  const began = performance.now();
  expect(findJsonFault("[".repeat(1_000_000))).toEqual({ offset: 1_000_000, expected: "a value" });
  expect(findJsonFault(`["${"a".repeat(5_000_000)}`)?.offset).toBe(5_000_002);
  expect(performance.now() - began).toBeLessThan(2000);
});

it("counts lines and columns from one", () => {
  expect(lineAndColumn("ab\ncd", 0)).toEqual({ line: 1, column: 1 });
  expect(lineAndColumn("ab\ncd", 4)).toEqual({ line: 2, column: 2 });
});

it("takes strings of 10 MB, plain or full of escapes", () => {
  for (const piece of ["a", "\\n"]) {
    const text = `["${piece.repeat(10_000_000 / piece.length)}"`;
    expect(findJsonFault(text)).toEqual({ offset: text.length, expected: "a comma or ]" });
  }
});
