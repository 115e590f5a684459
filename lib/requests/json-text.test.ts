import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inputWarnings, readJsonObject } from "@/lib/requests/json-text";

const messageFor = (text: string): string => {
  const read = readJsonObject(text);
  return read.ok ? "" : read.message;
};

describe("reading an input", () => {
  it.each<[name: string, text: string, words: RegExp]>([
    ["nothing", "", /empty/],
    ["blanks", " \n", /empty/],
    ["a list", "[]", /in braces/],
    ["null", "null", /in braces/],
    ["a number", "1", /in braces/],
    ["a text", '"{}"', /in braces/],
    ["a comma too many", '{"a": 1,}', /line 1, column 9/],
    ["a missing quote on the third line", '{\n  "a": 1,\n  b: 2\n}', /line 3, column 3/],
    ["an end in the middle", '{"a":\n1', /line 2, column 2/],
    ["a comment", '{"a": 1} // why', /line 1, column 10/],
    ["Python", "{'a': True}", /line 1, column 2/],
  ])("says what is wrong with %s, and where", (_name, text, words) =>
    expect(messageFor(text)).toMatch(words),
  );

  it("refuses a million levels of nesting", () => {
    const deep = `{"a":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`;
    expect(messageFor(deep)).toMatch(/nested deeper than 200 levels/);
  });

  it("law: takes every object that JSON.stringify makes, and keeps __proto__ as data", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        expect(readJsonObject(JSON.stringify(object))).toEqual({
          ok: true,
          value: JSON.parse(JSON.stringify(object)),
        });
      }),
    );
    const read = readJsonObject('{"__proto__":{"polluted":1}}');
    expect(read.ok && Object.keys(read.value)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("warnings", () => {
  it.each<[name: string, input: Record<string, unknown>, words: RegExp | null]>([
    ["an ordinary input", { prompt: "x", input: 1 }, null],
    ["an empty input", {}, /lost on the platform/],
    ["a whole body in the place of the input", { input: { prompt: "x" } }, /whole request body/],
    ["a webhook inside", { prompt: "x", webhook: "https://x" }, /webhook does nothing/],
    ["two settings inside", { policy: {}, s3Config: {} }, /policy and s3Config does nothing/],
  ])("%s", (_name, input, words) => {
    const warnings = inputWarnings(input);
    expect(warnings).toHaveLength(words ? 1 : 0);
    if (words) expect(warnings[0]).toMatch(words);
  });
});
