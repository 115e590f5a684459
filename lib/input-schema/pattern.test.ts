import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPattern } from "@/lib/input-schema/pattern";

function occurs(source: string, text: string): boolean {
  const read = readPattern(source);
  if (!read.ok) throw new Error(read.message);
  return read.pattern.occursIn(text, { left: 5_000_000 });
}

const SOURCES = [
  ..."^a*$ a+b ^(a|b)*c$ [a-c]{2,3} ^[^a]?b ^(?:ab|a)(?:c|bcd)$ a{0,2}$ ^(a{1,2}b?){2}$ ^$ \\bab\\b \\Ba".split(
    " ",
  ),
  ..."^(?=.*a)(?=.*b).{2,}$ ^(?!a).*$ ^(a*)*$ (a|ab)(c|bcd)? ^\\w+\\s?\\W*$ [\\d\\-x]+$ ^.$ a|^b|c$ ()*a".split(
    " ",
  ),
  ..."(?<n>a)b ^\\u0061\\x62 ^[\\w-]+$ ^(?:(?:a?)?b)+$ a*?b ^\\p{L}+$ [^] []".split(" "),
];

describe("patterns", () => {
  it("agrees with the engine on small texts", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "b", "c", "d", " ", "-", "\n", "é", "🙂"),
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.constantFrom(...SOURCES), text, (source, value) => {
        expect([source, value, occurs(source, value)]).toEqual([
          source,
          value,
          new RegExp(source, "u").test(value),
        ]);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[source: string, message: RegExp]>([
    ["(", /not closed/],
    [")", /not open/],
    ["a**", /repeats/],
    ["*a", /repeats nothing/],
    ["[b-a]", /wrong way round/],
    ["a{3,2}", /wrong way round/],
    ["(?P<n>a)", /JavaScript does not know/],
    ["(?<=a)b", /behind/],
    ["(a)\\1", /refers back/],
    ["\\Z", /\\Z/],
    ["\\p{Nope}", /unknown kind/],
    ["a{1,99999}", /too much/],
    ["((a{1,100}){1,100}){1,100}", /too much/],
    ["(){9999999}", /too much/],
    ["(".repeat(200) + ")".repeat(200), /too deeply/],
    ["a".repeat(5_000), /longer than/],
  ])("says why %s cannot be checked", (source, message) => {
    const read = readPattern(source);
    expect(read.ok ? "" : read.message).toMatch(message);
  });
});
