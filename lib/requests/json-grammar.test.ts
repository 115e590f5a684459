import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonGrammar } from "@/lib/requests/json-grammar";

function accepts(text: string, step = 7): boolean {
  const grammar = new JsonGrammar();
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += step) grammar.push(bytes.subarray(i, i + step));
  return grammar.end();
}
function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("JSON that comes in pieces", () => {
  it("law: every value that JSON.stringify writes is accepted, however it is cut", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), fc.integer({ min: 1, max: 9 }), (value, indent, step) => {
        expect(accepts(JSON.stringify(value, null, indent), step)).toBe(true);
      }),
    );
  });

  it("law: it agrees with JSON.parse about texts that are almost JSON", () => {
    const piece = fc.constantFrom(
      ...'{ } [ ] , : " \\ 0 1 -1 - + . 1. .5 0.5 01 1e5 1E+ e-2 true tru false null nul "a" "\\n" "\\x" "\\u00e9" "\\u00" \n \t "é" \u0001'.split(
        " ",
      ),
      " ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 7 }), fc.integer({ min: 1, max: 5 }), (pieces, step) => {
        const text = pieces.join("");
        expect([text, accepts(text, step)]).toEqual([text, parses(text)]);
      }),
      { numRuns: 5000 },
    );
  });

  it.each<[text: string, isJson: boolean]>([
    ["", false],
    [" ", false],
    ["-", false],
    ["1 2", false],
    ["[1,]", false],
    ['{"a":1,}', false],
    ['{"a" 1}', false],
    ["{]", false],
    ["[}", false],
    ['"\u0000"', false],
    ['{"a":{"b":[{}]}} ', true],
  ])("%j", (text, isJson) => expect(accepts(text)).toBe(isJson));

  it("does not mind a million levels", () => {
    const deep = (open: string, close: string) => open.repeat(1_000_000) + close.repeat(1_000_000);
    expect(accepts(deep("[", "]"), 65_536)).toBe(true);
    expect(accepts(`[${deep("[", "]")}`, 65_536)).toBe(false);
    expect(accepts(`${'{"a":'.repeat(500_000)}1${"}".repeat(500_000)}`, 65_536)).toBe(true);
  });
});
