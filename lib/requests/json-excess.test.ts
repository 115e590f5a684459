import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findJsonExcess, JSON_MAX } from "@/lib/requests/json-excess";

const nested = (levels: number, inner = "1") => "[".repeat(levels) + inner + "]".repeat(levels);

describe("JSON that is not parsed", () => {
  it.each<[name: string, text: string, words: RegExp | null]>([
    ["200 levels", nested(200), null],
    ["201 levels", nested(201), /deeper than 200 levels/],
    ["201 levels of objects", '{"a":'.repeat(201), /deeper than 200/],
    ["lists beside each other", `[${"[],".repeat(99_000)}1]`, null],
    ["too many of them", `[${"[],".repeat(100_000)}1]`, /100,000 objects and lists/],
    ["a million numbers", `[${"1,".repeat(999_999)}1]`, null],
    ["more of them", `[${"1,".repeat(1_000_000)}1]`, /1,000,000 values/],
    ["brackets within a string", `["${"[".repeat(5000)}"]`, null],
    ["brackets behind an escaped quotation mark", `["${'\\"['.repeat(5000)}"]`, null],
    ["brackets behind an escaped backslash", `["\\\\",${nested(300)}]`, /deeper/],
    ["a string that never ends", `"${"[".repeat(5000)}`, null],
    ["ten million open brackets", "[".repeat(10_000_000), /deeper/],
  ])("%s", (_name, text, words) => {
    const found = findJsonExcess(text);
    if (words) expect(found).toMatch(words);
    else expect(found).toBeNull();
  });

  it("law: what is within the bounds is never refused, whatever its strings hold", () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('"', "\\", "[[", "{", '\\"', "\\\\"));
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: "small" },
        text,
        fc.integer(),
        fc.array(tie("node")),
        fc.dictionary(text, tie("node")),
      ),
    })).node;
    fc.assert(
      fc.property(value, (it) => {
        const padded = JSON.stringify([it, "x".repeat(JSON_MAX.depth)]);
        expect(findJsonExcess(padded)).toBeNull();
        expect(findJsonExcess(`${"[".repeat(201)}${padded}`)).not.toBeNull();
      }),
    );
  });
});
